package dev.varve.sidecar.events;

import dev.varve.store.ChunkKey;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which stored chunks were announced under which of an engine's hashes, so that it can be told when
 * they are gone. A hash that several tenants put is gone with the last of its chunks. Of more than
 * {@link #MOST} chunks the ones announced first are passed over. In memory: what was announced
 * before a restart is not known. Thread-safe.
 */
public final class AnnouncedBlocks {

  /** Some 50 MiB of heap. */
  static final int MOST = 1 << 18;

  private final KvEvents events;
  private final int most;
  private final Map<ChunkKey, Long> hashes = new LinkedHashMap<>();
  private final Map<Long, Integer> chunks = new HashMap<>();

  /**
   * @param events is told
   */
  public AnnouncedBlocks(KvEvents events) {
    this(events, MOST);
  }

  AnnouncedBlocks(KvEvents events, int most) {
    this.events = events;
    this.most = most;
  }

  /** Notes that a chunk was announced under a hash. */
  synchronized void announced(ChunkKey chunk, long hash) {
    Long before = hashes.put(chunk, hash);
    if (before != null) {
      leave(before);
    }
    chunks.merge(hash, 1, Integer::sum);
    if (hashes.size() > most) {
      Iterator<Long> oldest = hashes.values().iterator();
      leave(oldest.next());
      oldest.remove();
    }
  }

  /** Tells that a chunk is gone, if it was announced and its hash has no other. */
  public void forgotten(ChunkKey chunk) {
    boolean gone;
    Long hash;
    synchronized (this) {
      hash = hashes.remove(chunk);
      gone = hash != null && leave(hash);
    }
    if (gone) {
      events.publish(List.of(new KvEvent.BlockRemoved(List.of(hash))));
    }
  }

  /** Returns whether no chunk is left. */
  private boolean leave(long hash) {
    return chunks.computeIfPresent(hash, (_, count) -> count == 1 ? null : count - 1) == null;
  }
}
