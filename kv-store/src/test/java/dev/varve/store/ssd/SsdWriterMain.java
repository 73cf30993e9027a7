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

  static SsdTierConfig config(Path folder, long segmentBytes) {
    return new SsdTierConfig(folder, 4L << 30, segmentBytes);
  }

  public static void main(String[] arguments) throws IOException {
    try (SsdTier tier = SsdTier.open(config(Path.of(arguments[0]), Long.parseLong(arguments[2])))) {
      System.out.println("open");
      if (arguments[1].equals("wait")) {
        System.in.transferTo(System.out);
        return;
      }
      long batch = Long.parseLong(arguments[1]);
      while (true) {
        try (Arena arena = Arena.ofConfined()) {
          tier.put(TestBlocks.blocks(arena, batch * BATCH, (batch + 1) * BATCH, PAYLOAD));
        }
        System.out.println("stored " + batch++);
      }
    }
  }
}
