package dev.varve.offload.replacement;

import dev.varve.store.Checks;
import java.util.Arrays;
import java.util.function.IntFunction;
import java.util.stream.Collectors;

/** The replacement policies by the names that tables and options use. */
public enum PolicyKind {
  FIFO("fifo", capacity -> new FifoPolicy()),
  LRU("lru", capacity -> new LruPolicy()),
  LFU("lfu", capacity -> new LfuPolicy()),
  CLOCK("clock", capacity -> new ClockPolicy()),
  SIEVE("sieve", capacity -> new SievePolicy()),
  TWO_QUEUE("2q", TwoQueuePolicy::new),
  ARC("arc", ArcPolicy::new),
  LIRS("lirs", LirsPolicy::new),
  S3_FIFO("s3-fifo", S3FifoPolicy::new),
  W_TINY_LFU("w-tinylfu", CaffeinePolicy::new),
  GDSF("gdsf", capacity -> new GdsfPolicy()),
  VARVE("varve", capacity -> new VarvePolicy());

  private final String label;

  @SuppressWarnings("ImmutableEnumChecker") // constructor references, without state
  private final IntFunction<ReplacementPolicy> maker;

  PolicyKind(String label, IntFunction<ReplacementPolicy> maker) {
    this.label = label;
    this.maker = maker;
  }

  /** The name in tables and options. */
  public String label() {
    return label;
  }

  /**
   * A new policy.
   *
   * @param capacity chunks that the tier holds: some policies size their lists by it
   */
  public ReplacementPolicy create(int capacity) {
    return maker.apply(Checks.positive(capacity, "capacity"));
  }

  /** The policy of this name. */
  public static PolicyKind named(String label) {
    for (PolicyKind kind : values()) {
      if (kind.label.equals(label)) {
        return kind;
      }
    }
    throw new IllegalArgumentException(
        "no replacement policy is named \"%s\"; there are %s"
            .formatted(
                label,
                Arrays.stream(values()).map(PolicyKind::label).collect(Collectors.joining(", "))));
  }
}
