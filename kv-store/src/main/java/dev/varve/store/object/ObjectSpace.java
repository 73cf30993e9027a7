package dev.varve.store.object;

import com.google.errorprone.annotations.CheckReturnValue;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.function.LongFunction;

/**
 * The objects of one tenant: opaque bytes by name. Thread-safe; methods may wait for a disk.
 *
 * <p>An object changes as a whole: who looks sees it before a change or after it, also after the
 * process died. It is a cache's: it may be displaced when room is needed, and an object of which a
 * byte fails its check is gone, which is counted and logged. Bytes are never changed or wrong.
 *
 * <p>How soon what was committed is on the disk is the durability of the cache: with {@code sync}
 * before the call returns, and at any level a process that is killed loses nothing of it.
 */
public interface ObjectSpace {

  /** Bytes of the longest name. A name may hold any bytes, zero too, and may be empty. */
  int MAX_NAME_BYTES = 1 << 16;

  /** Bytes of the largest object. */
  long MAX_BYTES = 1L << 30;

  /**
   * Begins a new object of this name, which replaces the one before when it is committed. The
   * caller closes the writer.
   *
   * @param name copied
   * @throws IllegalArgumentException if the name is longer than {@link #MAX_NAME_BYTES}
   */
  @CheckReturnValue
  ObjectWriter write(byte[] name);

  /** The same of an object that will have so many bytes. */
  @CheckReturnValue
  default ObjectWriter write(byte[] name, long length) {
    return write(name);
  }

  /**
   * Begins bytes that are to stand behind those of the object, whatever these are when it is
   * committed; where there is none then, it is {@link #write}. What is there already is not copied.
   */
  @CheckReturnValue
  ObjectWriter append(byte[] name);

  /** The object as it is now, to be read; empty if there is none. The caller closes the lease. */
  @CheckReturnValue
  Optional<ObjectLease> lease(byte[] name);

  /**
   * Copies the whole object, checked, if its bytes lie in memory and nothing has to be waited for:
   * neither a disk nor a network nor another thread that reads or writes. Counts as a use then.
   *
   * @param memory given the length of the object; says where the bytes go, native memory of that
   *     length, or nowhere
   * @return false if that cannot be, for whatever reason: only {@link #lease} knows more. What
   *     {@code memory} gave then holds nothing of use
   */
  default boolean readNow(byte[] name, LongFunction<Optional<MemorySegment>> memory) {
    return false;
  }

  /** What is known of the object; empty if there is none. Does not count as a use. */
  Optional<ObjectInfo> info(byte[] name);

  /**
   * Has the object end at a moment, whatever was said before.
   *
   * @param millis since 1970, in the future, or {@link ObjectInfo#NEVER}
   * @return false if there is none, or the tiers have no room for the note
   * @throws IllegalArgumentException if the moment is not in the future
   */
  boolean expireAt(byte[] name, long millis);

  /**
   * Deletes the object, and those of its {@linkplain CommitTerms#inGroup group}. Once this returned
   * no later process finds it.
   *
   * @return false if there was none
   */
  boolean delete(byte[] name);

  /** The same if it still is this version. */
  boolean delete(byte[] name, long version);

  /** Deletes every object of the tenant; returns how many. */
  long deleteAll();

  /**
   * Names in an order of their own, a page at a time. Whoever goes on until the cursor is 0 sees
   * every object that was there all the time, and none twice.
   *
   * @param cursor 0 to begin, else that of the page before
   * @param names about how many, at least 1
   */
  ObjectPage scan(long cursor, int names);

  /** Objects now; those that have expired may count until they are removed. */
  long count();

  /** Bytes of these objects, without names and what tiers add. */
  long bytes();
}
