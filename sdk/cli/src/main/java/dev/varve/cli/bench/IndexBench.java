package dev.varve.cli.bench;

import dev.varve.offload.replacement.PolicyKind;
import dev.varve.offload.replacement.ReplacementPolicy;
import dev.varve.offload.replacement.Visit;
import dev.varve.store.Chunk;
import dev.varve.store.ChunkCatalog;
import dev.varve.store.ChunkKey;
import dev.varve.store.Dtype;
import dev.varve.store.Fingerprint;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import dev.varve.store.RopeSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** Memory and speed of the catalog of chunks, and of one order in which they leave (goal P14). */
public final class IndexBench {

  /** Goal P14: bytes of memory a chunk, index and replacement state together. */
  public static final double BYTES_GOAL = 64;

  /** Goal P14: microseconds of a look-up that 99 of 100 stay below. */
  public static final double LOOKUP_GOAL = 5;

  /** Goal P14: milliseconds to match a prompt of a million tokens. */
  public static final double MATCH_GOAL = 20;

  /** Parts of the run, for a progress bar. */
  public static final int PARTS = 5;

  private static final int WARM_UP = 50_000;
  private static final int LAYERS = 32;
  private static final int CACHE_LAYERS = 4;
  private static final int MATCHES = 21;
  private static final double MILLION = 1e6;

  private final Settings settings;
  private final CatalogFill fill = new CatalogFill(model(1));

  /**
   * What to measure.
   *
   * @param chunks in the catalog
   * @param hostShare share of them that the host tier holds as well, in its order
   * @param lookups single look-ups to time
   * @param promptTokens of the prompt to match
   */
  public record Settings(int chunks, double hostShare, int lookups, int promptTokens) {}

  public IndexBench(Settings settings) {
    this.settings = settings;
  }

  private static Fingerprint model(int layers) {
    LayerShape layer = LayerShape.grouped(32, 8, 128, RopeSpec.none());
    return Fingerprint.of("bench " + layers, ModelShape.uniform(layers, layer, Dtype.F16), 128);
  }

  /**
   * Measures.
   *
   * @param progress hears how many parts are done
   */
  public List<Finding> run(IntConsumer progress) {
    List<Finding> findings = new ArrayList<>();
    long before = UsedHeap.now();
    ChunkCatalog catalog = new ChunkCatalog(7);
    double rate = insert(catalog);
    progress.accept(1);
    double index = (UsedHeap.now() - before) / (double) settings.chunks();
    double order = orderBytes();
    progress.accept(2);
    memory(findings, catalog, index, order);
    findings.add(Finding.of("chunks entered a second", rate / MILLION, "M"));
    lookups(findings, catalog);
    progress.accept(3);
    walk(findings, catalog);
    progress.accept(4);
    findings.add(
        millis(
                "match, whole call",
                CacheMatch.seconds(settings.promptTokens(), CACHE_LAYERS, MATCHES))
            .atMost(MATCH_GOAL));
    return findings;
  }

  private double insert(ChunkCatalog catalog) {
    long started = System.nanoTime();
    fill.enter(catalog, 0, settings.chunks());
    return settings.chunks() * 1e9 / (System.nanoTime() - started);
  }

  private void memory(List<Finding> findings, ChunkCatalog catalog, double index, double order) {
    double tables = catalog.tableBytes() / (double) settings.chunks();
    findings.add(Finding.of("index, tables summed", tables, "B"));
    findings.add(Finding.of("index, growth of the heap", index, "B"));
    findings.add(Finding.of("host order, growth of the heap", order, "B"));
    findings.add(
        Finding.of("index and order together", index + settings.hostShare() * order, "B")
            .atMost(BYTES_GOAL)
            .beside("the bare chain key", 32));
    findings.add(Finding.of("the same if HOST held all", index + order, "B"));
  }

  /** Bytes a chunk of the state of the default policy. */
  private double orderBytes() {
    int held = Math.max(1, (int) (settings.hostShare() * settings.chunks()));
    long before = UsedHeap.now();
    ReplacementPolicy policy = PolicyKind.VARVE.create(held);
    for (int from = 0; from < held; from += CatalogFill.PROMPT_CHUNKS) {
      long[] names = new long[Math.min(CatalogFill.PROMPT_CHUNKS, held - from)];
      for (int i = 0; i < names.length; i++) {
        names[i] = fill.key(from + i).chain().digest().first();
      }
      policy.begin(from, names);
      for (int i = 0; i < names.length; i++) {
        long parent = i == 0 ? ReplacementPolicy.NONE : names[i - 1];
        policy.admitted(new Visit(names[i], parent, true, 1));
      }
    }
    double bytes = (UsedHeap.now() - before) / (double) held;
    policy.evict();
    return bytes;
  }

  private void lookups(List<Finding> findings, ChunkCatalog catalog) {
    claims(catalog, WARM_UP);
    Latencies ours = claims(catalog, settings.lookups());
    MemoryProbe memory = new MemoryProbe(catalog.tableBytes());
    memory.read(WARM_UP);
    Latencies probe = memory.read(settings.lookups());
    String what = "one random read of memory";
    findings.add(
        Finding.of("look-up, p50", ours.micros(0.5), "us").beside(what, probe.micros(0.5)));
    findings.add(
        Finding.of("look-up, p99", ours.micros(0.99), "us")
            .atMost(LOOKUP_GOAL)
            .beside(what, probe.micros(0.99)));
  }

  /** Claims resting chunks drawn at random; letting go is not counted. */
  private Latencies claims(ChunkCatalog catalog, int count) {
    SplittableRandom random = new SplittableRandom(3);
    long[] nanos = new long[count];
    for (int i = 0; i < count; i++) {
      ChunkKey key = fill.key(random.nextInt(settings.chunks()));
      long started = System.nanoTime();
      @Nullable Chunk chunk = catalog.claim(key);
      nanos[i] = System.nanoTime() - started;
      if (chunk == null) {
        throw new IllegalStateException(key + " was entered and is not found");
      }
      chunk.unclaim();
    }
    return new Latencies(nanos);
  }

  private void walk(List<Finding> findings, ChunkCatalog catalog) {
    PromptWalk prompt = new PromptWalk(model(LAYERS), settings.promptTokens());
    prompt.enter(catalog, LAYERS);
    double[] ours = new double[MATCHES];
    double[] hash = new double[MATCHES];
    for (int i = 0; i < MATCHES; i++) {
      ours[i] = prompt.claimSeconds(catalog);
      hash[i] = prompt.hashSeconds();
    }
    findings.add(
        millis("prompt hashed and claimed", ours)
            .atMost(MATCH_GOAL)
            .beside("SHA-256 of the same bytes", median(hash) * 1e3));
  }

  private static Finding millis(String name, double[] seconds) {
    return Finding.of(name, median(seconds) * 1e3, "ms");
  }

  /** Of the second half, for the first calls are not compiled yet. */
  private static double median(double[] seconds) {
    return Comparison.median(Arrays.copyOfRange(seconds, seconds.length / 2, seconds.length));
  }
}
