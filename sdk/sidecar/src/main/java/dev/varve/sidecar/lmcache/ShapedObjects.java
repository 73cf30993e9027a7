package dev.varve.sidecar.lmcache;

import dev.varve.store.object.ObjectInfo;
import dev.varve.store.object.ObjectLease;
import dev.varve.store.object.ObjectPage;
import dev.varve.store.object.ObjectSpace;
import dev.varve.store.object.ObjectWriter;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongFunction;

/**
 * The objects of one tenant, of which LMCache's values are stored encoded where their shape is
 * known. Who reads gets the value as it was written, or within the bound of an encoding that was
 * chosen; but {@link #info} and {@link #bytes} tell what is stored. Thread-safe.
 */
public final class ShapedObjects implements ObjectSpace {

  private static final int COPIED_BYTES = 1 << 20;

  private final ObjectSpace space;
  private final SlabShapes shapes;

  public ShapedObjects(ObjectSpace space, SlabShapes shapes) {
    this.space = space;
    this.shapes = shapes;
  }

  @Override
  public ObjectWriter write(byte[] name) {
    return write(name, OptionalLong.empty());
  }

  @Override
  public ObjectWriter write(byte[] name, long length) {
    return write(name, OptionalLong.of(length));
  }

  private ObjectWriter write(byte[] name, OptionalLong length) {
    Optional<LmCacheKey> key = LmCacheKey.parse(name);
    if (key.isEmpty()) {
      return space.write(name);
    }
    Optional<ShapedValue> value =
        length.isPresent() ? shapes.of(key.get(), length.getAsLong()) : Optional.empty();
    ObjectWriter target = space.write(name);
    return value.isPresent()
        ? new ShapedWriter(target, value.get(), shapes.pool(value.get().shape()))
        : new PlainWriter(target, bytes -> learn(key.get(), bytes));
  }

  private void learn(LmCacheKey key, byte[] bytes) {
    if (key instanceof LmCacheKey.Metadata(PairName name)) {
      shapes.learn(name, bytes);
    }
  }

  /** What is encoded cannot grow: it is copied as it was written. */
  @Override
  public ObjectWriter append(byte[] name) {
    if (LmCacheKey.parse(name).isEmpty()) {
      return space.append(name);
    }
    Optional<ObjectLease> before = lease(name);
    if (before.isEmpty()) {
      return write(name);
    }
    try (ObjectLease lease = before.get()) {
      if (!(lease instanceof ShapedLease) && !(lease instanceof WrappedLease)) {
        return space.append(name);
      }
      ObjectWriter copy = write(name);
      return copied(lease, copy) ? copy : write(name);
    }
  }

  private static boolean copied(ObjectLease lease, ObjectWriter copy) {
    byte[] piece = new byte[COPIED_BYTES];
    for (long at = 0; at < lease.length(); at += piece.length) {
      long count = Math.min(piece.length, lease.length() - at);
      MemorySegment bytes = MemorySegment.ofArray(piece).asSlice(0, count);
      if (!lease.read(at, bytes)) {
        copy.close();
        return false;
      }
      copy.write(bytes);
    }
    return true;
  }

  @Override
  public Optional<ObjectLease> lease(byte[] name) {
    Optional<ObjectLease> stored = space.lease(name);
    if (stored.isEmpty() || LmCacheKey.parse(name).isEmpty()) {
      return stored;
    }
    ObjectLease lease = stored.get();
    boolean open = false;
    try {
      Optional<ObjectLease> opened = open(lease);
      open = opened.isPresent();
      return opened;
    } finally {
      if (!open) {
        lease.close();
      }
    }
  }

  /** Only what is certainly stored as it was written: decoding takes its time. */
  @Override
  public boolean readNow(byte[] name, LongFunction<Optional<MemorySegment>> memory) {
    return LmCacheKey.parse(name).isEmpty() && space.readNow(name, memory);
  }

  private Optional<ObjectLease> open(ObjectLease stored) {
    if (stored.length() < ShapedHeaderDescriptor.BYTES) {
      return Optional.of(stored);
    }
    MemorySegment header = MemorySegment.ofArray(new byte[ShapedHeaderDescriptor.BYTES]);
    if (!stored.read(0, header)) {
      return Optional.empty();
    }
    if (!ShapedHeaderDescriptor.begins(header)) {
      return Optional.of(stored);
    }
    return ShapedHeaderDescriptor.read(header).flatMap(read -> open(stored, read));
  }

  private Optional<ObjectLease> open(ObjectLease stored, ShapedHeader header) {
    return header.shape().isEmpty()
        ? Optional.of(new WrappedLease(stored))
        : ShapedLease.open(stored, header.shape().get(), shapes.pool(header.shape().get()));
  }

  @Override
  public Optional<ObjectInfo> info(byte[] name) {
    return space.info(name);
  }

  @Override
  public boolean expireAt(byte[] name, long millis) {
    return space.expireAt(name, millis);
  }

  @Override
  public boolean delete(byte[] name) {
    return space.delete(name);
  }

  @Override
  public boolean delete(byte[] name, long version) {
    return space.delete(name, version);
  }

  @Override
  public long deleteAll() {
    return space.deleteAll();
  }

  @Override
  public ObjectPage scan(long cursor, int names) {
    return space.scan(cursor, names);
  }

  @Override
  public long count() {
    return space.count();
  }

  @Override
  public long bytes() {
    return space.bytes();
  }
}
