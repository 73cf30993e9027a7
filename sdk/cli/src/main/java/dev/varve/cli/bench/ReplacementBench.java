package dev.varve.cli.bench;

import dev.varve.offload.replacement.PolicyKind;
import dev.varve.offload.replay.Replay;
import dev.varve.offload.replay.Trace;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntConsumer;

/**
 * Processor time of a decision of our replacement policy on a trace, the simulator's share of it
 * included, beside policies that decide by less. A decision is one chunk of one request: a hit to
 * learn from, or a miss that is admitted and may have another leave.
 */
public final class ReplacementBench {

  /** Goal P13: nanoseconds of one core for a decision, a million a second. */
  public static final double GOAL = 1000;

  private static final List<PolicyKind> PEERS = List.of(PolicyKind.LRU, PolicyKind.W_TINY_LFU);
  private static final double NANOS = 1e9;

  private final Replay replay;
  private final long references;
  private final int pairs;
  private long tokensSaved;

  /**
   * @param pairs times to run the trace with each policy
   */
  public ReplacementBench(Trace trace, int pairs) {
    this.replay = new Replay(trace);
    this.references = trace.requests().stream().mapToLong(request -> request.length()).sum();
    this.pairs = pairs;
  }

  /** Decisions of one run. */
  public long references() {
    return references;
  }

  /**
   * Measures caches of these capacities, after a run of each policy that does not count.
   *
   * @param progress hears how many capacities are done
   */
  public List<Finding> run(List<Integer> capacities, IntConsumer progress) {
    nanos(PolicyKind.VARVE, capacities.getFirst());
    PEERS.forEach(peer -> nanos(peer, capacities.getFirst()));
    List<Finding> findings = new ArrayList<>();
    for (int capacity : capacities) {
      findings.addAll(compare(capacity));
      progress.accept(findings.size() / PEERS.size());
    }
    return findings;
  }

  private List<Finding> compare(int capacity) {
    double[] ours = new double[pairs];
    double[][] theirs = new double[PEERS.size()][pairs];
    for (int pair = 0; pair < pairs; pair++) {
      ours[pair] = nanos(PolicyKind.VARVE, capacity);
      for (int peer = 0; peer < PEERS.size(); peer++) {
        theirs[peer][pair] = nanos(PEERS.get(peer), capacity);
      }
    }
    List<Finding> findings = new ArrayList<>();
    for (int peer = 0; peer < PEERS.size(); peer++) {
      findings.add(
          Finding.of(
                  String.format(Locale.ROOT, "varve, %,d chunks", capacity),
                  Comparison.median(ours),
                  "ns")
              .atMost(GOAL)
              .beside(PEERS.get(peer).label(), Comparison.median(theirs[peer])));
    }
    return findings;
  }

  private double nanos(PolicyKind kind, int capacity) {
    double seconds =
        ThreadClock.seconds(() -> tokensSaved += replay.run(kind, capacity).tokensSaved());
    return seconds * NANOS / references;
  }

  /** Of all runs together: depends on every result, so that none is left out. */
  public long tokensSaved() {
    return tokensSaved;
  }
}
