package dev.varve.sdk.internal.memory;

import dev.varve.attention.AttentionKernel;
import dev.varve.attention.RaggedAttention;
import dev.varve.attention.RowPage;
import dev.varve.eviction.online.OnlineEviction;
import dev.varve.sdk.EngineTensor;
import dev.varve.sdk.internal.CacheParts;
import dev.varve.sdk.internal.HotSlots;
import dev.varve.sdk.internal.RowTranslator;
import dev.varve.store.BlockGeometry;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelGeometry;
import dev.varve.store.kernel.DtypeKernel;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * All that a session holds once it forgot something: private rows of every layer, which nobody else
 * finds and which end with it. For one thread at a time.
 */
public final class PrivateRows implements RowSource, AutoCloseable {

  private static final long[] NO_SLOTS = {};

  private final HotSlots hot;
  private final ModelGeometry geometry;
  private final PrivateLayer[] layers;
  private final RaggedAttention attention;
  private final RowPage page = new RowPage();
  private final AnnouncedRows announced = new AnnouncedRows(this);
  private final DtypeKernel kernel;
  private final @Nullable OnlineHead[] online;
  private final MemoryCounters counters;
  private int decidedAt;

  /**
   * Rows of no token.
   *
   * @param sums whether the attention that rows receive is summed up
   */
  PrivateRows(CacheParts parts, HotSlots hot, int[] from, boolean sums) {
    this.hot = hot;
    this.geometry = parts.tiers().geometry();
    this.layers = new PrivateLayer[from.length];
    for (int layer = 0; layer < layers.length; layer++) {
      int group = sums ? geometry.shape().layers().get(layer).group() : 0;
      LayerShape shape = geometry.shape().layers().get(layer);
      BlockGeometry block = geometry.block(layer);
      layers[layer] =
          new PrivateLayer(
              parts.tiers().hot(),
              block,
              parts.memory(),
              encoding ->
                  new CodedRows(
                      parts.tiers().hot(),
                      block,
                      shape.rope(),
                      encoding,
                      parts.backend(),
                      parts.memory()),
              from[layer],
              group);
    }
    this.attention = new RaggedAttention(AttentionKernel.of(parts.backend()));
    this.kernel = DtypeKernel.of(parts.backend(), geometry.shape().dtype());
    this.online = new OnlineHead[layers.length];
    this.counters = parts.memory();
  }

  PrivateLayer layer(int layer) {
    return layers[layer];
  }

  /**
   * Takes what {@code count} tokens from {@code position} on need, or throws and changes nothing.
   */
  public void reserve(int position, int count) {
    int missing = 0;
    for (int layer = 0; layer < layers.length; layer++) {
      missing += geometry.shape().owns(layer) ? layers[layer].slotsFor(count) : 0;
    }
    long[] taken = missing == 0 ? NO_SLOTS : hot.take(missing);
    int next = 0;
    for (int layer = 0; layer < layers.length; layer++) {
      if (geometry.shape().owns(layer)) {
        for (int slots = layers[layer].slotsFor(count); slots > 0; slots--) {
          layers[layer].slots().add(taken[next++]);
        }
        layers[layer].announce(position, count);
      }
    }
  }

  /** Writes keys and values of the tokens that were reserved. */
  public void write(int layer, EngineTensor keys, EngineTensor values, RowTranslator translator) {
    layers[layer].write(keys, values, translator);
  }

  /**
   * Attends the queries of the tokens from {@code position} on to all that is held.
   *
   * @param queries {@code [tokens][queryHeads][keyDim]}
   * @return may be shown more rows, then finished
   */
  public RaggedAttention attend(int layer, float[] queries, int position, int tokens) {
    LayerShape shape = geometry.shape().layers().get(layer);
    attention.start(shape, queries, 0, position, tokens);
    layers[geometry.shape().ownerOf(layer)].attend(attention, page, tokens);
    return attention;
  }

  /** Sums up the attention of the queries of the tokens from {@code position} on. */
  public void follow(
      AttentionFollower follower, int layer, float[] queries, int position, int tokens) {
    HeadSums[] sums = layers[layer].sums();
    if (sums.length > 0) {
      follower.follow(layer, announced.and(tokens), sums, 0, queries, position, tokens);
    }
  }

  /** Where a row goes for each that a decoded token made too many. */
  @FunctionalInterface
  public interface Places {
    /** Rows of a head that was left {@code rows} when the session had {@code tokens} tokens. */
    int of(int layer, int head, int rows, int tokens);
  }

  /** Has rows go, one by one, until every head holds no more than its places. */
  public void evict(OnlineEviction rule, Places places) {
    long gone = 0;
    for (int layer = 0; layer < layers.length; layer++) {
      if (geometry.shape().owns(layer)) {
        OnlineHead rows = online(layer);
        for (int head = 0; head < geometry.block(layer).kvHeads(); head++) {
          int had = layers[layer].head(head).places();
          gone += rows.evict(head, Math.max(1, places.of(layer, head, had, decidedAt)), rule);
        }
      }
    }
    counters.leftOneByOne(gone);
  }

