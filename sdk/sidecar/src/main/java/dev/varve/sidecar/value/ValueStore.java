package dev.varve.sidecar.value;

import dev.varve.store.Tenant;
import java.util.Optional;

/**
 * Values by key, for each tenant apart. A value is replaced as a whole; who reads the one before
 * reads on undisturbed. Calls may block on disks. Thread-safe; the caller sees to it that nobody
 * else writes the same key of a tenant between a read and the write that follows from it.
 */
public interface ValueStore extends AutoCloseable {

  /** Expiry of a value that stays until it is removed or replaced. */
  long NEVER = Long.MAX_VALUE;

  /** The value as it is now; nothing if there is none or it has expired. The caller closes it. */
  Optional<ValueReading> read(Tenant tenant, byte[] key);

  /** Whether there is such a value. */
  boolean contains(Tenant tenant, byte[] key);

  /** Begins a new value; the caller closes the writer. */
  ValueWriter write(Tenant tenant, byte[] key);

  /** Removes a value; returns false if there was none. */
  boolean remove(Tenant tenant, byte[] key);

  /**
   * Changes when a value ends.
   *
   * @param millis since 1970, or {@link #NEVER}
   * @return false if there is no such value, or no room to note it
   */
  boolean expireAt(Tenant tenant, byte[] key, long millis);

  /** Number of values; such as have expired lately may count. */
  long count(Tenant tenant);

  /**
   * Walks over the keys in an order that does not change: a key that is there from the first page to
   * the last is seen.
   *
   * @param cursor 0 for the first page, else what the page before gave
   * @param count about how many keys
   */
  KeyPage scan(Tenant tenant, long cursor, int count);

  /** Removes all values of a tenant. */
  void clear(Tenant tenant);

  /** Longest key that it takes. */
  int maxKeyBytes();

  @Override
  void close();
}
