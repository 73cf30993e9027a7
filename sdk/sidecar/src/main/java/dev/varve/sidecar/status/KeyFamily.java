package dev.varve.sidecar.status;

import dev.varve.sidecar.lmcache.LmCacheKey;
import java.nio.charset.StandardCharsets;

/**
 * What a key is counted under: for one of LMCache its model and the beginning of the hash of its
 * tokens; for any other the part before the last colon, so that values of one kind count together.
 *
 * @param model empty where the key names none
 * @param prefix for people
 */
public record KeyFamily(String model, String prefix) {

  private static final int HASH_DIGITS = 12;
  private static final int LONGEST = 64;

  /** Keys without a prefix. */
  public static final KeyFamily NONE = new KeyFamily("", "(no prefix)");

  /** The family of a key. */
  public static KeyFamily of(byte[] key) {
    return LmCacheKey.parse(key).map(KeyFamily::ofLmCache).orElseGet(() -> ofPlain(key));
  }

  private static KeyFamily ofLmCache(LmCacheKey key) {
    return switch (key) {
      case LmCacheKey.Chunk(var name) -> named(name.model(), name.hash());
      case LmCacheKey.Bytes(var name) -> named(name.model(), name.hash());
      case LmCacheKey.Metadata(var name) -> named(name.model(), name.hash());
    };
  }

  private static KeyFamily named(String model, String hash) {
    String shown = printable(model);
    String digits = hash.substring(0, Math.min(hash.length(), HASH_DIGITS));
    return new KeyFamily(shown, digits + " " + shown);
  }

  private static KeyFamily ofPlain(byte[] key) {
    int end = Math.min(key.length, LONGEST) - 1;
    while (end > 0 && key[end] != ':') {
      end--;
    }
    return end <= 0
        ? NONE
        : new KeyFamily("", printable(new String(key, 0, end, StandardCharsets.ISO_8859_1)) + ":*");
  }

  private static String printable(String text) {
    String shown = text.substring(0, Math.min(text.length(), LONGEST));
    return shown.replaceAll("[^ -~]", "?");
  }
}
