package dev.varve.sdk.internal.far;

import dev.varve.sdk.attention.AttentionCost;
import dev.varve.sdk.attention.AttentionCost.Reason;
import dev.varve.sdk.attention.AttentionWay;
import dev.varve.store.Encoding;
import dev.varve.store.Tier;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Decides for blocks that are not hot whether attention reads them where they lie or has them
 * copied up first: what took less lately for blocks of the same tier and encoding under about as
 * many queries (Lamina and InstInfer move queries and outputs in place of keys and values; Chen et
 * al., 2024; Pan et al., 2024). Each way is tried once before it is judged, and the dearer one
 * again at every {@value #LOOK_AGAIN}th decision, unless it took {@value #HOPELESS} times as long.
 * Thread-safe.
 */
public final class AttentionPlanner {

  static final int LOOK_AGAIN = 64;
  static final int HOPELESS = 4;

  /** How much one measurement counts: the last dozen count most. */
  private static final double WEIGHT = 0.125;

  private static final double NANOS = 1e9;

  /**
   * Blocks that cost alike.
   *
   * @param magnitude of the number of queries, as a power of two
   */
  record Kind(Tier tier, Encoding encoding, int magnitude, boolean chosenRows) {}

  private final Map<Kind, Rates> rates = new ConcurrentHashMap<>();
  private final LongAdder broughtUp = new LongAdder();
  private final LongAdder inPlace = new LongAdder();

  /** What is known of one kind, in seconds for a byte of the raw block. */
  private static final class Rates {
    private OptionalDouble bringUp = OptionalDouble.empty();
    private OptionalDouble inPlace = OptionalDouble.empty();
    private long decisions;
    private AttentionCost last = NONE;

    private static final AttentionCost NONE =
        new AttentionCost(
            Tier.HOT,
            Encoding.RAW,
            0,
            0,
            false,
            OptionalDouble.empty(),
            OptionalDouble.empty(),
            AttentionWay.BRING_UP,
            Reason.NOT_MEASURED_YET);

    synchronized AttentionCost decide(Kind kind, long bytes, int queries) {
      OptionalDouble up = seconds(bringUp, bytes);
      OptionalDouble place = seconds(inPlace, bytes);
      AttentionWay way;
      Reason reason;
      if (up.isEmpty() || place.isEmpty()) {
        way = up.isEmpty() ? AttentionWay.BRING_UP : AttentionWay.IN_PLACE;
        reason = Reason.NOT_MEASURED_YET;
      } else {
        double less = Math.min(up.getAsDouble(), place.getAsDouble());
        double more = Math.max(up.getAsDouble(), place.getAsDouble());
        boolean again = ++decisions % LOOK_AGAIN == 0 && more < HOPELESS * less;
        boolean placeIsLess = place.getAsDouble() <= up.getAsDouble();
        way = placeIsLess == again ? AttentionWay.BRING_UP : AttentionWay.IN_PLACE;
        reason = again ? Reason.MEASURED_LONG_AGO : Reason.CHEAPER;
      }
      last =
          new AttentionCost(
              kind.tier(),
              kind.encoding(),
              bytes,
              queries,
              kind.chosenRows(),
              up,
              place,
              way,
              reason);
      return last;
    }

    private static OptionalDouble seconds(OptionalDouble perByte, long bytes) {
      return perByte.isEmpty() ? perByte : OptionalDouble.of(perByte.getAsDouble() * bytes);
    }

    synchronized void took(AttentionWay way, double perByte) {
      switch (way) {
        case BRING_UP -> bringUp = mixed(bringUp, perByte);
        case IN_PLACE -> inPlace = mixed(inPlace, perByte);
      }
    }

    private static OptionalDouble mixed(OptionalDouble known, double perByte) {
      double before = known.orElse(perByte);
      return OptionalDouble.of(before + WEIGHT * (perByte - before));
    }

    synchronized AttentionCost last() {
      return last;
    }
  }

  private Rates of(Kind kind) {
    return rates.computeIfAbsent(kind, _ -> new Rates());
  }

  private static Kind kind(Tier tier, Encoding encoding, int queries, boolean chosenRows) {
    int magnitude = Integer.SIZE - Integer.numberOfLeadingZeros(Math.max(1, queries));
    return new Kind(tier, encoding, magnitude, chosenRows);
  }

  /**
   * Decides about a block of {@code bytes} raw bytes in {@code tier}.
   *
   * @param queries that attend to it
   * @param chosenRows whether they attend to some of its rows only
   */
  AttentionCost decide(Tier tier, Encoding encoding, long bytes, int queries, boolean chosenRows) {
    Kind kind = kind(tier, encoding, queries, chosenRows);
    return of(kind).decide(kind, bytes, queries);
  }

  /** What was decided took so long. */
  void took(AttentionCost decided, long nanos) {
    Kind kind = kind(decided.tier(), decided.encoding(), decided.queries(), decided.chosenRows());
    of(kind).took(decided.way(), Math.max(0, nanos) / NANOS / Math.max(1, decided.bytes()));
    (decided.way() == AttentionWay.IN_PLACE ? inPlace : broughtUp).increment();
  }

  /** Blocks that were copied up and attended there. */
  public long broughtUp() {
    return broughtUp.sum();
  }

  /** Blocks that were attended where they lie. */
  public long inPlace() {
    return inPlace.sum();
  }

  /** The last decision of every kind that there was, nearest tier first. */
  public List<AttentionCost> decisions() {
    List<AttentionCost> all = new ArrayList<>();
    rates.values().forEach(known -> all.add(known.last()));
    all.removeIf(cost -> cost.bytes() == 0);
    all.sort((a, b) -> {
      int byTier = a.tier().compareTo(b.tier());
      return byTier != 0 ? byTier : Integer.compare(a.queries(), b.queries());
    });
    return all;
  }
}
