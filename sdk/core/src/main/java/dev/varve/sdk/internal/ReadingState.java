package dev.varve.sdk.internal;

import dev.varve.attention.RaggedAttention;
import dev.varve.sdk.ReadingStats;
import dev.varve.sdk.internal.memory.RowSource;
import dev.varve.sdk.internal.reading.ReadingCounters;
import dev.varve.sdk.internal.reading.SessionReader;
import dev.varve.store.Chunk;
import dev.varve.store.Fingerprint;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * How one session reads, and from where on its tokens were computed from a choice of what came
 * before them. Without a policy all of it does nothing. For one thread at a time.
 */
final class ReadingState implements AutoCloseable {

  private final Optional<SessionReader> reader;
  private final int span;
  private int approximateFrom = Integer.MAX_VALUE;

  /**
   * @param span tokens of a block
   */
  ReadingState(Optional<SessionReader> reader, int span) {
    this.reader = reader;
    this.span = span;
  }

  /**
   * Attends what the policy chooses.
   *
   * @param queries of {@code tokens} tokens behind the first {@code length}
   * @return false if everything is to be read
   */
  boolean attend(
      int layer,
      float[] queries,
      int length,
      int tokens,
      List<Chunk> sealed,
      OpenTail tail,
      float[] out) {
    if (reader.isEmpty()) {
      return false;
    }
    SessionReader little = reader.get();
    little.note(layer, queries, length, tokens);
    boolean chosen = little.chooses(layer, queries, length, tokens, sealed.size() * span);
    if (chosen) {
      little.attend(layer, sealed, tail, queries, length, tokens, out);
    }
    return chosen;
  }

  /** Whether a policy may choose what is read. */
  boolean mayChoose() {
    return reader.isPresent();
  }

  /** Shows {@code attention}, beside the rows that are held, what is chosen of what is parked. */
  void attendParked(
      int layer,
      RaggedAttention attention,
      RowSource held,
      List<Chunk> parked,
      int[] ids,
      float[] queries,
      int length,
      int tokens) {
    if (reader.isPresent()) {
      reader
          .get()
          .attendParked(layer, attention, held, tokens, parked, ids, queries, length, tokens);
    }
  }

  /** A whole sealed block of {@code layer} is at hand. */
  void show(int layer, MemorySegment block, int position, int[] ids) {
    if (reader.isPresent()) {
      reader.get().show(layer, block, position, ids);
    }
  }

  /** A step of tokens behind the first {@code length} is committed. */
  void stepEnds(int length) {
    if (reader.isPresent() && reader.get().stepOver()) {
      approximateFrom = Math.min(approximateFrom, length);
    }
  }

  /** The step is undone. */
  void abort() {
    if (reader.isPresent()) {
      reader.get().stepOver();
    }
  }

  /** A prompt has ended at {@code length}. */
  void promptEnded(Supplier<RowSource> rows, int length) {
    if (reader.isPresent()) {
      reader.get().promptEnded(rows.get(), length);
    }
  }

  /** Queries at the end of a prompt that must be seen. */
  int queriesWanted() {
    return reader.isPresent() ? reader.get().queriesWanted() : 0;
  }

  /**
   * Identities of the chunks of a session of {@code length} tokens, from the first to those that it
   * is going to seal.
   */
  ChainLineages lineages(Fingerprint lineage, int length) {
    if (approximateFrom >= length) {
      return ChainLineages.all(lineage);
    }
    long code = reader.orElseThrow().reading().code();
    return new ChainLineages(lineage, approximateFrom / span, OptionalLong.of(code));
  }

  /** What a session of {@code length} tokens holds was computed as a saved one says. */
  void restore(ChainLineages lineages, int length) {
    int exact = lineages.exactBlocks() * span;
    if (lineages.code().isPresent() && exact < length) {
      approximateFrom = exact;
    }
  }

  /** Keeps the index beside the exact front of {@code sealed}, and beside all of it. */
  void persist(List<Chunk> sealed) {
    if (reader.isPresent()) {
      reader.get().persist(sealed, Math.min(sealed.size(), approximateFrom / span));
      reader.get().persist(sealed, sealed.size());
    }
  }

  /** Chunks were taken over. */
  void adopted(List<Chunk> sealed) {
    if (reader.isPresent()) {
      reader.get().restore(sealed);
    }
  }

  /** Forgets the tokens from {@code length} on, of which {@code sealed} blocks were sealed. */
  void truncate(int length, int sealed) {
    approximateFrom = length <= approximateFrom ? Integer.MAX_VALUE : approximateFrom;
    if (reader.isPresent()) {
      reader.get().truncate(Math.min(length / span, sealed) * span);
    }
  }

  ReadingState fork() {
    ReadingState copy = new ReadingState(reader.map(SessionReader::fork), span);
    copy.approximateFrom = approximateFrom;
    return copy;
  }

  /** What was read so far. */
  ReadingStats stats() {
    return reader.map(SessionReader::counters).orElseGet(ReadingCounters::new).stats();
  }

  @Override
  public void close() {
    reader.ifPresent(SessionReader::close);
  }
}
