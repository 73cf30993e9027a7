package dev.varve.sdk;

import dev.varve.offload.replacement.PolicyKind;
import dev.varve.offload.tenancy.TenancyConfig;
import dev.varve.offload.transfer.PrefillCost;
import dev.varve.offload.variant.TierEncodings;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Checks;
import dev.varve.store.Fingerprint;
import dev.varve.store.ModelGeometry;
import dev.varve.store.ModelShape;
import dev.varve.store.Tier;
import dev.varve.store.kernel.Backend;
import dev.varve.store.remote.RemoteConfig;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a {@link KvCache} is opened with.
 *
 * @param shape layers of the model and stored element type
 * @param modelIdentity names the weights: a digest or a name and revision; blocks of another
 *     identity are never found
 * @param blockTokens tokens of a block, a multiple of 32
 * @param hotBytes memory that attention reads: of a GPU, or native
 * @param hostBytes Chronicle Map below it; empty for none
 * @param ssd segment files below that; empty for none, and then nothing outlives the process
 * @param remote a store that several processes share; empty for none
 * @param encodings how the host and SSD tiers write blocks of sessions that accept it
 * @param acceptance what sessions accept that do not say it themselves
 * @param replacement which chunks leave a full host tier first
 * @param tenancy how much tenants may keep, and how long
 * @param backend kernels to use; empty to choose the best that runs here
 * @param prefillCost what the engine's prefill takes until it reports that; while it is unknown
 *     every stored prefix is fetched
 * @param mover how blocks move, and on which thread
 * @param gpu the device that holds the hot tier, if it can be used; empty for native memory
 */
