package dev.varve.sdk;

import java.nio.file.Path;
import java.time.Duration;

/** Stores, times, pins and erases one text after the other, and says what is done, until killed. */
final class RetentionWriterMain {

  static final Duration TIME = Duration.ofHours(1);

  private RetentionWriterMain() {}

  /** Arguments: folder, number of the first text. */
  @SuppressWarnings("SystemOut")
  public static void main(String[] arguments) {
    TenantBench bench = new TenantBench();
    try (KvCache cache = bench.open(TenantBench.config(Path.of(arguments[0])))) {
      System.out.println("open");
      for (int text = Integer.parseInt(arguments[1]); true; text++) {
        bench.store(cache, TenantBench.RED, text(text));
        System.out.println("stored " + text);
        switch (text % 4) {
          case 1 -> {
            cache.retention().expireAfter(TenantBench.RED, front(text), TIME);
            System.out.println("timed " + text);
          }
          case 2 -> {
            cache.tenants().erasePrefix(TenantBench.RED, front(text));
            System.out.println("erased " + text);
          }
          case 3 -> {
            cache.retention().pin(TenantBench.RED, text(text));
            System.out.println("pinned " + text);
          }
          default -> cache.work();
        }
        if (text % 10 == 9) {
          erase(cache, bench);
        }
      }
    }
  }

  /** With an open session, so that what it holds outlives the erasure. */
  @SuppressWarnings("SystemOut")
  private static void erase(KvCache cache, TenantBench bench) {
    try (KvSession session = cache.openSession(TenantBench.BLUE)) {
      System.out.println("other begins");
      bench.run(session, text(0));
      session.endTurn();
      cache.tenants().erase(TenantBench.BLUE);
      System.out.println("other erased");
      bench.run(session, text(1));
      session.endTurn();
    }
  }

  static int[] text(int number) {
    return TenantBench.text(number, 2);
  }

  static int[] front(int number) {
    return TenantBench.front(text(number), 1);
  }
}
