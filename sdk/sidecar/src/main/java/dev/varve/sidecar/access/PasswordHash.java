package dev.varve.sidecar.access;

import dev.varve.store.Digest256;
import java.lang.foreign.MemorySegment;
import java.security.MessageDigest;
import java.util.HexFormat;

/** SHA-256 of a password; it never shows more of it. */
public record PasswordHash(Digest256 digest) {

  /** That of {@code password}. */
  public static PasswordHash of(byte[] password) {
    MessageDigest sha = Digest256.sha256();
    sha.update(password);
    return new PasswordHash(Digest256.finish(sha));
  }

  /**
   * The one that these digits spell.
   *
   * @throws IllegalArgumentException if they are not 64 hexadecimal digits
   */
  public static PasswordHash parse(String hex) {
    if (!hex.matches("[0-9a-fA-F]{64}")) {
      throw new IllegalArgumentException(
          "the SHA-256 of a password has 64 hexadecimal digits, not " + hex.length());
    }
    return new PasswordHash(Digest256.read(MemorySegment.ofArray(HexFormat.of().parseHex(hex)), 0));
  }

  byte[] bytes() {
    return digest.toBytes();
  }

  @Override
  public String toString() {
    return "password hash";
  }
}
