package dev.varve.attention;

import dev.varve.compression.EncodedHeads;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Checks;
import dev.varve.store.LayerShape;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Causal attention of one layer for several members at once, each a chunk of consecutive tokens of
 * its own session. A block that neighbouring members have in common is handed over once for all of
 * them: it is read once, and the queries of all of them pass over it stacked (Juravsky et al.,
 * Hydragen, 2024; Zhu et al., RelayAttention, 2024). Members whose sessions branch from each other
 * stand in the order of the branches, so that whoever shares a block is a range of members, at
 * every depth of the tree.
 *
 * <pre>
 *  start(shape, members, tokens)   add(...) for each member
 *  while more, ascending for each member: addBlock(block, geometry, first, n, fromMember, toMember)
 *  finish(member, ...) for each member
 * </pre>
 *
 * <p>The token at position {@code p} of its session sees the positions {@code firstVisible(p)} to
 * {@code p}; query head {@code h} reads KV head {@code h / group}. Each query makes exactly one
 * partial per block, and its partials are folded in block order, whoever else reads the block: so a
 * member's output has the bits that {@link ExactAttention} gives it alone. Reusable and for one
 * thread at a time; allocates only when a call is larger than every call before.
 */
public final class SharedPrefixAttention {
  /** More queries than this do not gain from sharing a row, but would need scratch for scores. */
  private static final int MAX_TILE_QUERIES = 1024;

  private final AttentionKernel kernel;
  private final AttentionTile tile = new AttentionTile();
  private final PartialFold fold = new PartialFold();
  private final QueryChunk chunk = new QueryChunk();
  private @Nullable HeadScratch scratch;
  private float[] o = {};
  private float[] lse = {};
  private int members;
  private int added;

  /** First token of each member, and behind the last one the end. */
  private int[] tokenFrom = {0};

  private int[] handedTo = {};
  private int[] coveredTo = {};
  private int[] missingFrom = {};

  /** Attention through {@code kernel}, which belongs to this object from now on. */
  public SharedPrefixAttention(AttentionKernel kernel) {
    this.kernel = Objects.requireNonNull(kernel, "kernel");
  }

  /**
   * Begins, and forgets what was before.
   *
   * @param shape the layer
   * @param members how many
   * @param tokens of all members together
   */
  public void start(LayerShape shape, int members, int tokens) {
    Checks.inRange(members, 1, Checks.positive(tokens, "tokens"), "members");
    chunk.begin(shape, tokens);
    fold.start(chunk.queries(), shape.valueDim());
    this.members = members;
    this.added = 0;
    if (handedTo.length < members) {
      tokenFrom = new int[members + 1];
      handedTo = new int[members];
      coveredTo = new int[members];
      missingFrom = new int[members];
    }
    Arrays.fill(handedTo, 0, members, 0);
    Arrays.fill(missingFrom, 0, members, -1);
  }

  /**
   * Adds the next member. The queries are copied.
   *
   * @param queries {@code [tokens][queryHeads][keyDim]} from {@code offset}, positions already in
   * @param offset where its first query begins
   * @param firstPosition position of its first token
   * @param tokens tokens of the member
   */
  public void add(float[] queries, int offset, int firstPosition, int tokens) {
    LayerShape shape = chunk.shape();
    if (added == members) {
      throw new IllegalStateException("all " + members + " members were added");
    }
    chunk.add(queries, offset, firstPosition, tokens);
    coveredTo[added] = shape.firstVisible(firstPosition);
    tokenFrom[++added] = chunk.added();
  }

  /**
   * Whether any token of {@code member} sees any of the {@code tokens} positions from {@code
   * firstTokenPosition}. A block that no member needs need not be fetched.
   */
  public boolean needs(int member, int firstTokenPosition, int tokens) {
    LayerShape shape = chunk.shape();
    Objects.checkIndex(member, added);
    int firstVisible = shape.firstVisible(chunk.position(tokenFrom[member]));
    return tokens > 0
        && firstTokenPosition < end(member)
        && (long) firstTokenPosition + tokens > firstVisible;
  }

  private int end(int member) {
    return chunk.position(tokenFrom[member + 1] - 1) + 1;
  }

