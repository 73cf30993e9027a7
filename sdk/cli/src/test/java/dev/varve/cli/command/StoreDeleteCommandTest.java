package dev.varve.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.cli.Run;
import dev.varve.sdk.CacheConfig;
import dev.varve.sdk.KvCache;
import dev.varve.store.ChainKey;
import dev.varve.store.ChunkKey;
import dev.varve.store.ChunkSpan;
import dev.varve.store.Digest256;
import dev.varve.store.Dtype;
import dev.varve.store.EncodedBlock;
import dev.varve.store.Encoding;
import dev.varve.store.Fingerprint;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import dev.varve.store.RopeSpec;
import dev.varve.store.Tenant;
import dev.varve.store.object.ObjectWriter;
import dev.varve.store.ssd.SsdTier;
import dev.varve.store.ssd.SsdTierConfig;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreDeleteCommandTest {

  private static final int SPAN = 32;
  private static final int PAYLOAD = 4096;
  private static final Tenant RED = new Tenant(7, 8);
  private static final Fingerprint SMALL = new Fingerprint(new Digest256(0x1111L << 48, 2, 3, 4));
  private static final Fingerprint LARGE = new Fingerprint(new Digest256(0x2222L << 48, 2, 3, 4));
  private static final int[] TEXT = IntStream.range(0, 3 * SPAN).toArray();

  @TempDir Path folder;
  private String store = "";

  @BeforeEach
  void fill() {
    store = folder.resolve("store").toString();
    try (SsdTier tier = open();
        Arena arena = Arena.ofConfined()) {
      tier.put(text(RED, SMALL, TEXT, 2, arena));
      tier.put(text(Tenant.NONE, SMALL, TEXT, 2, arena));
      tier.put(text(RED, LARGE, TEXT, 1, arena));
    }
  }

  @Test
  void usageTellsTenantsAndModelsApart() {
    Run run = Run.of("store", "usage", store);
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out().lines().toList())
        .hasSizeGreaterThanOrEqualTo(4)
        .anyMatch(line -> line.matches(".*0{15}70{15}8 .*1111.* 3 .* 6 .*24\\.0 KiB.*48\\.0 KiB.*"))
        .anyMatch(line -> line.matches(".*none .*1111.* 3 .* 6 .*24\\.0 KiB.*"))
        .anyMatch(line -> line.matches(".*0{15}8 .*2222.* 3 .* 3 .*12\\.0 KiB.*"));
    String json = Run.of("store", "usage", store, "--format", "json").out();
    assertThat(json.strip()).startsWith("[").endsWith("]");
    assertThat(json)
        .contains("\"tenant\" : \"" + RED.hash() + "\"")
        .contains("\"model\" : \"" + LARGE.digest() + "\"")
        .contains("\"chunks\" : 3")
        .contains("\"blocks\" : 6")
        .contains("\"payloadBytes\" : 24576")
        .contains("\"storedBytes\" : 49152");
  }

  @Test
  void deletesATenantAndNothingElse() {
    Run run = Run.of("store", "delete", store, "--tenant", RED.hash());
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).isEqualTo("6 chunks erased, 36.0 KiB of payload; 0 saved sessions\n");
    assertThat(tenants()).containsOnly(Tenant.NONE).hasSize(6);
    assertThat(Run.of("store", "verify", store).exitCode()).isZero();
    assertThat(Run.of("store", "delete", store, "--tenant", RED.hash()).out())
        .startsWith("0 chunks erased");
    Run none = Run.of("store", "delete", store, "--tenant", "none", "--format", "json");
    assertThat(none.out()).contains("\"chunks\" : 3");
    assertThat(Run.of("store", "usage", store).out()).isEqualTo("the store is empty\n");
  }

  @Test
  void deletesAModelByTheFirstDigitsOfItsHash() {
    Run run = Run.of("store", "delete", store, "--model", "11110000");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).startsWith("6 chunks erased");
    assertThat(tenants()).containsOnly(RED).hasSize(3);
  }

  @Test
  void deletesAPrefixAndWhatContinuesIt() {
    String ids =
        Arrays.stream(TEXT, 0, 2 * SPAN + 5)
            .mapToObj(String::valueOf)
            .collect(Collectors.joining(","));
    Run several = Run.of("store", "delete", store, "--prefix", ids);
    assertThat(several.exitCode()).isEqualTo(2);
    assertThat(several.err()).contains("blocks of 2 models: say which with --model");
    Run run =
        Run.of(
            "store",
            "delete",
            store,
            "--prefix",
            ids,
            "--tenant",
            RED.hash(),
            "--model",
            SMALL.digest().toString());
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).startsWith("2 chunks erased, 16.0 KiB");
    assertThat(tenants()).hasSize(6 + 2 + 3);
  }

  @Test
  void objectsAreAModelOfTheirOwn() {
    String cached = folder.resolve("cached").toString();
    ModelShape shape =
        ModelShape.uniform(1, LayerShape.grouped(1, 1, 8, RopeSpec.none()), Dtype.F16);
    CacheConfig config = CacheConfig.of(shape, "m").ssd(Path.of(cached), 64 << 20).build();
    try (KvCache cache = KvCache.open(config)) {
      for (Tenant tenant : List.of(RED, Tenant.NONE)) {
        try (ObjectWriter writer =
            cache.objects(tenant).write("a".getBytes(StandardCharsets.US_ASCII))) {
          writer.write(ByteBuffer.allocate(5000));
          assertThat(writer.commit().committed()).isTrue();
        }
      }
    }
    assertThat(Run.of("store", "usage", cached).out().lines().filter(l -> l.contains("objects")))
        .hasSize(2);
    assertThat(Run.of("store", "delete", cached, "--tenant", "none").out())
        .startsWith("2 chunks erased");
    try (KvCache cache = KvCache.open(config)) {
      assertThat(cache.objects().count()).isZero();
      assertThat(cache.objects(RED).count()).isEqualTo(1);
    }
    assertThat(Run.of("store", "delete", cached, "--model", "objects").out())
        .startsWith("2 chunks erased");
    try (KvCache cache = KvCache.open(config)) {
      assertThat(cache.objects(RED).count()).isZero();
    }
  }

  @Test
  void aWrongCallIsRefusedWithASentenceAndChangesNothing() {
    assertRefused(2, "one of --tenant, --model and --prefix", "delete", store);
    assertRefused(
        2,
        "not --tenant and --model together",
        "delete",
        store,
        "--tenant",
        "none",
        "--model",
        "11110000");
    assertRefused(2, "has 32 hexadecimal digits: 'red'", "delete", store, "--tenant", "red");
    assertRefused(2, "'1111' is no hash", "delete", store, "--model", "1111");
    assertRefused(
        2, "no models of the store begin with 'abcdef12'", "delete", store, "--model", "abcdef12");
    assertRefused(
        2,
        "3 tokens are less than one block",
        "delete",
        store,
        "--prefix",
        "1,2,3",
        "--model",
        "11110000");
    assertRefused(
        2, "no block of model", "delete", store, "--prefix", "1,2,3", "--model", "22220000");
    assertRefused(2, "--prefix", "delete", store, "--prefix", "1,x");
    assertRefused(3, "there is no store in", "delete", folder.toString(), "--tenant", "none");
    assertRefused(3, "there is no store in", "usage", folder.toString());
    try (SsdTier tier = open()) {
      assertRefused(3, "open in process", "delete", store, "--tenant", "none");
      assertRefused(3, "open in process", "usage", store);
      assertThat(tier.usage().blocks()).isEqualTo(15);
    }
  }

  private static void assertRefused(int exitCode, String sentence, String... call) {
    List<String> words = new ArrayList<>(List.of("store"));
    words.addAll(List.of(call));
    Run run = Run.of(words.toArray(String[]::new));
    assertThat(run.exitCode()).as("%s: %s", words, run.err()).isEqualTo(exitCode);
    assertThat(run.err()).contains(sentence);
  }

  /** The tenant of each block that is left. */
  private List<Tenant> tenants() {
    List<Tenant> tenants = new ArrayList<>();
    try (SsdTier tier = open()) {
      tier.forEach(header -> tenants.add(header.key().chunk().tenant()));
    }
    return tenants;
  }

  private SsdTier open() {
    return SsdTier.open(new SsdTierConfig(Path.of(store), 1 << 20, 64 << 10));
  }

  private static List<EncodedBlock> text(
      Tenant tenant, Fingerprint model, int[] ids, int layers, Arena arena) {
    List<EncodedBlock> blocks = new ArrayList<>();
    ChainKey parent = ChainKey.root(tenant, model);
    for (int at = 0; at < ids.length; at += SPAN) {
      ChainKey chain = parent.next(ids, at, at + SPAN);
      ChunkKey chunk = new ChunkKey(tenant, model, chain);
      for (int layer = 0; layer < layers; layer++) {
        blocks.add(
            EncodedBlock.seal(
                chunk.block(layer, Encoding.RAW),
                new ChunkSpan(parent, at, SPAN, layers),
                arena.allocate(PAYLOAD)));
      }
      parent = chain;
    }
    return blocks;
  }
}
