package dev.varve.cli.demo;

import dev.varve.engine.Sampler;
import dev.varve.offload.variant.TierEncodings;
import dev.varve.sdk.Acceptance;
import dev.varve.sdk.CacheConfig;
import dev.varve.store.Checks;
import dev.varve.store.Dtype;
import dev.varve.store.ModelShape;
import java.nio.file.Path;
import java.util.Set;

/**
 * What both runs of the demo share.
 *
 * @param hotBytes hot tier
 * @param hostBytes host tier
 * @param ssdBytes SSD tier
 * @param tokens tokens to generate
 * @param encodings how the tiers write blocks
 */
public record DemoSettings(
    long hotBytes, long hostBytes, long ssdBytes, int tokens, TierEncodings encodings) {

  /** Tokens of a block. */
  public static final int BLOCK_TOKENS = 128;

  /** Stored element type. */
  public static final Dtype KV_TYPE = Dtype.F16;

  /** Temperature that text is drawn with. */
  public static final float TEMPERATURE = 0.7f;

  /** Share of the likeliest tokens that text is drawn from. */
  public static final float TOP_P = 0.9f;

  /** What text is drawn from. */
  public static final long SEED = 1811;

  public DemoSettings {
    Checks.positive(hotBytes, "hotBytes");
    Checks.positive(hostBytes, "hostBytes");
    Checks.positive(ssdBytes, "ssdBytes");
    Checks.positive(tokens, "tokens");
  }

  /** Draws by chance, but the same from the same probabilities. */
  static Sampler sampler() {
    return Sampler.seeded(TEMPERATURE, TOP_P, SEED);
  }

  CacheConfig cache(ModelShape shape, String modelIdentity, Path store) {
    return tiers(CacheConfig.of(shape, modelIdentity), store).build();
  }

  /** Adds the tiers. */
  public CacheConfig.Builder tiers(CacheConfig.Builder config, Path store) {
    return config
        .blockTokens(BLOCK_TOKENS)
        .hot(hotBytes)
        .host(hostBytes)
        .ssd(store, ssdBytes)
        .encodings(encodings)
        .accept(new Acceptance.Named(Set.copyOf(encodings.encodings())));
  }
}
