package dev.varve.store.ssd;

import dev.varve.store.TestBlocks;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;

/**
 * Child process of the tests: opens a store and says so; then writes batches for ever and says each
 * number once it is stored, or waits for its input to end.
 */
final class SsdWriterMain {

  static final int PAYLOAD = 30_000;
  static final int BATCH = 5;

  private SsdWriterMain() {}

  static SsdTierConfig config(Path folder) {
    return new SsdTierConfig(folder, 4L << 30, 1 << 20);
  }

  public static void main(String[] arguments) throws IOException {
    try (SsdTier tier = SsdTier.open(config(Path.of(arguments[0])))) {
      System.out.println("open");
      if (arguments[1].equals("wait")) {
        System.in.transferTo(System.out);
        return;
      }
      for (long batch = Long.parseLong(arguments[1]); ; batch++) {
        try (Arena arena = Arena.ofConfined()) {
          tier.put(TestBlocks.blocks(arena, batch * BATCH, (batch + 1) * BATCH, PAYLOAD));
        }
        System.out.println(batch);
      }
    }
  }
}
