package dev.varve.sidecar.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

/** A network that is simulated with a clock of its own: no time passes. */
class LevelControllerTest {

  private static final double GIGABIT = 1e9 / 8;

  /** Sizes at four levels, with noise, so that exact sizes matter. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Costs(int chunks, long[][] sizes, double decode, double recompute)
      implements StreamCosts {

    static Costs of(Random random, int chunks, double decode, double recompute) {
      long[][] sizes = new long[chunks][4];
      for (long[] chunk : sizes) {
        double scale = 0.8 + 0.4 * random.nextDouble();
        chunk[0] = (long) (24e6 * scale);
        chunk[1] = (long) (16e6 * scale);
        chunk[2] = (long) (8e6 * scale);
        chunk[3] = (long) (4e6 * scale);
      }
      return new Costs(chunks, sizes, decode, recompute);
    }

    @Override
    public int levels() {
      return 4;
    }

    @Override
    public long bytes(int chunk, int level) {
      return sizes[chunk][level];
    }

    @Override
    public double decodeSeconds(int chunk, int level) {
      return decode;
    }

    @Override
    public double recomputeSeconds(int chunk) {
      return recompute;
    }

    double smallest(IntToDoubleFunction rate) {
      double seconds = decode;
      for (int i = 0; i < chunks; i++) {
        seconds += Math.max(decode, sizes[i][3] / rate.applyAsDouble(i));
      }
      return seconds;
    }
  }

  private record Run(double seconds, List<StreamChoice> choices) {

    List<Integer> levels() {
      return choices.stream()
          .map(choice -> choice instanceof StreamChoice.AtLevel(int level) ? level : -1)
          .toList();
    }

    int loss() {
      return levels().stream().mapToInt(Integer::intValue).sum();
    }
  }

  private static Run run(
      Costs costs, StreamTarget target, IntToDoubleFunction rate, OptionalDouble prior) {
    LevelController controller = new LevelController(costs, target);
    List<StreamChoice> choices = new ArrayList<>();
    OptionalDouble measured = prior;
    double now = 0;
    for (int chunk = 0; chunk < costs.chunks(); chunk++) {
      StreamChoice choice = controller.choose(chunk, now, measured);
      choices.add(choice);
      switch (choice) {
        case StreamChoice.AsText() -> now += costs.recomputeSeconds(chunk);
        case StreamChoice.AtLevel(int level) -> {
          double link = rate.applyAsDouble(chunk);
          now += Math.max(costs.bytes(chunk, level) / link, costs.decode());
          measured = OptionalDouble.of(link);
        }
      }
    }
    return new Run(now + costs.decode(), choices);
  }

  @Test
  void aSteadyLinkMeetsTheTargetWheneverTheSmallestLevelFits() {
    long seed = 71;
    Random random = new Random(seed);
    int met = 0;
    for (int round = 0; round < 3000; round++) {
      Costs costs = Costs.of(random, 1 + random.nextInt(30), 0.002, Double.POSITIVE_INFINITY);
      double link = GIGABIT * Math.pow(10, -1 + 2 * random.nextDouble());
      StreamTarget target = new StreamTarget(0.2 + 8 * random.nextDouble(), 0);
      OptionalDouble prior =
          random.nextBoolean() ? OptionalDouble.of(link) : OptionalDouble.empty();
      Run run = run(costs, target, _ -> link, prior);
      if (costs.smallest(_ -> link) <= target.seconds()) {
        met++;
        assertThat(run.seconds())
            .as("round %d, seed %d", round, seed)
            .isLessThanOrEqualTo(target.seconds() + 1e-9);
      } else {
        assertThat(run.levels().getLast()).as("round %d, seed %d", round, seed).isEqualTo(3);
      }
    }
    assertThat(met).isBetween(500, 2900);
  }

  @Test
  void aLinkThatJumpsMeetsTheTargetWheneverTheSmallestLevelFits() {
    long seed = 72;
    Random random = new Random(seed);
    int better = 0;
    for (int round = 0; round < 3000; round++) {
      Costs costs = Costs.of(random, 2 + random.nextInt(30), 0.002, Double.POSITIVE_INFINITY);
      double[] trace = random.doubles(costs.chunks(), 0.1 * GIGABIT, 10 * GIGABIT).toArray();
      StreamTarget target = new StreamTarget(0.2 + 8 * random.nextDouble(), 0.1 * GIGABIT);
      Run run = run(costs, target, i -> trace[i], OptionalDouble.empty());
      if (costs.smallest(i -> trace[i]) <= target.seconds()) {
        assertThat(run.seconds())
            .as("round %d, seed %d", round, seed)
            .isLessThanOrEqualTo(target.seconds() + 1e-9);
        better += run.loss() < 3 * costs.chunks() ? 1 : 0;
      }
    }
    assertThat(better).isGreaterThan(1000);
  }

  @Test
  void moreBandwidthNeverCostsQuality() {
    Costs costs = Costs.of(new Random(73), 20, 0.001, Double.POSITIVE_INFINITY);
    int before = Integer.MAX_VALUE;
    for (double link = 0.1 * GIGABIT; link < 10 * GIGABIT; link *= 1.3) {
      double rate = link;
      int loss = run(costs, new StreamTarget(1.5, 0), _ -> rate, OptionalDouble.of(rate)).loss();
      assertThat(loss).as("at %f bytes a second", rate).isLessThanOrEqualTo(before);
      before = loss;
    }
    assertThat(before).isZero();
  }

  @Test
  void textIsSentExactlyWhereComputingIsFaster() {
    Random random = new Random(74);
    for (int round = 0; round < 1000; round++) {
      Costs costs = Costs.of(random, 1, 0, 0.5 * random.nextDouble());
      double link = GIGABIT * Math.pow(10, -1 + 2 * random.nextDouble());
      Run run = run(costs, StreamTarget.NONE, _ -> link, OptionalDouble.of(link));
      double transfer = costs.bytes(0, 0) / (LevelController.SAFETY * link);
      assertThat(run.choices().getFirst() instanceof StreamChoice.AsText)
          .isEqualTo(costs.recompute() < transfer);
    }
  }

  @Test
  void itClimbsOneLevelAChunkAndFallsAsFarAsItMust() {
    Costs costs = Costs.of(new Random(75), 40, 0, Double.POSITIVE_INFINITY);
    double[] trace = new double[40];
    for (int i = 0; i < trace.length; i++) {
      trace[i] = (i / 10 % 2 == 0 ? 10 : 0.4) * GIGABIT;
    }
    Run run = run(costs, new StreamTarget(4, 0), i -> trace[i], OptionalDouble.empty());
    List<Integer> levels = run.levels();
    assertThat(levels.subList(0, 4)).containsExactly(3, 2, 1, 0);
    for (int i = 1; i < levels.size(); i++) {
      assertThat(levels.get(i - 1) - levels.get(i)).as("chunk %d of %s", i, levels).isLessThan(2);
    }
  }

  @Test
  void noHurryMeansNoLossAndNothingMeasuredTheSmallest() {
    Costs costs = Costs.of(new Random(76), 3, 0.001, Double.POSITIVE_INFINITY);
    assertThat(run(costs, StreamTarget.NONE, _ -> GIGABIT, OptionalDouble.empty()).levels())
        .containsOnly(0);
    StreamChoice first =
        new LevelController(costs, new StreamTarget(100, 0)).choose(0, 0, OptionalDouble.empty());
    assertThat(first).isEqualTo(new StreamChoice.AtLevel(3));
  }
}
