package dev.varve.offload.transfer;

import dev.varve.store.Checks;
import dev.varve.store.Chunk;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelGeometry;
import dev.varve.store.Tier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What would have to be fetched, and from where, to take over the first n chunks of a match, for
 * every n: each block that the next token reads and that is not hot, from the nearest tier that
 * holds it. A layer with a window reads its last blocks only, so a longer prefix may need fewer,
 * and a shorter one may need a block that no tier holds. Does not change; blocks may move a moment
 * after it was made.
 */
public final class FetchTable {

  /** Tiers below HOT, nearest first; their places here number the columns. */
  private static final List<Tier> FAR = List.of(Tier.HOST, Tier.SSD, Tier.REMOTE);

  private static final int HOT = -2;
  private static final int NOWHERE = -1;

  private final int chunks;
  private final long[][] blocks;
  private final long[][] bytes;
  private final BitSet broken = new BitSet();

  private FetchTable(int chunks) {
    this.chunks = chunks;
    this.blocks = new long[FAR.size()][chunks + 1];
    this.bytes = new long[FAR.size()][chunks + 1];
  }

  /** Looks up where every block of {@code chain} is. */
  public static FetchTable of(List<Chunk> chain, ModelGeometry geometry) {
    FetchTable table = new FetchTable(chain.size());
    for (int layer = 0; layer < geometry.shape().layerCount(); layer++) {
      if (geometry.shape().owns(layer)) {
        table.add(chain, layer, geometry);
      }
    }
    return table;
  }

  private void add(List<Chunk> chain, int layer, ModelGeometry geometry) {
    LayerShape widest = widestReader(layer, geometry);
    int span = geometry.blockTokens();
    int[] places = new int[chunks];
    long[] read = new long[FAR.size()];
    int missing = 0;
    int first = 0;
    for (int n = 1; n <= chunks; n++) {
      int place = place(chain.get(n - 1), layer);
      places[n - 1] = place;
      missing += place == NOWHERE ? 1 : 0;
      addIfFar(read, place, 1);
      for (; first < widest.firstVisible(n * span - 1) / span; first++) {
        missing -= places[first] == NOWHERE ? 1 : 0;
        addIfFar(read, places[first], -1);
      }
      enter(n, read, geometry.block(layer).bytes());
      if (missing > 0) {
        broken.set(n);
      }
    }
  }

  private static void addIfFar(long[] read, int place, int count) {
    if (place >= 0) {
      read[place] += count;
    }
  }

  private void enter(int n, long[] read, long blockBytes) {
    for (int column = 0; column < read.length; column++) {
      blocks[column][n] += read[column];
      bytes[column][n] += read[column] * blockBytes;
    }
  }

  private static int place(Chunk chunk, int layer) {
    if (chunk.in(Tier.HOT, layer)) {
      return HOT;
    }
    for (int column = 0; column < FAR.size(); column++) {
      if (chunk.in(FAR.get(column), layer)) {
        return column;
      }
    }
    return NOWHERE;
  }

  /** Of the layers that read the blocks of {@code owner} the one that looks back farthest. */
  private static LayerShape widestReader(int owner, ModelGeometry geometry) {
    LayerShape widest = geometry.shape().layers().get(owner);
    for (int layer = owner; layer < geometry.shape().layerCount(); layer++) {
      LayerShape shape = geometry.shape().layers().get(layer);
      boolean farther =
          shape.firstVisible(Integer.MAX_VALUE) < widest.firstVisible(Integer.MAX_VALUE);
      if (farther && geometry.shape().ownerOf(layer) == owner) {
        widest = shape;
      }
    }
    return widest;
  }

  /** Chunks of the whole match. */
  public int chunks() {
    return chunks;
  }

  /** Whether some tier holds every block that a prefix of {@code n} chunks needs. */
  public boolean usable(int n) {
    Checks.inRange(n, 0, chunks, "n");
    return !broken.get(n);
  }

  /** Tiers that a prefix of some length reads. */
  Set<Tier> tiers() {
    Set<Tier> tiers = EnumSet.noneOf(Tier.class);
    for (int column = 0; column < FAR.size(); column++) {
      if (Arrays.stream(blocks[column]).anyMatch(count -> count > 0)) {
        tiers.add(FAR.get(column));
      }
    }
    return tiers;
  }

  /**
   * Blocks to be fetched for a prefix of {@code n} chunks, tier by tier, nearest first; tiers that
   * give none are left out.
   *
   * @param rates what is known of each tier's speed
   */
  public List<TierFetch> fetches(int n, Map<Tier, TierRate> rates) {
    Checks.inRange(n, 0, chunks, "n");
    List<TierFetch> fetches = new ArrayList<>();
    for (int column = 0; column < FAR.size(); column++) {
      long count = blocks[column][n];
      if (count > 0) {
        double seconds = seconds(n, column, rates);
        fetches.add(new TierFetch(FAR.get(column), count, bytes[column][n], seconds));
      }
    }
    return fetches;
  }

  /** Predicted time to fetch a prefix of {@code n} chunks; unknown tiers count nothing. */
  double seconds(int n, Map<Tier, TierRate> rates) {
    double seconds = 0;
    for (int column = 0; column < FAR.size(); column++) {
      seconds += seconds(n, column, rates);
    }
    return seconds;
  }

  private double seconds(int n, int column, Map<Tier, TierRate> rates) {
    @Nullable TierRate rate = rates.get(FAR.get(column));
    return rate == null ? 0 : rate.seconds(blocks[column][n], bytes[column][n]);
  }
}
