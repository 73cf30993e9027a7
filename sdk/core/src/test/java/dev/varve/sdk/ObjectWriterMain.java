package dev.varve.sdk;

import dev.varve.store.object.ObjectSpace;
import dev.varve.store.ssd.Durability;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/** Replaces, extends and deletes objects in turn, and says what is done, until it is killed. */
final class ObjectWriterMain {

  static final int NAMES = 5;

  private static final int ROUNDS_OF_A_LIFE = 4;

  private ObjectWriterMain() {}

  static CacheConfig config(Path folder) {
    return TenantBench.config()
        .hot(20 * 4096)
        .host(4 << 20)
        .ssd(new SsdConfig(folder, 256 << 20, new Durability.Sync()))
        .build();
  }

  /** Arguments: folder, and of each name the last round that is done. */
  @SuppressWarnings("SystemOut")
  public static void main(String[] arguments) {
    try (KvCache cache = KvCache.open(config(Path.of(arguments[0])))) {
      int[] rounds = new int[NAMES];
      Arrays.setAll(rounds, name -> Integer.parseInt(arguments[name + 1]));
      for (int turn = 0; true; turn++) {
        int name = turn % NAMES;
        rounds[name]++;
        change(cache.objects(), name, rounds[name]);
        System.out.println("done " + name + " " + rounds[name]);
        cache.work();
      }
    }
  }

  private static void change(ObjectSpace space, int name, int round) {
    switch (round % ROUNDS_OF_A_LIFE) {
      case 0 -> space.delete(name(name));
      case 3 -> ObjectBench.append(space, name(name), part(name, round));
      default -> ObjectBench.put(space, name(name), part(name, round));
    }
  }

  static byte[] name(int name) {
    return ObjectBench.name("object " + name);
  }

  /** What a name holds after a round; empty for nothing. */
  static Optional<byte[]> value(int name, int round) {
    if (round % ROUNDS_OF_A_LIFE == 0) {
      return Optional.empty();
    }
    byte[] part = part(name, round);
    if (round % ROUNDS_OF_A_LIFE != 3) {
      return Optional.of(part);
    }
    byte[] before = part(name, round - 1);
    byte[] both = Arrays.copyOf(before, before.length + part.length);
    System.arraycopy(part, 0, both, before.length, part.length);
    return Optional.of(both);
  }

  private static byte[] part(int name, int round) {
    int length = 1 + name * 300_000 + round * 7919 % 400_000;
    return ObjectBench.value(name * 1_000_003L + round, length);
  }
}
