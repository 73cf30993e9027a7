package dev.varve.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.varve.cli.bench.Comparison.Question;
import dev.varve.store.Dtype;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchTest {
  private static final Question QUESTION = new Question("ours", "probe", OptionalDouble.of(0.85));

  @TempDir Path folder;

  @Test
  void takesTurnsAndAlternatesWhoGoesFirst() throws IOException {
    List<String> turns = new ArrayList<>();
    Comparison.measure(
        QUESTION, 3, pair -> turn(turns, "o" + pair), pair -> turn(turns, "p" + pair));

    assertThat(turns).containsExactly("o0", "p0", "p1", "o1", "o2", "p2");
  }

  private static double turn(List<String> turns, String name) {
    turns.add(name);
    return 1;
  }

  @Test
  void comparesMediansPairByPair() {
    Comparison comparison =
        Comparison.of(QUESTION, new double[] {9, 1, 5}, new double[] {10, 2, 5});

    assertThat(comparison.ours()).isEqualTo(5);
    assertThat(comparison.probed()).isEqualTo(5);
    assertThat(comparison.ratio()).isEqualTo(0.9);
    assertThat(comparison.reached()).contains(true);
    assertThat(Comparison.median(new double[] {4, 1, 3, 2})).isEqualTo(2.5);
  }

  @Test
  void printsTheRatioBesideTheGoal() {
    Comparison comparison =
        Comparison.of(QUESTION, new double[] {6e9, 6e9}, new double[] {12e9, 12e9});

    assertThat(new BenchReport("What.", List.of(comparison), List.of("Why.")).render(false))
        .isEqualTo(
            """

              What.

                          ours        probe   ratio          goal   probe is
              --------------------------------------------------------------
              ours   6.00 GB/s   12.00 GB/s    0.50   >= 0.85 no    probe

              Why.
            """);
  }

  @Test
  void theReadProbeReadsEveryByte() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(1 << 16, 64);
      long sum = 0;
      for (long at = 0; at < memory.byteSize(); at += Long.BYTES) {
        memory.set(ValueLayout.JAVA_LONG, at, at * at + 1);
        sum += at < 4096 ? 0 : at * at + 1;
      }
      assertThat(VectorReadProbe.sum(memory, 4096, memory.byteSize())).isEqualTo(sum);
    }
  }

  @Test
  void fillsMemoryWithNormalValuesOfEveryType() {
    for (Dtype dtype : Dtype.values()) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment memory = arena.allocate(9 << 20, 64);
        new Gaussian(1).fill(memory, dtype);
        double squares = 0;
        int count = 100_000;
        for (int i = 0; i < count; i++) {
          double value = read(memory, dtype, memory.byteSize() / dtype.bytes() - 1 - i);
          squares += value * value;
        }
        assertThat(squares / count).as("%s", dtype).isCloseTo(1, within(0.05));
      }
    }
  }

  private static double read(MemorySegment memory, Dtype dtype, long index) {
    return switch (dtype) {
      case F32 -> memory.getAtIndex(ValueLayout.JAVA_FLOAT, index);
      case F16 -> Float.float16ToFloat(memory.getAtIndex(ValueLayout.JAVA_SHORT, index));
      case BF16 -> Float.intBitsToFloat(memory.getAtIndex(ValueLayout.JAVA_SHORT, index) << 16);
    };
  }

  @Test
  void measuresTheTiersAndLeavesNothingBehind() throws IOException {
    List<Comparison> host = new HostBench(2 << 20, 5).run();
    List<Comparison> ssd =
        new SsdBench(new SsdBench.Settings(2 << 20, 1 << 20, 5)).run(folder, pair -> {});

    assertThat(host).extracting(Comparison::name).containsExactly("HOST put", "HOST get");
    assertThat(ssd)
        .extracting(Comparison::probe)
        .containsExactly(
            "LMDB, reusing",
            "LMDB, growing",
            "file, in place",
            "file, new",
            "file, 1 MiB",
            "file, 1 MiB",
            "file, 1 MiB");
    assertThat(host).allMatch(each -> each.ours() > 0 && each.probed() > 0 && each.pairs() == 5);
    assertThat(ssd).allMatch(each -> each.ours() > 0 && each.probed() > 0 && each.pairs() == 5);
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void measuresTheIndexAndSaysWhichGoalsItReaches() {
    List<Integer> parts = new ArrayList<>();
    List<Finding> findings =
        new IndexBench(new IndexBench.Settings(20_000, 0.5, 2000, 2000)).run(parts::add);

    assertThat(parts).containsExactly(1, 2, 3, 4);
    assertThat(findings)
        .extracting(Finding::name)
        .contains(
            "index, tables summed",
            "index and order together",
            "look-up, p99",
            "prompt hashed and claimed",
            "match, whole call");
    assertThat(findings).allMatch(each -> each.value() > 0);
    assertThat(findings.getFirst().value()).as("bytes a chunk").isBetween(48.0, 80.0);
    Finding lookup = Finding.of("ours", 3, "us").atMost(2).beside("theirs", 6);
    assertThat(lookup.reached()).contains(false);
    assertThat(new FindingReport("What.", List.of(lookup), List.of("Why.")).render(false))
        .isEqualTo(
            """

              What.

                        ours       goal     probe   ratio   probe is
              ------------------------------------------------------
              ours   3.00 us   <= 2 no    6.00 us    0.50   theirs

              Why.
            """);
  }
}
