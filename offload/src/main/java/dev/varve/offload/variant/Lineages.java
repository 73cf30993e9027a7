package dev.varve.offload.variant;

import dev.varve.store.Encoding;
import dev.varve.store.Fingerprint;
import dev.varve.store.Tier;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The identities under which blocks of one model are stored. A lineage names the approximate
 * encodings that its blocks may have gone through, tier by tier; the one that names none is exact
 * and has the model's own fingerprint. Blocks of one lineage never answer for those of another: so
 * what was computed from approximations is never found by who wants exact blocks. Does not change.
 */
public final class Lineages {

  private final Fingerprint model;
  private final TierEncodings configured;
  private final Map<Fingerprint, TierEncodings> known = new LinkedHashMap<>();

  /**
   * @param configured how the tiers write what everybody accepts
   */
  public Lineages(Fingerprint model, TierEncodings configured) {
    this.model = model;
    this.configured = configured;
    for (Predicate<Encoding> accepted : choices(configured)) {
      TierEncodings lineage = configured.accepting(accepted);
      known.put(model.branch(lineage.code()), lineage);
    }
  }

  /** Every choice of encodings that a session may accept: there are two tiers at most. */
  private static List<Predicate<Encoding>> choices(TierEncodings encodings) {
    Encoding host = encodings.of(Tier.HOST);
    Encoding ssd = encodings.of(Tier.SSD);
    return List.of(_ -> false, host::equals, ssd::equals, _ -> true);
  }

  /** How the tiers write what everybody accepts. */
  public TierEncodings configured() {
    return configured;
  }

  /** The lineage whose blocks come back bit by bit. */
  public Fingerprint exact() {
    return model;
  }

  /** The lineage of a session that accepts these approximate encodings and no others. */
  public Fingerprint accepting(Predicate<Encoding> accepted) {
    return model.branch(configured.accepting(accepted).code());
  }

  /** How the tiers write blocks of {@code lineage}; empty for one that this cache does not keep. */
  public Optional<TierEncodings> encodings(Fingerprint lineage) {
    return Optional.ofNullable(known.get(lineage));
  }

  /** Whether blocks of {@code lineage} come back as they were sealed from every tier. */
  public boolean exact(Fingerprint lineage) {
    TierEncodings encodings = known.get(lineage);
    return encodings == null || encodings.exact();
  }

  /** Every lineage that this cache keeps, and those of this model among {@code models}. */
  public Set<Fingerprint> among(Set<Fingerprint> models) {
    Set<Fingerprint> lineages =
        models.stream().filter(model::sameModel).collect(Collectors.toSet());
    lineages.addAll(known.keySet());
    return lineages;
  }
}
