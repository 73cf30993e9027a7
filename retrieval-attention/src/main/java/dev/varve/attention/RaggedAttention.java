package dev.varve.attention;

import dev.varve.compression.EncodedHeads;
import dev.varve.store.BlockGeometry;
import dev.varve.store.LayerShape;
import dev.varve.store.kernel.SoftmaxKernel;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Attention of one layer for a chunk of consecutive query tokens over rows that differ from KV head
 * to KV head: what each head still remembers, and the chunk's own tokens behind it. The caller
 * hands over the pages of each head in ascending order of positions. The token at position {@code
 * p} sees the rows whose position lies between {@code firstVisible(p)} and {@code p}; a row may
 * stand for several that were merged, by a bias on its logit.
 *
 * <pre>
 *  start(...)   for each head, while more: addPage(head, page)   finish(...)
 * </pre>
 *
 * <p>As in {@link ExactAttention} each query makes exactly one partial per page, and partials are
 * folded in order: over pages with the borders of blocks and no bias the bits are the same. Cost
 * follows the rows that are handed over, not the tokens they were chosen from. Reusable and for one
 * thread at a time; allocates only when a chunk is larger than every chunk before.
 */
public final class RaggedAttention {
  private static final int MAX_TILE_QUERIES = 1024;

  private final AttentionKernel kernel;
  private final AttentionTile tile = new AttentionTile();
  private final PartialFold fold = new PartialFold();
  private final QueryChunk chunk = new QueryChunk();
  private float[] o = {};
  private float[] lse = {};
  private int[] handedTo = {};
  private final RowPage decoded = new RowPage();
  private @Nullable HeadScratch scratch;

  /** Attention through {@code kernel}, which belongs to this object from now on. */
  public RaggedAttention(AttentionKernel kernel) {
    this.kernel = Objects.requireNonNull(kernel, "kernel");
  }

  /**
   * Begins a chunk and forgets the one before. The queries are copied.
   *
   * @param shape the layer
   * @param queries {@code [tokens][queryHeads][keyDim]} from {@code offset}, positions already in
   * @param offset where the first query begins
   * @param firstPosition position of the first token
   * @param tokens tokens of the chunk
   */
  public void start(LayerShape shape, float[] queries, int offset, int firstPosition, int tokens) {
    chunk.set(shape, queries, offset, firstPosition, tokens);
    fold.start(chunk.queries(), shape.valueDim());
    if (handedTo.length < shape.kvHeads()) {
      handedTo = new int[shape.kvHeads()];
    }
    Arrays.fill(handedTo, 0, shape.kvHeads(), -1);
  }

  /**
   * Attends to the rows of {@code page}, which belong to {@code kvHead} of the layer. The page is
   * not kept.
   *
   * @throws IllegalArgumentException if the page's geometry is not that of the layer, or it begins
   *     before the head's last page ends
   */
  public void addPage(int kvHead, RowPage page) {
    check(kvHead, page);
    if (page.firstPosition() < handedTo[kvHead]) {
      throw new IllegalArgumentException(
          "pages must ascend: the page of KV head %d at position %d begins before the last one ends, at %d"
              .formatted(kvHead, page.firstPosition(), handedTo[kvHead]));
    }
    handedTo[kvHead] = page.lastPosition();
    attend(kvHead, page);
  }

  /**
   * The same for rows that are held apart from the others: they may stand anywhere between or
   * before these, and none of them may be among these.
   *
   * @throws IllegalArgumentException if the page's geometry is not that of the layer
   */
  public void addAside(int kvHead, RowPage page) {
    check(kvHead, page);
    attend(kvHead, page);
  }

  /**
   * The same for rows that all heads hold in few bits, decoded head by head: no more than the rows
   * of one head exist decoded at a time.
   *
   * @param shown turned to a payload of the layer; borrowed during the call
   * @param positions of its tokens, ascending
   * @param count tokens to attend to, from the first on
   * @throws IllegalArgumentException if the payload is not of the layer
   */
  public void addEncodedAside(EncodedHeads shown, int[] positions, int count) {
    if (scratch == null || !scratch.fits(shown.geometry())) {
      scratch = new HeadScratch(shown.geometry());
    }
    for (int head = 0; head < chunk.shape().kvHeads(); head++) {
      decoded
          .memory(scratch.fill(shown, head, 0, count), scratch.geometry(), 0)
          .rows(count, positions, SoftmaxKernel.NO_BIAS, 0);
      addAside(head, decoded);
    }
  }