  private OnlineHead online(int layer) {
    OnlineHead rows = online[layer];
    if (rows == null) {
      rows = new OnlineHead(layers[layer], kernel);
      online[layer] = rows;
    }
    return rows;
  }

  /** Tokens of the session when the rows were chosen. */
  public int decidedAt() {
    return decidedAt;
  }

  void decidedAt(int tokens) {
    decidedAt = tokens;
  }

  /** Makes {@code count} reserved tokens tokens of the session. */
  public void commit(int count) {
    for (int layer = 0; layer < layers.length; layer++) {
      if (geometry.shape().owns(layer)) {
        layers[layer].commit(count);
      }
    }
  }

  /** Gives back what was reserved and not committed. */
  public void abort() {
    for (int layer = 0; layer < layers.length; layer++) {
      if (geometry.shape().owns(layer)) {
        layers[layer].abort();
      }
    }
  }

  /**
   * Forgets the tokens from {@code length} on, or throws and changes nothing.
   *
   * @throws IllegalStateException if a merged row stands for tokens on both sides of the cut, or a
   *     layer's window would reach what was not copied
   */
  public void truncate(int length) {
    for (int layer = 0; layer < layers.length; layer++) {
      if (geometry.shape().owns(layer)) {
        refuseCut(layer, length);
      }
    }
    for (int layer = 0; layer < layers.length; layer++) {
      if (geometry.shape().owns(layer)) {
        layers[layer].truncate(length);
      }
    }
  }

  private void refuseCut(int layer, int length) {
    for (int head = 0; head < geometry.block(layer).kvHeads(); head++) {
      HeadRows rows = layers[layer].head(head);
      int across = rows.rowAcross(length);
      if (across >= 0) {
        throw new IllegalStateException(
            ("layer %d head %d holds a merged row for positions %d to %d: the session cannot be cut"
                    + " at %d; cut at %d or below, or begin again")
                .formatted(
                    layer,
                    head,
                    rows.first(across),
                    rows.position(across),
                    length,
                    rows.first(across)));
      }
    }
    if (layers[layer].from() > Windows.firstVisible(geometry.shape(), layer, length)) {
      throw new IllegalStateException(
          "layer %d holds nothing before position %d, which its window reaches from %d: cut later, or begin again"
              .formatted(layer, layers[layer].from(), length));
    }
  }

  @Override
  public int rows(int layer, int head) {
    return layers[layer].head(head).rows();
  }

  @Override
  public int position(int layer, int head, int row) {
    return layers[layer].head(head).position(row);
  }

  @Override
  public int first(int layer, int head, int row) {
    return layers[layer].head(head).first(row);
  }

  @Override
  public float weight(int layer, int head, int row) {
    return layers[layer].head(head).weight(row);
  }

  @Override
  public boolean merged(int layer, int head) {
    return layers[layer].head(head).weighted();
  }

  @Override
  public float[] bias(int layer, int head) {
    return layers[layer].head(head).bias();
  }

  @Override
  public int sums(int layer) {
    HeadSums[] sums = layers[layer].sums();
    return sums.length == 0 ? 0 : sums[0].group();
  }

  @Override
  public float sum(int layer, int head, int row, int g) {
    return layers[layer].sums()[head].get(row, g);
  }

  @Override
  public int places(int layer, int head) {
    return layers[layer].head(head).places();
  }

  @Override
  public int from(int layer) {
    return layers[layer].from();
  }

  @Override
  public void visit(int layer, Visitor visitor) {
    layers[layer].visit(0, visitor);
  }

  /** Whether rows are held in few bits. */
  public boolean coded() {
    for (int layer = 0; layer < layers.length; layer++) {
      if (codedRows(layer) > 0) {
        return true;
      }
    }
    return false;
  }

  @Override
  public long codedRows(int layer) {
    long rows = 0;
    for (CodedRows each : layers[layer].coded()) {
      rows += each.rows();
    }
    return rows;
  }

  @Override
  public long codedBytes(int layer) {
    long bytes = 0;
    for (CodedRows each : layers[layer].coded()) {
      bytes += each.bytes();
    }
    return bytes;
  }

  @Override
  public void clearCoded(int layer, BitSet positions) {
    for (int i = 0; i < layers[layer].coded().size(); i++) {
      layers[layer].coded().get(i).clear(positions);
    }
  }

  /** Most rows of any head. */
  public int mostRows() {
    int most = 0;
    for (int layer = 0; layer < layers.length; layer++) {
      most = Math.max(most, geometry.shape().owns(layer) ? layers[layer].mostRows() : 0);
    }
    return most;
  }

  /** Hot slots held. */
  public int slots() {
    int held = 0;
    for (PrivateLayer layer : layers) {
      held += layer.held();
    }
    return held;
  }

  @Override
  public void close() {
    for (PrivateLayer layer : layers) {
      layer.clear();
    }
  }
}
