package dev.varve.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.sdk.forgetting.HeadKeepSet;
import dev.varve.sdk.forgetting.KeepSets;
import dev.varve.sdk.forgetting.LayerHistory;
import dev.varve.sdk.forgetting.MergedRow;
import dev.varve.sdk.forgetting.SessionHistory;
import dev.varve.store.Tenant;
import dev.varve.store.Tier;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Random operations on sessions that forget, beside a {@link PlainMemory} each. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ForgettingStressTest {

  private static final long SLOT = 4096;
  private static final int MOST_TOKENS = 400;

  private final SyntheticEngine engine = new SyntheticEngine(Shapes.PLAIN);

  @TempDir Path folder;
  private SplittableRandom random = new SplittableRandom(0);
  private String when = "";

  private final class Subject implements AutoCloseable {
    private final KvSession session;
    private PlainMemory memory = new PlainMemory(Shapes.PLAIN);

    Subject(KvSession session) {
      this.session = session;
    }

    void step() {
      int position = session.length();
      int[] ids = random.ints(1 + random.nextInt(70), 0, 5).toArray();
      float[][] out = engine.step(session, ids);
      for (int t = 0; t < ids.length; t++) {
        memory.append(ids[t], position + t);
      }
      for (int layer = 0; layer < out.length; layer++) {
        int width = out[layer].length / ids.length;
        int last = ids.length - 1;
        double[] expected = memory.attend(layer, ids[last], position + last);
        float[] actual = Arrays.copyOfRange(out[layer], last * width, ids.length * width);
        ForgettingTest.assertClose(actual, expected, 5e-4, when);
      }
    }

    void abort() {
      try (Step step = session.begin(new int[1 + random.nextInt(90)], false)) {
        assertThat(step.tokens()).isPositive();
      }
    }

    void forget() {
      session.forget();
      memory.keep(answer);
      assertThat(session.usage().rows()).as(when).isEqualTo(memory.rowCount());
    }

    void truncate() {
      int length = random.nextInt(session.length() + 1);
      if (memory.canCutAt(length)) {
        session.truncate(length);
        memory.truncate(length);
      } else {
        assertThatThrownBy(() -> session.truncate(length))
            .as(when)
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("merged row");
      }
    }

    Subject fork() {
      Subject fork = new Subject(session.fork());
      fork.memory = memory.copy();
      return fork;
    }

    @Override
    public void close() {
      session.close();
    }
  }

  private KeepSets answer = new KeepSets(Shapes.PLAIN);

  /** Drops rows at random and merges some of the dropped ones. */
  private KeepSets forgetAtRandom(SessionHistory history) {
    answer = new KeepSets(history.shape());
    for (int layer = 0; layer < 3; layer++) {
      LayerHistory rows = history.layer(layer);
      for (int head = 0; head < 2; head++) {
        double share = random.nextDouble();
        List<Integer> kept = new ArrayList<>();
        List<MergedRow> merged = new ArrayList<>();
        for (int row = 0; row < rows.rows(head); row++) {
          if (random.nextDouble() < share && row > 0) {
            kept.add(row);
          } else if (random.nextInt(10) == 0) {
            merged.add(merge(rows, head, Math.max(0, row - random.nextInt(3)), row));
          }
        }
        int[] indexes = kept.stream().mapToInt(Integer::intValue).toArray();
        answer.set(layer, head, new HeadKeepSet(indexes, merged));
      }
    }
    return answer;
  }

  private MergedRow merge(LayerHistory rows, int head, int first, int last) {
    float[] key = ForgettingTest.floats(rows, head, first, true);
    float[] value = ForgettingTest.floats(rows, head, last, false);
    int from = Math.min(rows.position(head, first), rows.position(head, last));
    float weight = rows.weight(head, last) * (1 + random.nextInt(4)) / 2f;
    return new MergedRow(from, rows.position(head, last), key, value, weight);
  }

  @RepeatedTest(4)
  void randomOperationsAgreeWithLists(RepetitionInfo repetition) {
    long seed = System.nanoTime() + repetition.getCurrentRepetition();
    random = new SplittableRandom(seed);
    CacheConfig.Builder config =
        CacheConfig.of(Shapes.PLAIN, "model").blockTokens(32).hot(300 * SLOT);
    boolean tight = repetition.getCurrentRepetition() % 2 == 0;
    if (tight) {
      config =
          CacheConfig.of(Shapes.PLAIN, "model")
              .blockTokens(32)
              .hot(170 * SLOT)
              .host(200 * SLOT)
              .ssd(folder, 8 << 20);
    }
    try (KvCache cache = KvCache.open(config.build())) {
      List<Subject> subjects = new ArrayList<>();
      for (int round = 0; round < 120; round++) {
        when = "seed " + seed + " round " + round;
        if (subjects.isEmpty() || (subjects.size() < 4 && random.nextInt(12) == 0)) {
          ScriptedForgetting policy = new ScriptedForgetting(this::forgetAtRandom);
          subjects.add(
              new Subject(
                  cache.openSession(Tenant.NONE, tight ? policy.queries(3).parking() : policy)));
        }
        int which = random.nextInt(subjects.size());
        Subject subject = subjects.get(which);
        if (subject.session.length() > MOST_TOKENS) {
          subject.truncate();
          continue;
        }
        switch (random.nextInt(9)) {
          case 0, 1, 2, 3 -> subject.step();
          case 4 -> subject.abort();
          case 5 -> {
            if (subject.session.length() > 0) {
              subject.forget();
            }
          }
          case 6 -> subject.truncate();
          case 7 -> {
            if (subjects.size() < 4) {
              subjects.add(subject.fork());
            }
          }
          default -> {
            if (random.nextInt(4) == 0) {
              subjects.remove(which).close();
            } else {
              cache.work();
            }
          }
        }
      }
      subjects.forEach(Subject::close);
      CacheStats stats = cache.stats();
      assertThat(stats.forgetting().compactions()).as(when).isPositive();
      assertThat(stats.forgetting().privateBytes()).as(when).isZero();
      assertThat(stats.forgetting().parkedBytes()).as(when).isZero();
      assertThat(stats.tier(Tier.HOT).usedBytes())
          .as("every slot but those of sealed blocks was given back, %s", when)
          .isEqualTo(stats.tier(Tier.HOT).blocks() * SLOT);
    }
  }
}
