package dev.varve.sidecar.handover;

import dev.varve.store.BlockChecksum;
import dev.varve.store.local.MemoryFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * The memory file of one tenant: values that are complete and never change, as long as anybody has
 * leased them. Those that nobody has leased make room for others, the one that was given back
 * longest ago first. Thread-safe; a value is copied under no lock, once, and others who ask for it
 * meanwhile wait.
 */
public final class Shelf implements AutoCloseable {

  /** How long a value is handed over again before the tiers hear of it. */
  private static final long NOTED_MILLIS = 1000;

  private final MemoryFile file;
  private final long number;
  private final ReentrantLock lock = new ReentrantLock();
  private final Slab slab;
  private final Map<ShelfName, Placed> byName = new HashMap<>();
  private final Map<ShelfName, Placed> idle = new LinkedHashMap<>();
  private final LongSupplier millis;
  private long leasedBytes;
  private long found;
  private long copied;
  private long displaced;

  /**
   * A claim on a value: it lies there until this is {@linkplain Shelf#release released}.
   *
   * @param offset in the file
   * @param length of the value
   * @param crc CRC32C of the value
   */
  public record Place(long offset, long length, int crc, Claim claim) {}

  /** Who is to be released; of no use to others. */
  public static final class Claim {
    private final Placed placed;

    private Claim(Placed placed) {
      this.placed = placed;
    }
  }

  private Shelf(MemoryFile file, long number, LongSupplier millis) {
    this.file = file;
    this.number = number;
    this.millis = millis;
    this.slab = new Slab(file.memory().byteSize());
  }

  /**
   * Makes a file.
   *
   * @param number of no other file of this server
   * @param millis milliseconds since 1970
   */
  static Shelf create(long bytes, long number, LongSupplier millis) throws IOException {
    return new Shelf(MemoryFile.create("varve-" + number, bytes), number, millis);
  }

  /** Differs from that of every other file of this server. */
  public long number() {
    return number;
  }

  /** All of it. */
  MemorySegment memory() {
    return file.memory();
  }

  /** Its length. */
  public long bytes() {
    return file.memory().byteSize();
  }

  /** A descriptor that others may read and map by, as long as this is open. */
  public int descriptor() {
    return file.descriptor();
  }

  /**
   * Leases a value that is there.
   *
   * @return empty where it is not, and where the tiers have not heard for a while that it is used:
   *     then {@link #lease} notes that they have
   */
  public Optional<Place> find(ShelfName name, long version) {
    lock.lock();
    try {
      Placed there = byName.get(name);
      if (there == null
          || there.version != version
          || there.state != Placed.State.READY
          || millis.getAsLong() - there.notedMillis > NOTED_MILLIS) {
        return Optional.empty();
      }
      take(there);
      found++;
      return Optional.of(result(there));
    } finally {
      lock.unlock();
    }
  }

  /**
   * Leases a value, which is copied first unless it is there.
   *
   * @param version of the value: another one is not it any more
   * @param fill writes all of it, and returns false if it is damaged or lost
   * @return empty if it is
   * @throws ShelfFullException if it is too large, or what is leased leaves no room
   */
  public Optional<Place> lease(
      ShelfName name, long version, long length, Predicate<MemorySegment> fill)
      throws ShelfFullException {
    Placed placed;
    lock.lock();
    try {
      Placed there = byName.get(name);
      if (there != null && there.version == version && there.length == length) {
        there.notedMillis = millis.getAsLong();
        return leaseThere(there);
      }
      if (there != null) {
        doom(there);
      }
      placed = new Placed(name, version, place(length), length, lock.newCondition());
      placed.notedMillis = millis.getAsLong();
      byName.put(name, placed);
      leasedBytes += Slab.rounded(length);
    } finally {
      lock.unlock();
    }
    return fill(placed, fill) ? Optional.of(result(placed)) : Optional.empty();
  }

  /** The lock is held. */
  private Optional<Place> leaseThere(Placed there) {
    take(there);
    while (there.state == Placed.State.FILLING) {
      there.filled.awaitUninterruptibly();
    }
    if (there.state == Placed.State.LOST) {
      giveBack(there);
      return Optional.empty();
    }
    found++;
    return Optional.of(result(there));
  }

  private static Place result(Placed placed) {
    return new Place(placed.offset, placed.length, placed.crc, new Claim(placed));
  }

  private boolean fill(Placed placed, Predicate<MemorySegment> fill) {
    MemorySegment target = file.memory().asSlice(placed.offset, placed.length);
    boolean whole = false;
    int crc = 0;
    try {
      whole = fill.test(target);
      crc = whole ? BlockChecksum.crc32c(target) : 0;
    } finally {
      filled(placed, whole, crc);
    }
    return whole;
  }

  private void filled(Placed placed, boolean whole, int crc) {
    lock.lock();
    try {
      placed.crc = crc;
      placed.state = whole ? Placed.State.READY : Placed.State.LOST;
      if (whole) {
        copied++;
      } else {
        doom(placed);
        giveBack(placed);
      }
      placed.filled.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private long place(long length) throws ShelfFullException {
    long wanted = Slab.rounded(length);
    if (wanted > bytes()) {
      throw new ShelfFullException(
          "a value of %d bytes has no place in a memory file of %d: set handover.memory to more"
              .formatted(length, bytes()));
    }
    OptionalLong offset = wanted > bytes() - leasedBytes ? OptionalLong.empty() : slab.take(length);
    while (offset.isEmpty() && wanted <= bytes() - leasedBytes && !idle.isEmpty()) {
      displaced++;
      doom(idle.values().iterator().next());
      offset = slab.take(length);
    }
    return offset.orElseThrow(() ->
        new ShelfFullException(
            ("%d of %d bytes of the memory file are leased and leave no place for %d: release"
                    + " leases, or read the value over the socket")
                .formatted(leasedBytes, bytes(), length)));
  }

  private void take(Placed placed) {
    if (placed.leases++ == 0) {
      idle.remove(placed.name);
      leasedBytes += Slab.rounded(placed.length);
    }
  }

  private void giveBack(Placed placed) {
    if (--placed.leases > 0) {
      return;
    }
    leasedBytes -= Slab.rounded(placed.length);
    if (placed.doomed) {
      slab.give(placed.offset, placed.length);
    } else {
      idle.put(placed.name, placed);
    }
  }

  private void doom(Placed placed) {
    if (!placed.doomed) {
      placed.doomed = true;
      byName.remove(placed.name, placed);
      if (placed.leases == 0) {
        idle.remove(placed.name);
        slab.give(placed.offset, placed.length);
      }
    }
  }

  /** Ends a lease, once. */
  public void release(Claim claim) {
    lock.lock();
    try {
      giveBack(claim.placed);
    } finally {
      lock.unlock();
    }
  }

  /** Nobody finds this value any more; who leased it keeps it. */
  public void forget(ShelfName name) {
    lock.lock();
    try {
      Placed placed = byName.get(name);
      if (placed != null) {
        doom(placed);
      }
    } finally {
      lock.unlock();
    }
  }

  /** What it holds and has done. */
  public ShelfState state() {
    lock.lock();
    try {
      return new ShelfState(
          bytes(), bytes() - slab.free(), leasedBytes, byName.size(), found, copied, displaced);
    } finally {
      lock.unlock();
    }
  }

  /** Gives up the file; nobody may have leased anything. Idempotent. */
  @Override
  public void close() {
    file.close();
  }
}
