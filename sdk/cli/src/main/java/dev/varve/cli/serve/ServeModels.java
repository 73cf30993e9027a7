package dev.varve.cli.serve;

import dev.varve.offload.tenancy.TenancyConfig;
import dev.varve.sdk.CacheConfig;
import dev.varve.sdk.KvCache;
import dev.varve.sdk.MoverConfig;
import dev.varve.sdk.SsdConfig;
import dev.varve.sidecar.model.Models;
import dev.varve.sidecar.model.ServedModel;
import dev.varve.store.Digest256;
import dev.varve.store.ModelGeometry;
import dev.varve.store.ssd.Durability;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import java.util.function.UnaryOperator;

/** Opens a cache for each model that a server is told of. */
public final class ServeModels {

  /** Folder in that of the SSD tier where models have theirs. */
  private static final String FOLDER = "models";

  private ServeModels() {}

  /** The models of the file, if there is one. */
  public static List<ModelLine> read(ServeSettings.Models settings) throws IOException {
    if (settings.file().isEmpty()) {
      return List.of();
    }
    Path file = settings.file().get();
    try {
      return ModelsFile.parse(Files.readString(file));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(file + ", " + e.getMessage(), e);
    }
  }

  /**
   * Opens them.
   *
   * @param owned is given each cache, to close it
   */
  public static Models open(
      List<ModelLine> lines,
      ServeSettings.Tiers tiers,
      ThreadFactory mover,
      UnaryOperator<KvCache> owned) {
    List<ServedModel> models = new ArrayList<>();
    for (ModelLine line : lines) {
      try {
        KvCache cache = owned.apply(KvCache.open(config(line, tiers, mover)));
        models.add(
            ServedModel.of(
                line.name(), cache, line.levels(), line.lmcache(), line.index().bytes()));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "model '%s': %s".formatted(line.name(), e.getMessage()), e);
      }
    }
    return new Models(models);
  }

  private static CacheConfig config(
      ModelLine line, ServeSettings.Tiers tiers, ThreadFactory mover) {
    checkHot(line);
    CacheConfig.Builder config =
        CacheConfig.of(line.shape(), line.name() + "@" + line.revision())
            .blockTokens(line.chunkTokens())
            .hot(line.hot().bytes())
            .host(line.host().bytes())
            .mover(MoverConfig.on(mover));
    if (!line.encodings().isEmpty()) {
      config.encodings(line.encodings());
    }
    line.quota().ifPresent(quota -> config.tenancy(TenancyConfig.NONE.withQuota(quota.bytes())));
    line.prefill().ifPresent(config::prefillCost);
    ssd(line, tiers).ifPresent(config::ssd);
    ServeRemote.of(tiers).ifPresent(config::remote);
    return config.build();
  }

  private static Optional<SsdConfig> ssd(ModelLine line, ServeSettings.Tiers tiers) {
    return tiers
        .ssd()
        .map(folder ->
            new SsdConfig(
                folder.resolve(FOLDER).resolve(folderName(line)),
                line.ssd().bytes(),
                Durability.parse(tiers.durability())));
  }

  /** A name that any file system takes, whatever the model is called. */
  private static String folderName(ModelLine line) {
    MessageDigest digest = Digest256.sha256();
    byte[] hash = digest.digest(line.name().getBytes(StandardCharsets.UTF_8));
    String readable = line.name().replaceAll("[^A-Za-z0-9.-]", "-");
    return readable.substring(0, Math.min(40, readable.length()))
        + "-"
        + HexFormat.of().formatHex(hash, 0, 8);
  }

  /** A chunk that is being stored stands there whole, with room to move others out of its way. */
  private static void checkHot(ModelLine line) {
    ModelGeometry geometry = ModelGeometry.of(line.shape(), line.chunkTokens());
    long least = (2L * geometry.owningLayers() + 8) * (geometry.largestBlock() + 4096);
    if (line.hot().bytes() < least) {
      throw new IllegalArgumentException(
          "hot=%d cannot hold two chunks of %d layers: give it %d bytes or more"
              .formatted(line.hot().bytes(), geometry.owningLayers(), least));
    }
  }
}
