package dev.varve.sidecar.lmcache;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The key of a chunk in LMCache's multi-process mode: {@code model@rank@group@hash[@salt]}, or
 * without the group in older releases.
 *
 * @param model name of the model
 * @param rank which part of the model: world size, rank, and both of its machine, a byte each
 * @param group object group; 0 where the key names none
 * @param hash of the tokens, hexadecimal
 * @param salt of a tenant; empty if there is none
 */
public record ChunkName(String model, long rank, long group, String hash, String salt) {

  private static final Pattern FORM =
      Pattern.compile(
          "(?<model>[^@]+)@(?<rank>[0-9a-f]{8})(?:@(?<group>[0-9a-f]{1,8}))??"
              + "@(?<hash>[0-9a-f]{16}|[0-9a-f]{64})(?:@(?<salt>[^@/\\\\\0]{1,128}))?",
          Pattern.DOTALL);

  /** Reads a key. */
  public static Optional<ChunkName> parse(String key) {
    Matcher matcher = FORM.matcher(key);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    String group = matcher.group("group");
    String salt = matcher.group("salt");
    return Optional.of(
        new ChunkName(
            matcher.group("model"),
            Long.parseLong(matcher.group("rank"), 16),
            group == null ? 0 : Long.parseLong(group, 16),
            matcher.group("hash"),
            salt == null ? "" : salt));
  }
}
