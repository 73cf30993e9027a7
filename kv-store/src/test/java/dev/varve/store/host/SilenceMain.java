package dev.varve.store.host;

import dev.varve.store.TestBlocks;
import java.lang.foreign.Arena;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** Uses a tier, then proves that the recorder was listening. Run by {@link ChronicleQuietTest}. */
final class SilenceMain {

  static final String CONTROL = "control.invalid";

  private SilenceMain() {}

  public static void main(String[] arguments) throws InterruptedException {
    try (Arena arena = Arena.ofConfined();
        ChronicleHostTier tier = ChronicleHostTier.open(new HostTierConfig(1 << 20, 1000))) {
      System.out.println("stored " + tier.put(TestBlocks.blocks(arena, 0, 3, 1000)));
    }
    awaitOtherThreads();
    System.out.println("asked by the tier " + LookUpRecorder.ASKED);
    try {
      System.out.println("resolved " + InetAddress.getAllByName(CONTROL).length);
    } catch (UnknownHostException e) {
      System.out.println("asked in all " + LookUpRecorder.ASKED);
    }
  }

  /** Whoever telephones does so on a thread of its own, started in the application's group. */
  private static void awaitOtherThreads() throws InterruptedException {
    Thread self = Thread.currentThread();
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (!thread.equals(self) && self.getThreadGroup().equals(thread.getThreadGroup())) {
        thread.join(2_000);
      }
    }
  }
}
