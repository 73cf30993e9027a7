package dev.varve.concurrency;

import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Lincheck (Koval et al., CAV 2023) draws scenarios of calls, runs each many times on real threads
 * and asks of every outcome whether some order of the calls explains it.
 */
class LinearizabilityTest {

  private static final int SCENARIOS = 25;
  private static final int RUNS_OF_EACH = 600;

  @ParameterizedTest
  @ValueSource(classes = {HotPoolHistories.class, ChunkCatalogHistories.class})
  void someOrderOfTheCallsExplainsEveryOutcome(Class<?> histories) {
    new StressOptions()
        .iterations(SCENARIOS)
        .invocationsPerIteration(RUNS_OF_EACH)
        .threads(3)
        .actorsPerThread(3)
        .actorsBefore(2)
        .actorsAfter(2)
        .check(histories);
  }
}
