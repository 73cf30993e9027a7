package dev.varve.sdk.internal.reading;

import dev.varve.attention.index.DamagedIndexException;
import dev.varve.attention.index.IndexInput;
import dev.varve.attention.index.IndexOutput;
import dev.varve.attention.index.KeySpan;
import dev.varve.attention.index.StepQueries;
import dev.varve.attention.index.StoredIndex;
import dev.varve.attention.index.TokenIndex;
import dev.varve.attention.policy.PrefixPolicy;
import dev.varve.attention.policy.SelectorPolicy;
import dev.varve.attention.select.Selection;
import dev.varve.attention.select.StepSelector;
import dev.varve.store.BlockGeometry;
import dev.varve.store.LayerShape;
import dev.varve.store.kernel.Backend;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;

/**
 * The index of one layer of one session over its sealed blocks, and the selector that asks it.
 * Blocks are appended in order; a block that would leave a gap is passed over, and the index is
 * behind until somebody shows the one that it waits for. For one thread at a time.
 */
final class LayerIndex {

  private static final int[] NO_IDS = {};

  private final SelectorPolicy policy;
  private final LayerShape shape;
  private final BlockGeometry geometry;
  private final int layer;
  private final Backend backend;
  private final ReadingCounters counters;
  private final StepQueries queries;
  private final NearKeys near;
  private TokenIndex index;
  private StepSelector selector;
  private long counted;

  LayerIndex(
      SelectorPolicy policy,
      LayerShape shape,
      BlockGeometry geometry,
      int layer,
      Backend backend,
      ReadingCounters counters) {
    this(policy, shape, geometry, layer, backend, counters, new NearKeys(geometry));
  }

  private LayerIndex(
      SelectorPolicy policy,
      LayerShape shape,
      BlockGeometry geometry,
      int layer,
      Backend backend,
      ReadingCounters counters,
      NearKeys near) {
    this.policy = policy;
    this.shape = shape;
    this.geometry = geometry;
    this.layer = layer;
    this.backend = backend;
    this.counters = counters;
    this.near = near;
    this.queries = new StepQueries(shape);
    this.index = policy.index(shape, backend);
    this.selector = policy.open(shape, layer, index);
  }

  int layer() {
    return layer;
  }

  BlockGeometry geometry() {
    return geometry;
  }

  LayerShape shape() {
    return shape;
  }

  /** Whether a choice among the first {@code sealed} tokens can be made. */
  boolean covers(int sealed) {
    return policy instanceof PrefixPolicy ? index.complete() : index.appended() >= sealed;
  }

  /** Whether the block at {@code position} is the one that it waits for. */
  boolean awaits(int position) {
    return !(policy instanceof PrefixPolicy)
        && index.appended() >= position
        && index.appended() < position + geometry.tokens();
  }

  /**
   * Adds the keys of a whole block that it {@link #awaits}.
   *
   * @param position of its first token
   * @param tokenIds of its tokens
   */
  void append(MemorySegment block, int position, int[] tokenIds) {
    int from = index.appended() - position;
    KeySpan keys =
        index.borrowsKeys() ? near.add(block) : KeySpan.of(block, geometry, geometry.tokens());
    int[] ids = tokenIds;
    if (from > 0) {
      keys = keys.slice(from, geometry.tokens() - from);
      ids = Arrays.copyOfRange(tokenIds, from, tokenIds.length);
    }
    selector.append(keys, ids);
    count();
  }

  /** Chooses for a step; valid until the next. */
  Selection select(float[] packed, int position, int tokens) {
    return selector.select(queries.set(packed, 0, position, tokens));
  }

  /**
   * The natural logarithm of what the last step's query of a head missed at most; NaN if unknown.
   */
  double logRestBound(int queryHead, Selection read) {
    int to = Math.min(read.tokens(), index.tokens());
    return to == 0
        ? Double.NaN
        : index.logRestBound(queries, queryHead, read.set(shape.kvHeadOf(queryHead)), 0, to);
  }

  /** Serves from another index from now on. */
  void serve(StoredIndex built) {
    index = built;
    selector = policy.open(shape, layer, built);
    count();
  }

  /** Forgets what lies behind the first {@code tokens}, a whole number of blocks. */
  void truncate(int tokens) {
    if (tokens < index.appended()) {
      selector.truncate(tokens);
      near.truncate(tokens / geometry.tokens());
      count();
    }
  }

  /** The same index for a session with the same blocks; empty where it cannot be copied. */
  LayerIndex fork() {
    LayerIndex copy =
        new LayerIndex(policy, shape, geometry, layer, backend, counters, near.fork());
    if (index instanceof StoredIndex from
        && from.storable()
        && copy.index instanceof StoredIndex to
        && (index.complete() || index.appended() > 0)) {
      IndexOutput out = new IndexOutput();
      from.write(out);
      to.restore(new IndexInput(out.toBytes()));
    } else if (index.borrowsKeys()) {
      for (int block = 0; block < near.count(); block++) {
        copy.selector.append(near.span(block), NO_IDS);
      }
    }
    copy.count();
    return copy;
  }

  /** Tokens that what {@link #write} gives would cover; 0 if there is nothing to store. */
  int storable() {
    return index instanceof StoredIndex stored && stored.storable() ? index.appended() : 0;
  }

  /** What is kept of the first {@code tokens}; empty if the index cannot be cut there. */
  Optional<byte[]> write(int tokens) {
    if (storable() > tokens) {
      LayerIndex cut = fork();
      cut.truncate(tokens);
      Optional<byte[]> bytes = cut.write(tokens);
      cut.close();
      return bytes;
    }
    if (storable() < tokens || !(index instanceof StoredIndex stored)) {
      return Optional.empty();
    }
    IndexOutput out = new IndexOutput();
    stored.write(out);
    return Optional.of(out.toBytes());
  }

  /**
   * The index that {@link #write} gave, of this layer and of {@code tokens} tokens.
   *
   * @throws DamagedIndexException if the bytes are no such index
   */
  StoredIndex read(byte[] bytes, int tokens) {
    if (!(policy.index(shape, backend) instanceof StoredIndex stored)) {
      throw new DamagedIndexException("the index belongs to a policy that stores none");
    }
    IndexInput in = new IndexInput(bytes);
    stored.restore(in);
    in.finish();
    if (stored.appended() != tokens) {
      throw new DamagedIndexException(
          "the index is damaged: it holds %d tokens, its prefix has %d"
              .formatted(stored.appended(), tokens));
    }
    return stored;
  }

  private void count() {
    long bytes = index.bytes() + near.bytes();
    counters.indexBytes(bytes - counted);
    counted = bytes;
  }

  /** Its memory is no longer counted. */
  void close() {
    counters.indexBytes(-counted);
    counted = 0;
  }
}
