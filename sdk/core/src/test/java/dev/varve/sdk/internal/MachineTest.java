package dev.varve.sdk.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.sdk.CacheConfig;
import dev.varve.sdk.KvCache;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import dev.varve.store.RopeSpec;
import dev.varve.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineTest {

  private static final long MIB = 1 << 20;

  @TempDir private Path folder;

  @Test
  void refusesTiersAboveTheMemoryOfTheMachine() {
    Machine machine = new Machine(100 * MIB, path -> Long.MAX_VALUE);
    assertThatCode(() -> check(machine, config().hot(100 * MIB).build()))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> check(machine, config().hot(100 * MIB + 1).build()))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("hot tier of 104857601 bytes")
        .hasMessageContaining("memory of 104857600 bytes");
    assertThatThrownBy(() -> check(machine, config().hot(Long.MAX_VALUE).host(MIB).build()))
        .hasMessageContaining("make them smaller");
  }

  @Test
  void countsWhatAHostTierTakesBesideItsBlocks() {
    CacheConfig config = config().hot(MIB).host(80 * MIB).build();
    assertThatThrownBy(() -> check(new Machine(99 * MIB, path -> 0), config))
        .hasMessageContaining("host tier that takes up to");
    assertThatCode(() -> check(new Machine(102 * MIB, path -> 0), config))
        .doesNotThrowAnyException();
  }

  @Test
  void refusesAnSsdTierAboveWhatItsDiskHasLeft() throws IOException {
    Machine machine =
        new Machine(
            100 * MIB,
            path -> {
              assertThat(path).isEqualTo(folder);
              return 10 * MIB;
            });
    Path store = folder.resolve("a/store");
    CacheConfig larger = config().hot(MIB).ssd(store, 10 * MIB + 1).build();
    assertThatCode(() -> check(machine, config().hot(MIB).ssd(store, 10 * MIB).build()))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> check(machine, larger))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("SSD tier of 10485761 bytes")
        .hasMessageContaining("10485760 bytes left");
    assertThat(store).doesNotExist();
  }

  @Test
  void countsWhatTheStoreHoldsAlready() throws IOException {
    Files.write(Files.createDirectories(folder.resolve("segments")).resolve("1"), new byte[4096]);
    Machine machine = new Machine(100 * MIB, path -> MIB);
    assertThatCode(() -> check(machine, config().hot(MIB).ssd(folder, MIB + 4096).build()))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> check(machine, config().hot(MIB).ssd(folder, MIB + 4097).build()))
        .hasMessageContaining("holds 4096 bytes");
  }

  @Test
  void refusesAtOpenWhatThisMachineCannotHold() {
    long tooMuch = Machine.here().memoryBytes() + MIB;
    assertThatThrownBy(() -> KvCache.open(config().hot(tooMuch).build()))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("do not fit into the machine's memory");
    assertThatThrownBy(() -> KvCache.open(config().hot(MIB).ssd(folder, 1L << 60).build()))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("bytes left");
  }

  private static CacheConfig.Builder config() {
    RopeSpec rope = RopeSpec.of(16, 10_000, RopeSpec.Pairing.HALVES);
    ModelShape shape = ModelShape.uniform(3, LayerShape.grouped(4, 2, 16, rope), Dtype.F16);
    return CacheConfig.of(shape, "model").blockTokens(32);
  }

  private static void check(Machine machine, CacheConfig config) {
    machine.check(config, config.hotBytes());
  }
}
