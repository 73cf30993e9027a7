package dev.varve.store.kernel;

import com.sun.management.ThreadMXBean;
import dev.varve.store.Dtype;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;

/**
 * Converts short rows and seldom a long one until the compiler has made up its mind, then long ones
 * alone. Prints how many rounds it took until one allocated nothing, or -1.
 */
final class ShortRowsFirstMain {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int SHORT = 6;
  private static final int LONG = 128;
  private static final int FIRST_CALLS = 300_000;
  private static final int CALLS = 20_000;
  private static final int ROUNDS = 1_000;

  private final DtypeKernel kernel = DtypeKernel.of(Backend.VECTOR, Dtype.BF16);
  private final float[] floats = new float[LONG];
  private final MemorySegment memory;

  private ShortRowsFirstMain(MemorySegment memory) {
    this.memory = memory;
  }

  public static void main(String[] arguments) {
    try (Arena arena = Arena.ofConfined()) {
      System.out.println(new ShortRowsFirstMain(arena.allocate(2 * LONG, 64)).quietAfter());
    }
  }

  private int quietAfter() {
    for (int call = 0; call < FIRST_CALLS; call++) {
      convert(call % 400 == 0 ? LONG : SHORT);
    }
    for (int round = 0; round < ROUNDS; round++) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      for (int call = 0; call < CALLS; call++) {
        convert(LONG);
      }
      if (THREADS.getCurrentThreadAllocatedBytes() == before) {
        return round;
      }
    }
    return -1;
  }

  private void convert(int count) {
    kernel.load(memory, 0, floats, 0, count);
    kernel.store(floats, 0, count, memory, 0);
  }
}
