package dev.varve.cli.command;

import dev.varve.cli.run.HotSize;
import dev.varve.cli.text.ByteSize;
import dev.varve.sdk.CacheConfig;
import dev.varve.store.Dtype;
import dev.varve.store.ModelGeometry;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Options that describe a cache. */
final class StoreOptions {

  private static final long MOST_HOT_BYTES = 1L << 30;

  @Option(
      names = "--kv-type",
      defaultValue = "f16",
      description = "Stored element type: f32, f16 or bf16 (${DEFAULT-VALUE}).")
  private Dtype kvType = Dtype.F16;

  @Option(
      names = "--block",
      paramLabel = "N",
      defaultValue = "128",
      description = "Tokens of a block, a multiple of 32 (${DEFAULT-VALUE}).")
  private int blockTokens;

  @Option(
      names = "--hot",
      paramLabel = "SIZE",
      description = "Hot tier: 64MiB, 1GB and so on (what the text needs, at most 1 GiB).")
  private Optional<ByteSize> hot = Optional.empty();

  @Option(names = "--host", paramLabel = "SIZE", description = "Host tier (none).")
  private Optional<ByteSize> host = Optional.empty();

  @Option(
      names = "--store",
      paramLabel = "DIR",
      description = "Folder of the SSD tier (none): later runs find its prompts.")
  private Optional<Path> store = Optional.empty();

  @Option(
      names = "--store-size",
      paramLabel = "SIZE",
      defaultValue = "4GiB",
      description = "Most bytes of the SSD tier (${DEFAULT-VALUE}).")
  private ByteSize storeSize = new ByteSize(1);

  Dtype kvType() {
    return kvType;
  }

  /** Tokens of one prefill step: a block, so that steps fill whole blocks. */
  int chunk() {
    return blockTokens;
  }

  /** A cache for {@code tokens} tokens of the model. */
  CacheConfig cache(ModelGeometry geometry, String modelIdentity, int tokens) {
    CacheConfig.Builder builder =
        CacheConfig.of(geometry.shape(), modelIdentity)
            .blockTokens(blockTokens)
            .hot(
                hot.map(ByteSize::bytes)
                    .orElseGet(() -> Math.min(MOST_HOT_BYTES, HotSize.of(geometry, tokens))));
    host.ifPresent(size -> builder.host(size.bytes()));
    store.ifPresent(folder -> builder.ssd(folder, storeSize.bytes()));
    return builder.build();
  }
}
