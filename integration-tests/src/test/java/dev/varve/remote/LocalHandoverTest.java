package dev.varve.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.client.BlockRange;
import dev.varve.client.HandoverLease;
import dev.varve.client.LocalConfig;
import dev.varve.client.LocalHandover;
import dev.varve.sdk.EngineTensor;
import dev.varve.sdk.LayerTensors;
import dev.varve.sdk.wire.BlockTensors;
import dev.varve.sidecar.handover.HandoverConfig;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Tenant;
import dev.varve.store.object.CommitTerms;
import dev.varve.store.object.ObjectSpace;
import dev.varve.store.object.ObjectWriter;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

class LocalHandoverTest {

  private static final int SPAN = ModelServer.SPAN;
  private static final int LAYERS = ModelServer.SHAPE.layerCount();
  private static final int CHUNKS = 3;
  private static final int[] IDS = IntStream.range(0, CHUNKS * SPAN).map(i -> i * 11).toArray();
  private static final Duration QUICK = Duration.ofMillis(1);

  @TempDir Path folder;

  private Path path() {
    return folder.resolve("varve.sock");
  }

  private ModelServer server(long bytes) throws IOException {
    return new ModelServer(0, new HandoverConfig(path(), bytes, 2, 16));
  }

  private LocalHandover client() {
    LocalConfig config = LocalConfig.of(path()).within(Duration.ofSeconds(60), QUICK);
    return LocalHandover.open(config, System::nanoTime);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void put(ModelServer server, String key, byte[] value) {
    ObjectSpace objects = server.cache().objects();
    try (ObjectWriter writer = objects.write(bytes(key))) {
      writer.write(MemorySegment.ofArray(value));
      var _ = writer.commit(CommitTerms.PLAIN);
    }
  }

  private static String text(HandoverLease.Part part) {
    return new String(part.bytes().toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
  }

  @Test
  void valuesAreReadWhereTheyLieUntilTheLeaseIsClosed() throws Exception {
    try (ModelServer server = server(1 << 20);
        LocalHandover client = client()) {
      put(server, "k", bytes("value"));
      put(server, "empty", new byte[0]);
      MemorySegment kept;
      try (HandoverLease lease =
          client.lease(List.of(bytes("k"), bytes("nosuch"), bytes("empty"))).orElseThrow()) {
        assertThat(lease.parts()).hasSize(3);
        assertThat(lease.parts().get(1)).isEmpty();
        assertThat(lease.parts().get(2).orElseThrow().bytes().byteSize()).isZero();
        HandoverLease.Part part = lease.parts().getFirst().orElseThrow();
        assertThat(text(part)).isEqualTo("value");
        assertThat(part.sound()).isTrue();
        assertThat(lease.stillHeld()).isTrue();
        kept = part.bytes();
        assertThatThrownBy(() -> kept.set(ValueLayout.JAVA_BYTE, 0, (byte) 1))
            .isInstanceOf(IllegalArgumentException.class);
      }
      assertThatThrownBy(() -> kept.get(ValueLayout.JAVA_BYTE, 0))
          .isInstanceOf(IllegalStateException.class);
      try (HandoverLease nothing = client.lease(List.of(bytes("nosuch"))).orElseThrow()) {
        assertThat(nothing.parts()).containsExactly(Optional.empty());
      }
      assertThat(server.shelves().leased()).isZero();
      assertThat(client.failures()).isZero();
      assertThat(client.leases()).isEqualTo(2);
    }
  }

  @Test
  void blocksAreThoseThatWereStored() throws Exception {
    try (ModelServer server = server(8 << 20);
        LocalHandover client = client()) {
      List<LayerTensors> rows = new ArrayList<>();
      List<List<MemorySegment>> blocks = new ArrayList<>();
      Random random = new Random(5);
      for (int layer = 0; layer < LAYERS; layer++) {
        rows.add(rows(ModelServer.GEOMETRY.block(layer), random));
      }
      assertThat(server.cache().store(Tenant.NONE, IDS, rows)).isEqualTo(IDS.length);
      for (int chunk = 0; chunk < CHUNKS; chunk++) {
        List<MemorySegment> ofChunk = new ArrayList<>();
        for (int layer = 0; layer < LAYERS; layer++) {
          BlockGeometry geometry = ModelServer.GEOMETRY.block(layer);
          MemorySegment block = Arena.ofAuto().allocate(geometry.bytes(), 64);
          BlockTensors.copy(geometry, rows.get(layer), chunk * SPAN, block);
          ofChunk.add(block);
        }
        blocks.add(ofChunk);
      }
      for (int round = 0; round < 3; round++) {
        try (HandoverLease lease =
            client.leaseBlocks("m", IDS, new BlockRange(0, CHUNKS, 0, LAYERS)).orElseThrow()) {
          assertThat(lease.parts()).hasSize(CHUNKS * LAYERS);
          for (Optional<HandoverLease.Part> each : lease.parts()) {
            HandoverLease.Part part = each.orElseThrow();
            MemorySegment expected = blocks.get(part.chunk()).get(part.layer());
            assertThat(part.bytes().mismatch(expected)).isEqualTo(-1);
          }
        }
      }
      try (HandoverLease lease =
          client.leaseBlocks("m", IDS, new BlockRange(1, 1, 2, 1)).orElseThrow()) {
        HandoverLease.Part part = lease.parts().getFirst().orElseThrow();
        assertThat(part.bytes().mismatch(blocks.get(1).get(2))).isEqualTo(-1);
      }
      assertThat(server.shelves().copied()).isEqualTo((long) CHUNKS * LAYERS);
      assertThat(client.leaseBlocks("nosuch", IDS, new BlockRange(0, 1, 0, 1))).isEmpty();
      assertThat(client.leaseBlocks("m", IDS, new BlockRange(0, 1, LAYERS, 1))).isEmpty();
      assertThat(client.failures()).isEqualTo(2);
    }
  }

  private static LayerTensors rows(BlockGeometry geometry, Random random) {
    MemorySegment memory =
        Arena.ofAuto().allocate((long) IDS.length * geometry.bytes() / geometry.tokens() + 64, 64);
    for (long at = 0; at + 1 < memory.byteSize(); at += 2) {
      memory.set(ValueLayout.JAVA_SHORT, at, Float.floatToFloat16((float) random.nextGaussian()));
    }
    long row = (long) geometry.keyDim() * geometry.kvHeads() * 2;
    return new LayerTensors(
        tensor(geometry, memory, 0, row), tensor(geometry, memory, IDS.length * row, row));
  }

  private static EngineTensor tensor(
      BlockGeometry geometry, MemorySegment memory, long offset, long row) {
    return new EngineTensor(
        memory,
        offset,
        geometry.dtype(),
        IDS.length,
        geometry.kvHeads(),
        geometry.keyDim(),
        row,
        (long) geometry.keyDim() * 2);
  }

  @Test
  void aServerThatRestartsIsFoundAgainAndLeasesBeforeItSaySo() throws Exception {
    try (LocalHandover client = client()) {
      assertThat(client.lease(List.of(bytes("k")))).as("no server yet").isEmpty();
      HandoverLease before;
      try (ModelServer server = server(1 << 20)) {
        put(server, "k", bytes("first"));
        before = eventually(client, "k");
        assertThat(before.stillHeld()).isTrue();
      }
      try (before) {
        assertThat(before.stillHeld()).isFalse();
        assertThat(text(before.parts().getFirst().orElseThrow()))
            .as("memory that is mapped stays")
            .isEqualTo("first");
        try (ModelServer server = server(1 << 20)) {
          put(server, "k", bytes("second"));
          try (HandoverLease after = eventually(client, "k")) {
            assertThat(text(after.parts().getFirst().orElseThrow())).isEqualTo("second");
            assertThat(after.stillHeld()).isTrue();
          }
        }
      }
    }
  }

  private static HandoverLease eventually(LocalHandover client, String key) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (true) {
      Optional<HandoverLease> lease = client.lease(List.of(bytes(key)));
      if (lease.isPresent()) {
        return lease.get();
      }
      assertThat(System.nanoTime()).as("a lease in time").isLessThan(end);
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }

  @Test
  void noByteThatIsLeasedChangesWhileOthersPutAndLease() throws Exception {
    long seed = new Random().nextLong();
    int clients = 3;
    ExecutorService pool = Executors.newFixedThreadPool(clients + 1);
    try (ModelServer server = server(24 * 4096)) {
      for (int key = 0; key < 16; key++) {
        put(server, "k" + key, value(key, 0));
      }
      List<Callable<Integer>> tasks = new ArrayList<>();
      tasks.add(() -> putting(server, new Random(seed)));
      for (int i = 1; i <= clients; i++) {
        Random random = new Random(seed + i);
        tasks.add(() -> leasing(random));
      }
      int checked = 0;
      for (Future<Integer> each : pool.invokeAll(tasks)) {
        checked += each.get();
      }
      assertThat(checked).as("seed %d", seed).isPositive();
      assertThat(server.shelves().displaced()).as("seed %d", seed).isPositive();
    } finally {
      pool.shutdownNow();
    }
  }

  /** A value that says of itself which it is, in every byte. */
  private static byte[] value(int key, int version) {
    byte[] value = new byte[2000 + key * 700];
    new Random(key * 1000L + version).nextBytes(value);
    return value;
  }

  private static int putting(ModelServer server, Random random) {
    for (int i = 1; i <= 300; i++) {
      int key = random.nextInt(16);
      put(server, "k" + key, value(key, i));
    }
    return 0;
  }

  private int leasing(Random random) {
    int checked = 0;
    try (LocalHandover client = client()) {
      for (int i = 0; i < 300; i++) {
        List<byte[]> keys =
            Stream.generate(() -> bytes("k" + random.nextInt(16)))
                .limit(1 + random.nextInt(3))
                .toList();
        Optional<HandoverLease> leased = client.lease(keys);
        if (leased.isPresent()) {
          try (HandoverLease lease = leased.get()) {
            for (Optional<HandoverLease.Part> part : lease.parts()) {
              assertThat(part.orElseThrow().sound()).isTrue();
              assertThat(part.orElseThrow().sound()).isTrue();
              checked++;
            }
            assertThat(lease.stillHeld()).isTrue();
          }
        }
      }
    }
    return checked;
  }

  @Test
  void everyFailureIsEmpty() throws Exception {
    LocalConfig nowhere = LocalConfig.of(folder.resolve("x".repeat(120)));
    try (LocalHandover lost = LocalHandover.open(nowhere, () -> 0)) {
      assertThat(lost.lease(List.of(bytes("k")))).isEmpty();
      assertThat(lost.lease(List.of(bytes("k")))).as("in the pause").isEmpty();
      assertThat(lost.failures()).isEqualTo(1);
      assertThatThrownBy(() -> lost.lease(List.of())).hasMessage("a lease needs at least one key");
    }
    LocalHandover client = client();
    try (ModelServer server = server(4096)) {
      put(server, "k", bytes("value"));
      put(server, "large", new byte[5000]);
      assertThat(client.lease(List.of(bytes("large")))).isEmpty();
      try (HandoverLease lease = client.lease(List.of(bytes("k"))).orElseThrow()) {
        assertThat(lease.stillHeld()).isTrue();
        assertThat(client.failures()).isEqualTo(1);
        client.close();
        assertThat(lease.stillHeld()).isFalse();
        assertThat(client.lease(List.of(bytes("k")))).isEmpty();
      }
    } finally {
      client.close();
    }
  }

  static boolean python() {
    return Files.isExecutable(Path.of("/usr/bin/python3"));
  }

  @Test
  @EnabledIf(value = "python", disabledReason = "there is no /usr/bin/python3")
  void theRecipeForPythonWorksAndItsLeaseEndsWithTheProcess() throws Exception {
    Path page = Path.of(System.getProperty("varve.root"), "docs", "protocol.md");
    String text = Files.readString(page);
    int start = text.indexOf("```python\n") + "```python\n".length();
    String recipe = text.substring(start, text.indexOf("```\n", start));
    try (ModelServer server = server(1 << 20)) {
      put(server, "greeting", bytes("hello"));
      assertThat(run(recipe)).isEqualTo("hello\n");
      String killed =
          recipe.substring(0, recipe.indexOf("send(b\"KV.RELEASE\""))
              + "import os, signal\nsys.stdout.flush()\nos.kill(os.getpid(), signal.SIGKILL)\n";
      assertThat(run(killed)).isEqualTo("hello\n");
      String writing = recipe.replace("mmap.PROT_READ)", "mmap.PROT_READ | mmap.PROT_WRITE)");
      assertThat(run(writing)).contains("PermissionError");
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      while (server.shelves().leased() > 0) {
        assertThat(System.nanoTime()).as("the lease ends").isLessThan(end);
        TimeUnit.MILLISECONDS.sleep(5);
      }
      assertThat(server.shelves().copied()).isEqualTo(1);
    }
  }

  private String run(String program) throws Exception {
    Process process =
        new ProcessBuilder("/usr/bin/python3", "-c", program, path().toString())
            .redirectErrorStream(true)
            .start();
    try {
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      return output;
    } finally {
      process.destroyForcibly();
    }
  }
}
