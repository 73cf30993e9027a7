package dev.varve.offload.tenancy;

import dev.varve.store.ChunkKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/** What the records of a journal amount to. For one thread. */
final class JournalReading implements Consumer<JournalRecord> {

  private final Expiries expiries;
  private final Map<Long, PinRecord> pins = new TreeMap<>();
  private final List<EraseScope> erasing = new ArrayList<>();
  private final Set<ChunkKey> doomed = new LinkedHashSet<>();

  /**
   * @param expiries receives the times of chunks
   */
  JournalReading(Expiries expiries) {
    this.expiries = expiries;
  }

  @Override
  public void accept(JournalRecord record) {
    switch (record) {
      case JournalRecord.Expires(ChunkKey key, long at, boolean handedOn) ->
          expiries.setWritten(key, at, handedOn);
      case JournalRecord.Pinned(PinRecord pin) -> pins.put(pin.id(), pin);
      case JournalRecord.Unpinned(long id) -> pins.remove(id);
      case JournalRecord.Erasing(EraseScope scope) -> erasing.add(scope);
      case JournalRecord.Erased() -> erasing.clear();
      case JournalRecord.Doomed(ChunkKey key) -> doomed.add(key);
      case JournalRecord.Gone(ChunkKey key) -> doomed.remove(key);
    }
  }

  Collection<PinRecord> pins() {
    return pins.values();
  }

  /** Erasures that were cut off. */
  List<EraseScope> erasing() {
    return erasing;
  }

  /** Chunks that were erased while a session of the process before held them. */
  Set<ChunkKey> doomed() {
    return doomed;
  }
}
