package dev.varve.store.object;

/**
 * What is known of an object without reading its bytes.
 *
 * @param length its bytes
 * @param version differs from that of every other state of the object, and is above those before
 * @param expiresAtMillis when it ends, in milliseconds since 1970, or {@link #NEVER}
 */
public record ObjectInfo(long length, long version, long expiresAtMillis) {

  /** The expiry of an object that stays until it is deleted, replaced or displaced. */
  public static final long NEVER = Long.MAX_VALUE;

  /** Whether it ends at some moment. */
  public boolean expires() {
    return expiresAtMillis != NEVER;
  }

  /** Whether it has ended at {@code millis}. */
  public boolean expired(long millis) {
    return expires() && millis >= expiresAtMillis;
  }
}
