package dev.varve.sidecar.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MemoryBudgetTest {

  private final MemoryBudget budget = new MemoryBudget(100);
  private final List<String> granted = new ArrayList<>();

  @Test
  void grantsInTheOrderOfAsking() {
    assertThat(budget.tryReserve(80)).isTrue();
    budget.reserve(50, Runnable::run, () -> granted.add("first"));
    budget.reserve(10, Runnable::run, () -> granted.add("second"));
    assertThat(budget.tryReserve(5)).as("nobody overtakes who waits").isFalse();
    assertThat(granted).isEmpty();
    budget.release(40);
    assertThat(granted).containsExactly("first", "second");
    assertThat(budget.used()).isEqualTo(100);
  }

  @Test
  void refusesWhatCanNeverBe() {
    assertThatThrownBy(() -> budget.reserve(101, Runnable::run, () -> {}))
        .hasMessage("101 bytes are more than the whole budget of 100");
    assertThatThrownBy(() -> budget.release(1)).hasMessage("1 bytes released, reserved were 0");
  }

  @Test
  void takesNothingOfTheBudgetForSmallThings() {
    ConnectionMemory memory = new ConnectionMemory(budget);
    assertThat(memory.reserve(ConnectionMemory.FLOOR)).isTrue();
    assertThat(budget.used()).isZero();
    assertThat(memory.reserve(60)).isTrue();
    assertThat(budget.used()).isEqualTo(60);
    assertThat(memory.reserve(60)).isFalse();
    memory.release(100);
    assertThat(budget.used()).isZero();
  }

  @Test
  void keepsForAConnectionWhatItWaitedFor() {
    ConnectionMemory memory = new ConnectionMemory(budget);
    assertThat(budget.tryReserve(90)).isTrue();
    long wanted = ConnectionMemory.FLOOR + 50;
    assertThat(memory.reserve(wanted)).isFalse();
    memory.await(wanted, Runnable::run, () -> granted.add("yes " + memory.reserve(wanted)));
    assertThat(granted).isEmpty();
    budget.release(90);
    assertThat(granted).containsExactly("yes true");
    memory.release(wanted);
    assertThat(budget.used()).isZero();
  }

  @Test
  void losesNothingWhateverIsAskedFor() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    ConnectionMemory memory = new ConnectionMemory(budget);
    List<Long> held = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      long bytes = random.nextInt(20_000);
      if (random.nextBoolean()) {
        if (memory.reserve(bytes)) {
          held.add(bytes);
        }
      } else if (!held.isEmpty()) {
        memory.release(held.remove(random.nextInt(held.size())));
      }
    }
    held.forEach(memory::release);
    assertThat(budget.used()).as("seed %d", seed).isZero();
  }
}