  /**
   * Has the members {@code [fromMember, toMember)} attend to the first {@code tokens} tokens of a
   * block, which is part of the sequence of each of them. The block is not kept.
   *
   * @param block at least {@code geometry.bytes()} bytes
   * @param geometry where its keys and values lie
   * @param firstTokenPosition position of its first token
   * @param tokens tokens that it holds, at most {@code geometry.tokens()}
   * @throws IllegalArgumentException if the geometry is not that of the layer, or the block begins
   *     before the end of the last block of one of the members
   */
  public void addBlock(
      MemorySegment block,
      BlockGeometry geometry,
      int firstTokenPosition,
      int tokens,
      int fromMember,
      int toMember) {
    LayerShape shape = chunk.shape();
    check(geometry, firstTokenPosition, tokens, fromMember, toMember);
    if (block.byteSize() < geometry.bytes()) {
      throw new IllegalArgumentException(
          "a block needs " + geometry.bytes() + " bytes but has " + block.byteSize());
    }
    if (!covers(firstTokenPosition, tokens, fromMember, toMember)) {
      return;
    }
    tile.shape(geometry, shape.scale(), shape.logitSoftCap());
    for (int head = 0; head < shape.kvHeads(); head++) {
      attend(block, head, head, firstTokenPosition, tokens, fromMember, toMember);
    }
  }

  /**
   * The same for an encoded block, head by head: no more than the rows of one head exist decoded at
   * a time, once for all members. Outputs are those over rows that were not rounded to the block's
   * element type.
   *
   * @param shown turned to a payload; borrowed during the call
   */
  public void addEncoded(EncodedHeads shown, int firstTokenPosition, int fromMember, int toMember) {
    LayerShape shape = chunk.shape();
    int tokens = shown.tokens();
    check(shown.geometry(), firstTokenPosition, tokens, fromMember, toMember);
    if (!covers(firstTokenPosition, tokens, fromMember, toMember)) {
      return;
    }
    int from = tokens;
    int to = 0;
    for (int t = tokenFrom[fromMember]; t < tokenFrom[toMember]; t++) {
      from = Math.min(from, chunk.visibleFrom(t, firstTokenPosition, tokens));
      to = Math.max(to, chunk.visibleTo(t, firstTokenPosition, tokens));
    }
    if (scratch == null || !scratch.fits(shown.geometry())) {
      scratch = new HeadScratch(shown.geometry());
    }
    tile.shape(scratch.geometry(), shape.scale(), shape.logitSoftCap());
    for (int head = 0; head < shape.kvHeads(); head++) {
      MemorySegment rows = scratch.fill(shown, head, from, to);
      attend(rows, 0, head, firstTokenPosition, tokens, fromMember, toMember);
    }
  }

  /**
   * Notes that the members {@code [fromMember, toMember)} attend to these tokens elsewhere: in the
   * place of a block that is handed over. {@link #merge} brings what came of it.
   *
   * @throws IllegalArgumentException as {@link #addBlock} does
   */
  public void addElsewhere(int firstTokenPosition, int tokens, int fromMember, int toMember) {
    checkOrder(firstTokenPosition, fromMember, toMember);
    Checks.positive(tokens, "tokens");
    covers(firstTokenPosition, tokens, fromMember, toMember);
  }

  /**
   * Folds in what tokens of a member got over all that it attended elsewhere.
   *
   * @param fromToken first of those tokens in the member
   * @param count tokens
   * @param outputs {@code [count][queryHeads][valueDim]}
   * @param lses {@code [count][queryHeads]}, natural; minus infinity where nothing was attended
   */
  public void merge(int member, int fromToken, int count, float[] outputs, float[] lses) {
    LayerShape shape = chunk.shape();
    Objects.checkIndex(member, added);
    Objects.checkFromIndexSize(fromToken, count, tokenFrom[member + 1] - tokenFrom[member]);
    int heads = shape.queryHeads();
    Objects.checkFromIndexSize(0, (long) count * heads * shape.valueDim(), (long) outputs.length);
    Objects.checkFromIndexSize(0, count * heads, lses.length);
    int from = (tokenFrom[member] + fromToken) * heads;
    for (int q = 0; q < count * heads; q++) {
      fold.add(chunk.packedIndex(from + q), lses[q], outputs, q * shape.valueDim());
    }
  }

  /** Notes what was handed over; false if no query needs it. */
  private boolean covers(int first, int tokens, int fromMember, int toMember) {
    boolean needed = false;
    for (int member = fromMember; member < toMember; member++) {
      handedTo[member] = Math.addExact(first, tokens);
      if (!needs(member, first, tokens)) {
        continue;
      }
      needed = true;
      if (first > coveredTo[member] && missingFrom[member] < 0) {
        missingFrom[member] = coveredTo[member];
      }
      coveredTo[member] = handedTo[member];
    }
    return needed;
  }