  private void attend(int kvHead, RowPage page) {
    LayerShape shape = chunk.shape();
    tile.shape(page.geometry(), shape.scale(), shape.logitSoftCap());
    int most = Math.max(1, MAX_TILE_QUERIES / shape.group());
    int t = 0;
    while (t < chunk.tokens()) {
      int from = from(page, t);
      int to = to(page, t);
      int next = t + 1;
      while (next < Math.min(chunk.tokens(), t + most)
          && to(page, next) == to
          && from(page, next) == from) {
        next++;
      }
      if (to > from) {
        attend(kvHead, page, from, to, t, next);
      }
      t = next;
    }
  }

  private int from(RowPage page, int t) {
    int visible = chunk.shape().firstVisible(chunk.firstPosition() + t);
    return visible <= page.firstPosition() ? 0 : page.rowsBelow(visible);
  }

  private int to(RowPage page, int t) {
    int position = chunk.firstPosition() + t;
    return page.lastPosition() <= position ? page.count() : page.rowsBelow(position + 1);
  }

  /** The chunk's tokens [t, next), which see the rows [from, to) of the page. */
  private void attend(int kvHead, RowPage page, int from, int to, int t, int next) {
    LayerShape shape = chunk.shape();
    int queries = (next - t) * shape.group();
    if (lse.length < queries) {
      lse = new float[queries];
    }
    if (o.length < queries * shape.valueDim()) {
      o = new float[queries * shape.valueDim()];
    }
    int first = chunk.index(kvHead, t);
    tile.rows(page.block(), page.stripe(), from, to - from)
        .queries(chunk.packed(), first * shape.keyDim(), queries)
        .bias(page.bias(), page.biasAt(from))
        .results(o, 0, lse, 0);
    kernel.attend(tile);
    for (int q = 0; q < queries; q++) {
      fold.add(first + q, lse[q], o, q * shape.valueDim());
    }
  }

  /**
   * Writes the outputs of the chunk.
   *
   * @param out {@code [tokens][queryHeads][valueDim]} from {@code offset}
   * @param offset where the first output goes
   * @throws IllegalStateException if a head was not shown the chunk's last token
   */
  public void finish(float[] out, int offset) {
    LayerShape shape = chunk.shape();
    for (int head = 0; head < shape.kvHeads(); head++) {
      if (handedTo[head] < chunk.endPosition() - 1) {
        throw new IllegalStateException(
            "KV head %d was shown rows up to position %d, the chunk ends with %d"
                .formatted(head, handedTo[head], chunk.endPosition() - 1));
      }
    }
    int dim = shape.valueDim();
    Objects.checkFromIndexSize(offset, (long) chunk.queries() * dim, (long) out.length);
    for (int q = 0; q < chunk.queries(); q++) {
      fold.output(chunk.packedIndex(q), out, offset + q * dim);
    }
  }

  /**
   * Writes outputs and log-sum-exps over whatever rows were handed over, to be merged with partials
   * over others.
   *
   * @param target {@code tokens * queryHeads} queries, token by token, of {@code valueDim} floats
   * @throws IllegalArgumentException if {@code target} has another shape
   */
  public void finish(Partial target) {
    int dim = chunk.shape().valueDim();
    if (target.queries() != chunk.queries() || target.dim() != dim) {
      throw new IllegalArgumentException(
          "the chunk makes a partial of %d x %d, the target has %d x %d"
              .formatted(chunk.queries(), dim, target.queries(), target.dim()));
    }
    for (int q = 0; q < chunk.queries(); q++) {
      int packed = chunk.packedIndex(q);
      fold.output(packed, target.o(), q * dim);
      target.lse()[q] = fold.lse(packed);
    }
  }

  /**
   * The natural log-sum-exp of the logits that one query met.
   *
   * @param token of the chunk
   * @param queryHead of the layer
   */
  public float logSumExp(int token, int queryHead) {
    int kvHead = chunk.shape().kvHeadOf(queryHead);
    int inGroup = queryHead - kvHead * chunk.shape().group();
    return fold.lse(chunk.index(kvHead, token) + inGroup);
  }

  private void check(int kvHead, RowPage page) {
    LayerShape shape = chunk.shape();
    BlockGeometry geometry = page.geometry();
    Objects.checkIndex(kvHead, shape.kvHeads());
    if (geometry.keyDim() != shape.keyDim()
        || geometry.valueDim() != shape.valueDim()
        || geometry.valueIsPrefixOfKey() != shape.valueIsPrefixOfKey()) {
      throw new IllegalArgumentException(
          "the page is not of this layer: " + geometry + " for " + shape);
    }
    if (page.count() == 0) {
      throw new IllegalArgumentException("the page has no rows: call rows() after memory()");
    }
  }
}
