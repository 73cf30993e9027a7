package dev.varve.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.offload.tenancy.TenantUsage;
import dev.varve.store.Tenant;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A salted block can never be found without its salt. */
class SaltTest {

  private static final byte[] KEY = "the key of a deployment".getBytes(StandardCharsets.UTF_8);
  private static final int[] TEXT = TenantBench.text(1, 1);

  @TempDir Path folder;
  private final TenantBench bench = new TenantBench();

  @Test
  void everySaltFindsItsOwnBlocksAndNoOthers() {
    long seed = new SplittableRandom().nextLong();
    List<byte[]> salts = salts(new SplittableRandom(seed));
    List<byte[]> storing = new ArrayList<>();
    List<byte[]> strangers = new ArrayList<>();
    for (int i = 0; i < salts.size(); i++) {
      (i % 2 == 0 ? storing : strangers).add(salts.get(i));
    }
    for (int process = 0; process < 2; process++) {
      try (KvCache cache = bench.open(TenantBench.config(folder))) {
        for (byte[] salt : process == 0 ? storing : List.<byte[]>of()) {
          bench.store(cache, Tenant.of(KEY, salt), TEXT);
        }
        for (byte[] salt : storing) {
          assertThat(TenantBench.found(cache, Tenant.of(KEY, salt), TEXT))
              .as("salt %s, seed %d", Arrays.toString(salt), seed)
              .isEqualTo(TEXT.length);
        }
        for (byte[] salt : strangers) {
          assertThat(TenantBench.found(cache, Tenant.of(KEY, salt), TEXT))
              .as("salt %s, seed %d", Arrays.toString(salt), seed)
              .isZero();
        }
        assertThat(TenantBench.found(cache, Tenant.NONE, TEXT)).as("seed %d", seed).isZero();
        assertThat(TenantBench.found(cache, Tenant.of(new byte[] {1}, storing.getFirst()), TEXT))
            .as("the key of another deployment, seed %d", seed)
            .isZero();
        assertThat(cache.stats().chunks()).isEqualTo(storing.size());
      }
    }
  }

  @Test
  void anErasedSaltTakesNobodyElsesBlocksWithIt() {
    long seed = new SplittableRandom().nextLong();
    SplittableRandom random = new SplittableRandom(seed);
    List<byte[]> salts = salts(random);
    try (KvCache cache = bench.open(TenantBench.config(folder))) {
      salts.forEach(salt -> bench.store(cache, Tenant.of(KEY, salt), TEXT));
      while (!salts.isEmpty()) {
        byte[] gone = salts.remove(random.nextInt(salts.size()));
        assertThat(cache.tenants().erase(Tenant.of(KEY, gone)).chunks())
            .as("salt %s, seed %d", Arrays.toString(gone), seed)
            .isEqualTo(1);
        assertThat(cache.stats().chunks()).as("seed %d", seed).isEqualTo(salts.size());
        salts.removeIf(salt -> random.nextInt(10) == 0 && erase(cache, salt));
      }
    }
  }

  private static boolean erase(KvCache cache, byte[] salt) {
    return cache.tenants().erase(Tenant.of(KEY, salt)).chunks() == 1;
  }

  @Test
  void saltsHaveDistinctHashesAndAreListedByThese() {
    long seed = new SplittableRandom().nextLong();
    List<byte[]> salts = salts(new SplittableRandom(seed));
    Set<Tenant> tenants = new LinkedHashSet<>();
    salts.forEach(salt -> tenants.add(Tenant.of(KEY, salt)));
    assertThat(tenants).as("seed %d", seed).hasSameSizeAs(salts).doesNotContain(Tenant.NONE);
    for (Tenant tenant : tenants) {
      assertThat(Tenant.ofHash(tenant.hash())).isEqualTo(tenant);
      assertThat(tenant).hasToString("tenant " + tenant.hash());
    }
    try (KvCache cache = bench.open(TenantBench.config(folder))) {
      Tenant one = tenants.iterator().next();
      bench.store(cache, one, TEXT);
      assertThat(cache.tenants().list()).extracting(TenantUsage::tenant).containsExactly(one);
    }
    assertThatThrownBy(() -> Tenant.ofHash("x".repeat(32)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("32 hexadecimal digits: 'xxx");
    assertThatThrownBy(() -> Tenant.of(KEY, new byte[0]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("use Tenant.NONE");
  }

  /** Salts that a careless encoding would take for each other, all different. */
  private static List<byte[]> salts(SplittableRandom random) {
    Set<ByteBuffer> salts = new LinkedHashSet<>();
    for (String text :
        List.of("a", "a|b", "b", "a:b", "a/b", "a\nb", "|", "||", "%", "%2F", "/", "..", "a ")) {
      salts.add(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }
    for (int zeros = 1; zeros < 5; zeros++) {
      salts.add(ByteBuffer.wrap(new byte[zeros]));
    }
    byte[] hash = new byte[Tenant.BYTES];
    salts.add(ByteBuffer.wrap(hash));
    byte[] longOne = new byte[100_000];
    salts.add(ByteBuffer.wrap(longOne));
    salts.add(ByteBuffer.wrap(Arrays.copyOf(longOne, 99_999)));
    for (int i = 0; i < 12; i++) {
      byte[] any = new byte[1 + random.nextInt(i % 3 == 0 ? 3 : 200)];
      random.nextBytes(any);
      salts.add(ByteBuffer.wrap(any));
      salts.add(ByteBuffer.wrap(Arrays.copyOf(any, any.length + 1)));
      if (any.length > 1) {
        salts.add(ByteBuffer.wrap(Arrays.copyOf(any, any.length - 1)));
        salts.add(ByteBuffer.wrap(Arrays.copyOfRange(any, 1, any.length)));
      }
      byte[] flipped = any.clone();
      flipped[random.nextInt(any.length)] ^= (byte) (1 << random.nextInt(8));
      salts.add(ByteBuffer.wrap(flipped));
    }
    return new ArrayList<>(salts.stream().map(ByteBuffer::array).toList());
  }
}
