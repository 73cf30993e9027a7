package dev.varve.offload.variant;

import dev.varve.store.Encoding;
import dev.varve.store.Tier;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Predicate;

/**
 * How the tiers below HOT write blocks. {@link TierEncodingsText} is its text form.
 *
 * @param byTier HOST and SSD only; a tier without an entry writes {@link Encoding#RAW}
 */
public record TierEncodings(Map<Tier, Encoding> byTier) {

  /** Every tier holds elements as they are. */
  public static final TierEncodings RAW = new TierEncodings(Map.of());

  public TierEncodings {
    EnumMap<Tier, Encoding> written = new EnumMap<>(Tier.class);
    byTier.forEach((tier, encoding) -> {
      if (tier != Tier.HOST && tier != Tier.SSD) {
        throw new IllegalArgumentException(
            "%s has no encoding to choose: HOST and SSD have".formatted(tier));
      }
      if (!encoding.equals(Encoding.RAW)) {
        written.put(tier, encoding);
      }
    });
    byTier = Map.copyOf(written);
  }

  /** The encodings that {@code text} names; see {@link TierEncodingsText}. */
  public static TierEncodings parse(String text) {
    return TierEncodingsText.parse(text);
  }

  /** What {@code tier} writes. */
  public Encoding of(Tier tier) {
    return byTier.getOrDefault(tier, Encoding.RAW);
  }

  /** Everything that some tier writes, beside {@link Encoding#RAW}. */
  public Collection<Encoding> encodings() {
    return byTier.values();
  }

  /** Whether every tier gives back every bit. */
  public boolean exact() {
    return byTier.values().stream().allMatch(Encoding::exact);
  }

  /** The same, but approximate encodings that are not {@code accepted} give way to raw. */
  public TierEncodings accepting(Predicate<Encoding> accepted) {
    EnumMap<Tier, Encoding> kept = new EnumMap<>(Tier.class);
    byTier.forEach((tier, encoding) -> {
      if (encoding.exact() || accepted.test(encoding)) {
        kept.put(tier, encoding);
      }
    });
    return new TierEncodings(kept);
  }

  /**
   * Tells apart whatever differs in its approximate encodings: 16 bits for each tier, 0 where the
   * tier is exact.
   */
  long code() {
    return code(Tier.HOST) | code(Tier.SSD) << 16;
  }

  private long code(Tier tier) {
    Encoding encoding = of(tier);
    return encoding.exact() ? 0 : encoding.id();
  }

  @Override
  public String toString() {
    return TierEncodingsText.format(this);
  }
}
