package dev.varve.offload.variant;

import dev.varve.compression.Encodings;
import dev.varve.store.Encoding;
import dev.varve.store.Tier;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The text form of {@link TierEncodings}, as {@code host=int8 ssd=gear4}:
 *
 * <pre>
 *  encodings = [ entry { blank entry } ]
 *  entry     = tier "=" encoding
 *  tier      = "host" | "ssd"
 *  encoding  = a name of {@link Encodings}, as int8 or int8.token/int4.token32
 *  blank     = one or more spaces or tabs
 * </pre>
 *
 * A tier stands there once at most; one that does not stand there is raw.
 */
final class TierEncodingsText {

  private static final Map<String, Tier> TIERS = Map.of("host", Tier.HOST, "ssd", Tier.SSD);

  private TierEncodingsText() {}

  static TierEncodings parse(String text) {
    EnumMap<Tier, Encoding> byTier = new EnumMap<>(Tier.class);
    for (String entry : text.strip().split("[ \t]+", -1)) {
      if (!entry.isEmpty()) {
        add(entry, byTier);
      }
    }
    return new TierEncodings(byTier);
  }

  private static void add(String entry, Map<Tier, Encoding> byTier) {
    int equals = entry.indexOf('=');
    if (equals < 0) {
      throw new IllegalArgumentException(
          "'%s' names no encoding: write TIER=ENCODING, as host=int8".formatted(entry));
    }
    String name = entry.substring(0, equals);
    Tier tier = TIERS.get(name);
    if (tier == null) {
      throw new IllegalArgumentException(
          "no tier with an encoding is named '%s': there are host and ssd".formatted(name));
    }
    Encoding encoding = Encodings.parse(entry.substring(equals + 1));
    if (byTier.put(tier, encoding) != null) {
      throw new IllegalArgumentException("%s stands there twice: give it once".formatted(name));
    }
  }

  static String format(TierEncodings encodings) {
    List<String> entries = new ArrayList<>();
    for (Tier tier : List.of(Tier.HOST, Tier.SSD)) {
      if (encodings.byTier().containsKey(tier)) {
        entries.add(
            tier.name().toLowerCase(Locale.ROOT) + "=" + Encodings.name(encodings.of(tier)));
      }
    }
    return String.join(" ", entries);
  }
}