  /** All queries of {@code head} over its rows, which are those of {@code place} in the block. */
  private void attend(
      MemorySegment block, int place, int head, int first, int rows, int fromMember, int toMember) {
    int most = Math.max(1, MAX_TILE_QUERIES / chunk.shape().group());
    int end = tokenFrom[toMember];
    for (int t = tokenFrom[fromMember]; t < end; ) {
      int from = chunk.visibleFrom(t, first, rows);
      int to = chunk.visibleTo(t, first, rows);
      int next = t + 1;
      while (next < Math.min(end, t + most)
          && chunk.visibleFrom(next, first, rows) == from
          && chunk.visibleTo(next, first, rows) == to) {
        next++;
      }
      if (to > from) {
        tile.rows(block, place, from, to - from);
        attend(head, t, next);
      }
      t = next;
    }
  }

  /** The queries of {@code head} of the tokens [t, next) over the rows of the tile. */
  private void attend(int head, int t, int next) {
    LayerShape shape = chunk.shape();
    int queries = (next - t) * shape.group();
    if (lse.length < queries) {
      lse = new float[queries];
    }
    if (o.length < queries * shape.valueDim()) {
      o = new float[queries * shape.valueDim()];
    }
    int first = chunk.index(head, t);
    tile.queries(chunk.packed(), first * shape.keyDim(), queries).results(o, 0, lse, 0);
    kernel.attend(tile);
    for (int q = 0; q < queries; q++) {
      fold.add(first + q, lse[q], o, q * shape.valueDim());
    }
  }

  /**
   * Writes the outputs of a member whose every visible token was handed over.
   *
   * @param out {@code [tokens][queryHeads][valueDim]} from {@code offset}
   * @param offset where the first output goes
   * @throws IllegalStateException if a visible position was in no block; names the first one
   */
  public void finish(int member, float[] out, int offset) {
    int dim = chunk.shape().valueDim();
    Objects.checkIndex(member, added);
    int missing = missingFrom[member] >= 0 ? missingFrom[member] : coveredTo[member];
    if (missing < end(member)) {
      throw new IllegalStateException(
          "position "
              + missing
              + " is visible to the chunk at "
              + chunk.position(tokenFrom[member])
              + " but was in no block");
    }
    int from = tokenFrom[member] * chunk.shape().queryHeads();
    int count = queries(member);
    Objects.checkFromIndexSize(offset, (long) count * dim, (long) out.length);
    for (int q = 0; q < count; q++) {
      fold.output(chunk.packedIndex(from + q), out, offset + q * dim);
    }
  }

  /**
   * Writes outputs and log-sum-exps of a member over whatever blocks were handed over, to be merged
   * with partials over the others.
   *
   * @param target {@code tokens * queryHeads} queries, token by token, of {@code valueDim} floats
   * @throws IllegalArgumentException if {@code target} has another shape
   */
  public void finish(int member, Partial target) {
    int dim = chunk.shape().valueDim();
    Objects.checkIndex(member, added);
    int count = queries(member);
    if (target.queries() != count || target.dim() != dim) {
      throw new IllegalArgumentException(
          "the chunk makes a partial of %d x %d, the target has %d x %d"
              .formatted(count, dim, target.queries(), target.dim()));
    }
    int from = tokenFrom[member] * chunk.shape().queryHeads();
    for (int q = 0; q < count; q++) {
      int packed = chunk.packedIndex(from + q);
      fold.output(packed, target.o(), q * dim);
      target.lse()[q] = fold.lse(packed);
    }
  }

  private int queries(int member) {
    return queries(member, member + 1);
  }

  /** Queries of the members {@code [fromMember, toMember)}, over all heads. */
  public int queries(int fromMember, int toMember) {
    Objects.checkFromToIndex(fromMember, toMember, added);
    return (tokenFrom[toMember] - tokenFrom[fromMember]) * chunk.shape().queryHeads();
  }

  private void check(BlockGeometry geometry, int first, int tokens, int fromMember, int toMember) {
    LayerShape shape = chunk.shape();
    if (geometry.kvHeads() != shape.kvHeads()
        || geometry.keyDim() != shape.keyDim()
        || geometry.valueDim() != shape.valueDim()
        || geometry.valueIsPrefixOfKey() != shape.valueIsPrefixOfKey()) {
      throw new IllegalArgumentException(
          "the block is not of this layer: " + geometry + " for " + shape);
    }
    Checks.inRange(tokens, 1, geometry.tokens(), "tokens");
    checkOrder(first, fromMember, toMember);
  }

  private void checkOrder(int first, int fromMember, int toMember) {
    if (added < members) {
      throw new IllegalStateException(
          "%d of %d members were added: add the others before blocks".formatted(added, members));
    }
    Objects.checkFromToIndex(fromMember, toMember, members);
    Checks.notNegative(first, "firstTokenPosition");
    for (int member = fromMember; member < toMember; member++) {
      if (first < handedTo[member]) {
        throw new IllegalArgumentException(
            "blocks must ascend: the block at position "
                + first
                + " begins before the end of the last one, "
                + handedTo[member]);
      }
    }
  }
}
