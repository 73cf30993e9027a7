package dev.varve.sidecar.lmcache;

import dev.varve.store.object.ObjectInfo;
import dev.varve.store.object.ObjectLease;
import java.lang.foreign.MemorySegment;

/** Reads a value that stands as it is behind a header. */
record WrappedLease(ObjectLease stored) implements ObjectLease {

  @Override
  public ObjectInfo info() {
    ObjectInfo info = stored.info();
    return new ObjectInfo(
        info.length() - ShapedHeaderDescriptor.BYTES, info.version(), info.expiresAtMillis());
  }

  @Override
  public boolean read(long offset, MemorySegment target) {
    return stored.read(offset + ShapedHeaderDescriptor.BYTES, target);
  }

  @Override
  public void close() {
    stored.close();
  }
}
