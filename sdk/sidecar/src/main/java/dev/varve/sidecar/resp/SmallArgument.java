package dev.varve.sidecar.resp;

import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/** An argument in the heap. */
final class SmallArgument implements Argument {

  private final byte[] bytes;

  SmallArgument(byte[] bytes) {
    this.bytes = bytes;
  }

  @Override
  public long length() {
    return bytes.length;
  }

  @Override
  public void forEachPiece(Consumer<MemorySegment> visitor) {
    if (bytes.length > 0) {
      visitor.accept(MemorySegment.ofArray(bytes));
    }
  }

  @Override
  public byte[] toBytes() {
    return bytes.clone();
  }
}
