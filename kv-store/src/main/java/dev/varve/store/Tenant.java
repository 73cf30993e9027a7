package dev.varve.store;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Whose blocks these are: 128 bits of a keyed hash of the caller's salt, so that the salt itself is
 * never stored and cannot be guessed from a store without the key.
 */
public record Tenant(long high, long low) {

  /** Callers without a salt. */
  public static final Tenant NONE = new Tenant(0, 0);

  /** Bytes of a tenant in keys and headers. */
  public static final int BYTES = 16;

  private static final ValueLayout.OfLong WORD =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  /**
   * The tenant of {@code salt}: HMAC-SHA-256, cut to 128 bits.
   *
   * @param key secret of the deployment; stores that share blocks must share it
   * @param salt any bytes but none; compared as they are
   */
  public static Tenant of(byte[] key, byte[] salt) {
    if (salt.length == 0) {
      throw new IllegalArgumentException("the salt is empty: use Tenant.NONE for no tenant");
    }
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      Tenant tenant = read(MemorySegment.ofArray(mac.doFinal(salt)), 0);
      return tenant.equals(NONE) ? new Tenant(0, 1) : tenant;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("HMAC-SHA-256 is not usable on this JDK", e);
    }
  }

  /** Reads the 16 bytes at {@code offset}. */
  public static Tenant read(MemorySegment source, long offset) {
    return new Tenant(source.get(WORD, offset), source.get(WORD, offset + 8));
  }

  /** Writes 16 bytes at {@code offset}. */
  public void write(MemorySegment target, long offset) {
    target.set(WORD, offset, high);
    target.set(WORD, offset + 8, low);
  }

  /** The hash as 32 hexadecimal digits: all that is ever shown of a tenant. */
  public String hash() {
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(high) + hex.toHexDigits(low);
  }

  /** The tenant of {@link #hash}. */
  public static Tenant ofHash(String hash) {
    if (!hash.matches("[0-9a-fA-F]{32}")) {
      throw new IllegalArgumentException(
          "a tenant's hash has 32 hexadecimal digits: '" + hash + "'");
    }
    return new Tenant(
        HexFormat.fromHexDigitsToLong(hash, 0, 16), HexFormat.fromHexDigitsToLong(hash, 16, 32));
  }

  @Override
  public String toString() {
    return equals(NONE) ? "no tenant" : "tenant " + hash();
  }
}