public record CacheConfig(
    ModelShape shape,
    String modelIdentity,
    int blockTokens,
    long hotBytes,
    OptionalLong hostBytes,
    Optional<SsdConfig> ssd,
    Optional<RemoteConfig> remote,
    TierEncodings encodings,
    Acceptance acceptance,
    PolicyKind replacement,
    TenancyConfig tenancy,
    Optional<Backend> backend,
    Optional<PrefillCost> prefillCost,
    MoverConfig mover,
    Optional<GpuConfig> gpu) {

  public CacheConfig {
    Objects.requireNonNull(shape, "shape");
    Objects.requireNonNull(modelIdentity, "modelIdentity");
    Objects.requireNonNull(hostBytes, "hostBytes");
    Objects.requireNonNull(ssd, "ssd");
    Objects.requireNonNull(remote, "remote");
    Objects.requireNonNull(encodings, "encodings");
    Objects.requireNonNull(acceptance, "acceptance");
    Objects.requireNonNull(replacement, "replacement");
    Objects.requireNonNull(tenancy, "tenancy");
    Objects.requireNonNull(backend, "backend");
    Objects.requireNonNull(prefillCost, "prefillCost");
    Objects.requireNonNull(mover, "mover");
    Objects.requireNonNull(gpu, "gpu");
    Checks.positive(hotBytes, "hotBytes");
    hostBytes.ifPresent(bytes -> Checks.positive(bytes, "hostBytes"));
    boolean hostMissing = encodings.byTier().containsKey(Tier.HOST) && hostBytes.isEmpty();
    boolean ssdMissing = encodings.byTier().containsKey(Tier.SSD) && ssd.isEmpty();
    if (hostMissing || ssdMissing) {
      throw new IllegalArgumentException(
          "the encodings '%s' name a tier that this cache does not have: add an %s tier or leave it out"
              .formatted(encodings, hostMissing ? "host" : "SSD"));
    }
  }

  /** Starts a configuration with a hot tier of 256 MiB and nothing below it. */
  public static Builder of(ModelShape shape, String modelIdentity) {
    return new Builder(shape, modelIdentity);
  }

  /** Blocks of every layer. */
  public ModelGeometry geometry() {
    return ModelGeometry.of(shape, blockTokens);
  }

  /** Identity of all that must agree before a stored block may be read. */
  public Fingerprint fingerprint() {
    return Fingerprint.of(modelIdentity, shape, blockTokens);
  }

  /** The encodings of the tiers as text if any of them approximates. */
  public Optional<String> approximation() {
    return encodings.exact() ? Optional.empty() : Optional.of(encodings.toString());
  }

  /** Collects a configuration; every value may be set once. */
  public static final class Builder {

    private static final long DEFAULT_HOT_BYTES = 256L << 20;

    private final ModelShape shape;
    private final String modelIdentity;
    private OptionalLong blockTokens = OptionalLong.empty();
    private OptionalLong hotBytes = OptionalLong.empty();
    private OptionalLong hostBytes = OptionalLong.empty();
    private Optional<SsdConfig> ssd = Optional.empty();
    private Optional<RemoteConfig> remote = Optional.empty();
    private Optional<TierEncodings> encodings = Optional.empty();
    private Optional<Acceptance> acceptance = Optional.empty();
    private Optional<PolicyKind> replacement = Optional.empty();
    private Optional<TenancyConfig> tenancy = Optional.empty();
    private Optional<Backend> backend = Optional.empty();
    private Optional<PrefillCost> prefillCost = Optional.empty();
    private Optional<MoverConfig> mover = Optional.empty();
    private Optional<GpuConfig> gpu = Optional.of(GpuConfig.welcome());
    private boolean placed;

    Builder(ModelShape shape, String modelIdentity) {
      this.shape = shape;
      this.modelIdentity = modelIdentity;
    }

    /** Tokens of a block; {@value BlockGeometry#DEFAULT_TOKENS} unless set. */
    public Builder blockTokens(int tokens) {
      once(blockTokens.isPresent(), "blockTokens");
      blockTokens = OptionalLong.of(tokens);
      return this;
    }

    /** Memory that attention reads: of a GPU where there is one, else native. */
    public Builder hot(long bytes) {
      once(hotBytes.isPresent(), "hot");
      hotBytes = OptionalLong.of(bytes);
      return this;
    }

    /** A host tier of this size. */
    public Builder host(long bytes) {
      once(hostBytes.isPresent(), "host");
      hostBytes = OptionalLong.of(bytes);
      return this;
    }

    /** An SSD tier in this folder. */
    public Builder ssd(Path folder, long capacityBytes) {
      return ssd(new SsdConfig(folder, capacityBytes));
    }

    /** This SSD tier. */
    public Builder ssd(SsdConfig tier) {
      once(ssd.isPresent(), "ssd");
      ssd = Optional.of(tier);
      return this;
    }

    /**
     * A store that several processes share: what one of them seals the others find. Whatever goes
     * wrong there is a miss.
     */
    public Builder remote(RemoteConfig tier) {
      once(remote.isPresent(), "remote");
      remote = Optional.of(tier);
      return this;
    }

    /** How the tiers below HOT write blocks; raw unless set. */
    public Builder encodings(TierEncodings byTier) {
      once(encodings.isPresent(), "encodings");
      encodings = Optional.of(byTier);
      return this;
    }

    /** The same as text, as {@code host=int8 ssd=gear4}: see {@link TierEncodings#parse}. */
    public Builder encodings(String text) {
      return encodings(TierEncodings.parse(text));
    }

    /** What sessions accept that do not say it themselves; {@link Acceptance.Exact} unless set. */
    public Builder accept(Acceptance byDefault) {
      once(acceptance.isPresent(), "accept");
      acceptance = Optional.of(byDefault);
      return this;
    }

    /** Which chunks leave a full host tier first; {@link PolicyKind#VARVE} unless set. */
    public Builder replacement(PolicyKind policy) {
      once(replacement.isPresent(), "replacement");
      replacement = Optional.of(policy);
      return this;
    }

    /** Quotas and times to live; none unless set. */
    public Builder tenancy(TenancyConfig limits) {
      once(tenancy.isPresent(), "tenancy");
      tenancy = Optional.of(limits);
      return this;
    }

    /** These kernels and no others: opening fails where they are missing. */
    public Builder backend(Backend forced) {
      once(backend.isPresent(), "backend");
      backend = Optional.of(forced);
      return this;
    }

    /** What the engine's prefill takes until it reports that: see {@link KvCache#reportPrefill}. */
    public Builder prefillCost(PrefillCost cost) {
      once(prefillCost.isPresent(), "prefillCost");
      prefillCost = Optional.of(cost);
      return this;
    }

    /** How blocks move, and on which thread; {@link MoverConfig#STEPPED} unless set. */
    public Builder mover(MoverConfig config) {
      once(mover.isPresent(), "mover");
      mover = Optional.of(config);
      return this;
    }

    /**
     * The hot tier in the memory of this GPU; {@link GpuConfig#welcome} unless set: in that of the
     * first GPU, where there is one.
     */
    public Builder gpu(GpuConfig config) {
      return hotIn(Optional.of(config));
    }

    /** The hot tier in native memory, GPU or not. */
    public Builder hotInNativeMemory() {
      return hotIn(Optional.empty());
    }

    private Builder hotIn(Optional<GpuConfig> place) {
      once(placed, "where the hot tier lies");
      placed = true;
      gpu = place;
      return this;
    }

    /** The configuration. */
    public CacheConfig build() {
      return new CacheConfig(
          shape,
          modelIdentity,
          Math.toIntExact(blockTokens.orElse(BlockGeometry.DEFAULT_TOKENS)),
          hotBytes.orElse(DEFAULT_HOT_BYTES),
          hostBytes,
          ssd,
          remote,
          encodings.orElse(TierEncodings.RAW),
          acceptance.orElse(new Acceptance.Exact()),
          replacement.orElse(PolicyKind.VARVE),
          tenancy.orElse(TenancyConfig.NONE),
          backend,
          prefillCost,
          mover.orElse(MoverConfig.STEPPED),
          gpu);
    }

    private static void once(boolean alreadySet, String name) {
      if (alreadySet) {
        throw new IllegalStateException(name + " was already set");
      }
    }
  }
}
