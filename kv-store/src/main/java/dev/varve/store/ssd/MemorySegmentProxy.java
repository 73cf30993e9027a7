package dev.varve.store.ssd;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Comparator;
import jnr.ffi.Pointer;
import org.jspecify.annotations.Nullable;
import org.lmdbjava.BufferProxy;

/**
 * Lets LMDB read and write native memory segments. A segment that LMDB hands out is valid until its
 * transaction ends; nothing guards it.
 */
public final class MemorySegmentProxy extends BufferProxy<MemorySegment> {

  /** All memory: an address is an offset in it. */
  @SuppressWarnings("restricted")
  private static final MemorySegment MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  @Override
  protected MemorySegment allocate() {
    return MemorySegment.NULL;
  }

  @Override
  protected void deallocate(MemorySegment buffer) {}

  @Override
  protected byte[] getBytes(MemorySegment buffer) {
    return buffer.toArray(ValueLayout.JAVA_BYTE);
  }

  @Override
  protected Comparator<MemorySegment> getSignedComparator() {
    return (a, b) -> compare(a, b, true);
  }

  @Override
  protected Comparator<MemorySegment> getUnsignedComparator() {
    return (a, b) -> compare(a, b, false);
  }

  @Override
  protected @Nullable Pointer in(MemorySegment buffer, Pointer pointer) {
    return in(buffer, buffer.byteSize(), pointer);
  }

  @Override
  protected @Nullable Pointer in(MemorySegment buffer, int size, Pointer pointer) {
    return in(buffer, (long) size, pointer);
  }

  private static @Nullable Pointer in(MemorySegment buffer, long size, Pointer pointer) {
    MEMORY.set(ValueLayout.JAVA_LONG, pointer.address() + STRUCT_FIELD_OFFSET_SIZE, size);
    MEMORY.set(
        ValueLayout.JAVA_LONG, pointer.address() + STRUCT_FIELD_OFFSET_DATA, buffer.address());
    return null;
  }

  @Override
  protected MemorySegment out(MemorySegment buffer, Pointer pointer) {
    long size = MEMORY.get(ValueLayout.JAVA_LONG, pointer.address() + STRUCT_FIELD_OFFSET_SIZE);
    long data = MEMORY.get(ValueLayout.JAVA_LONG, pointer.address() + STRUCT_FIELD_OFFSET_DATA);
    return MEMORY.asSlice(data, size);
  }

  private static int compare(MemorySegment a, MemorySegment b, boolean signed) {
    long at = a.mismatch(b);
    if (at == -1) {
      return 0;
    }
    if (at == a.byteSize() || at == b.byteSize()) {
      return Long.compare(a.byteSize(), b.byteSize());
    }
    byte left = a.get(ValueLayout.JAVA_BYTE, at);
    byte right = b.get(ValueLayout.JAVA_BYTE, at);
    return signed ? Byte.compare(left, right) : Byte.compareUnsigned(left, right);
  }
}
