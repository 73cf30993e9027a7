package dev.varve.store;

import java.util.EnumSet;
import java.util.Set;

/** Where a block is: exactly one of these. The reading of one packed word of a {@link Chunk}. */
public sealed interface Residence {

  /** In no tier. */
  record Absent() implements Residence {}

  /** Complete in every tier of {@code tiers}; never empty. */
  record Resident(Set<Tier> tiers) implements Residence {}

  /** Complete in {@code tiers} and being carried to {@code to}. */
  record Moving(Set<Tier> tiers, Tier to) implements Residence {}

  /** Whether the block can be read from {@code tier} now. */
  default boolean in(Tier tier) {
    return switch (this) {
      case Absent() -> false;
      case Resident(Set<Tier> tiers) -> tiers.contains(tier);
      case Moving(Set<Tier> tiers, Tier to) -> tiers.contains(tier);
    };
  }

  /** Reads a packed word. */
  static Residence of(long word) {
    EnumSet<Tier> tiers = EnumSet.noneOf(Tier.class);
    Tier target = null;
    for (Tier tier : Tier.values()) {
      if (ResidenceWord.has(word, tier)) {
        tiers.add(tier);
      }
      if (ResidenceWord.movingTo(word, tier)) {
        target = tier;
      }
    }
    if (target != null) {
      return new Moving(Set.copyOf(tiers), target);
    }
    return tiers.isEmpty() ? new Absent() : new Resident(Set.copyOf(tiers));
  }
}
