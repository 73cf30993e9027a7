package dev.varve.sidecar.handover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.store.BlockChecksum;
import dev.varve.store.Tenant;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ShelfTest {

  private static final int KEYS = 24;
  private static final int THREADS = 4;
  private static final int STEPS = 4000;
  private static final int MOST_PAGES = 4;

  private static long clock() {
    return 0;
  }

  private static ShelfName name(int key) {
    return ShelfName.OfValue.of(new byte[] {(byte) key});
  }

  private static long length(int key, int version) {
    return 1 + Math.floorMod(31L * key + 17L * version, (MOST_PAGES * Slab.PAGE) / 8) * 8;
  }

  private static void write(MemorySegment target, int key, int version) {
    for (long at = 0; at < target.byteSize(); at++) {
      target.set(ValueLayout.JAVA_BYTE, at, (byte) (key * 7 + version * 13 + at * 3));
    }
  }

  private record Held(Shelf.Place place, int key, int version) {}

  @Test
  void noByteOfALeasedValueChangesWhateverOthersDo() throws Exception {
    long seed = new Random().nextLong();
    AtomicIntegerArray versions = new AtomicIntegerArray(KEYS);
    AtomicLong full = new AtomicLong();
    ExecutorService pool = Executors.newFixedThreadPool(THREADS);
    try (Shelf shelf = Shelf.create(8 * MOST_PAGES * Slab.PAGE, 1, ShelfTest::clock)) {
      List<Callable<Long>> clients = new ArrayList<>();
      for (int thread = 0; thread < THREADS; thread++) {
        Random random = new Random(seed + thread);
        clients.add(() -> client(shelf, versions, full, random));
      }
      long checked = 0;
      for (Future<Long> each : pool.invokeAll(clients)) {
        checked += each.get();
      }
      ShelfState end = shelf.state();
      assertThat(checked).as("seed %d, %s", seed, end).isPositive();
      assertThat(end.leased()).as("seed %d", seed).isZero();
      assertThat(end.copied()).as("seed %d", seed).isPositive();
      assertThat(end.found()).as("seed %d", seed).isPositive();
      assertThat(end.displaced()).as("seed %d", seed).isPositive();
      for (int key = 0; key < KEYS; key++) {
        shelf.forget(name(key));
      }
      assertThat(shelf.state().used()).as("seed %d: no range is lost", seed).isZero();
    } finally {
      pool.shutdownNow();
    }
  }

  private static long client(
      Shelf shelf, AtomicIntegerArray versions, AtomicLong full, Random random) throws Exception {
    List<Held> held = new ArrayList<>();
    long checked = 0;
    for (int step = 0; step < STEPS; step++) {
      int key = random.nextInt(KEYS);
      int version = random.nextInt(8) == 0 ? versions.incrementAndGet(key) : versions.get(key);
      switch (random.nextInt(8)) {
        case 0 -> shelf.forget(name(key));
        case 1 -> fail(shelf, key, random);
        default -> lease(shelf, key, version, full).ifPresent(held::add);
      }
      while (held.size() > random.nextInt(8)) {
        checked += check(shelf, held.remove(random.nextInt(held.size())));
      }
    }
    for (Held each : held) {
      checked += check(shelf, each);
    }
    return checked;
  }

  private static Optional<Held> lease(Shelf shelf, int key, int version, AtomicLong full) {
    try {
      return shelf
          .lease(
              name(key),
              version,
              length(key, version),
              target -> {
                write(target, key, version);
                return true;
              })
          .map(place -> new Held(place, key, version));
    } catch (ShelfFullException e) {
      full.incrementAndGet();
      return Optional.empty();
    }
  }

  /** A value that is lost while it is copied, told by the result or by an exception. */
  private static void fail(Shelf shelf, int key, Random random) {
    boolean thrown = random.nextBoolean();
    try {
      Optional<Shelf.Place> place =
          shelf.lease(
              name(KEYS + key),
              0,
              100,
              target -> {
                target.fill((byte) 0xee);
                if (thrown) {
                  throw new IllegalStateException("lost");
                }
                return false;
              });
      assertThat(place).isEmpty();
    } catch (IllegalStateException e) {
      assertThat(thrown).isTrue();
    } catch (ShelfFullException e) {
      assertThat(e).hasMessageContaining("leased");
    }
  }

  private static long check(Shelf shelf, Held held) {
    MemorySegment found = shelf.memory().asSlice(held.place.offset(), held.place.length());
    byte[] expected = new byte[(int) length(held.key, held.version)];
    write(MemorySegment.ofArray(expected), held.key, held.version);
    assertThat(found.mismatch(MemorySegment.ofArray(expected))).isEqualTo(-1);
    assertThat(held.place.crc()).isEqualTo(BlockChecksum.crc32c(found));
    shelf.release(held.place.claim());
    return 1;
  }

  @Test
  void whoeverAsksWhileAValueIsCopiedGetsTheSameCopy() throws Exception {
    CountDownLatch copying = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    ExecutorService pool = Executors.newFixedThreadPool(2);
    try (Shelf shelf = Shelf.create(Slab.PAGE, 1, ShelfTest::clock)) {
      Future<Optional<Shelf.Place>> first =
          pool.submit(() ->
              shelf.lease(
                  name(1),
                  1,
                  10,
                  target -> {
                    copying.countDown();
                    awaitQuietly(goOn);
                    write(target, 1, 1);
                    return true;
                  }));
      copying.await();
      Future<Optional<Shelf.Place>> second =
          pool.submit(() -> shelf.lease(name(1), 1, 10, target -> false));
      goOn.countDown();
      Shelf.Place one = first.get().orElseThrow();
      Shelf.Place other = second.get().orElseThrow();
      assertThat(other.offset()).isEqualTo(one.offset());
      assertThat(other.crc()).isEqualTo(one.crc());
      assertThat(shelf.state().copied()).isEqualTo(1);
      assertThatThrownBy(() -> shelf.lease(name(2), 1, 10, target -> true))
          .isInstanceOf(ShelfFullException.class);
      shelf.release(one.claim());
      assertThatThrownBy(() -> shelf.lease(name(2), 1, 10, target -> true))
          .isInstanceOf(ShelfFullException.class);
      shelf.release(other.claim());
      assertThat(shelf.lease(name(2), 1, 10, target -> true)).isPresent();
    } finally {
      pool.shutdownNow();
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void theTiersHearNowAndThenThatAValueIsUsed() throws Exception {
    AtomicLong now = new AtomicLong();
    try (Shelf shelf = Shelf.create(Slab.PAGE, 1, now::get)) {
      assertThat(shelf.find(name(1), 1)).isEmpty();
      assertThat(shelf.lease(name(1), 1, 10, target -> true)).isPresent();
      assertThat(shelf.find(name(1), 1)).isPresent();
      assertThat(shelf.find(name(1), 2)).as("another version").isEmpty();
      now.set(1000);
      assertThat(shelf.find(name(1), 1)).isPresent();
      now.set(1001);
      assertThat(shelf.find(name(1), 1)).isEmpty();
      assertThat(shelf.lease(name(1), 1, 10, target -> false)).isPresent();
      assertThat(shelf.find(name(1), 1)).isPresent();
      assertThat(shelf.state().copied()).isEqualTo(1);
      assertThat(shelf.state().found()).isEqualTo(4);
    }
  }

  @Test
  void aFileIsMadeForEachTenantAndGoesWhereItIsNotUsed() throws IOException, ShelfFullException {
    HandoverConfig config = new HandoverConfig(Path.of("unused"), 3 * Slab.PAGE - 1, 1, 1);
    assertThat(config.fileBytes()).isEqualTo(3 * Slab.PAGE);
    try (Shelves shelves = new Shelves(config, ShelfTest::clock);
        HandoverSession one = new HandoverSession(shelves);
        HandoverSession other = new HandoverSession(shelves)) {
      Tenant first = new Tenant(1, 1);
      Tenant second = new Tenant(2, 2);
      assertThat(one.map(first).number()).isEqualTo(1);
      assertThat(other.map(first).number()).isEqualTo(1);
      assertThatThrownBy(() -> other.map(second)).isInstanceOf(ShelfFullException.class);
      assertThat(one.shelf(second)).isEmpty();
    }
  }
}
