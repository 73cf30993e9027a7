package dev.varve.store.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.store.ChildJvm;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What a process did before spoils nothing that it does later; each case in a process of its own.
 */
class KernelHistoryTest {

  @Test
  void shortRowsThatCameFirstDoNotMakeLongOnesAllocate() throws Exception {
    Process child = ChildJvm.start(ChildJvm.command(List.of(), ShortRowsFirstMain.class));
    String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(child.waitFor()).as(output).isZero();
    int quietAfter = Integer.parseInt(output.strip().lines().toList().getLast());
    assertThat(quietAfter).as("rounds until nothing was allocated: %s", output).isNotNegative();
  }
}
