package dev.varve.sidecar.lmcache;

import dev.varve.store.object.CommitResult;
import dev.varve.store.object.CommitTerms;
import dev.varve.store.object.ObjectWriter;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import java.util.function.Consumer;

/** Stores a value as it is, behind a header only if it begins like one; shows its first bytes. */
final class PlainWriter implements ObjectWriter {

  private final ObjectWriter target;
  private final Consumer<byte[]> committed;
  private final ByteArrayOutputStream first = new ByteArrayOutputStream();
  private long length;

  /**
   * @param committed is shown the value once it is stored, if it is as short as a description
   */
  PlainWriter(ObjectWriter target, Consumer<byte[]> committed) {
    this.target = target;
    this.committed = committed;
  }

  @Override
  public void write(MemorySegment bytes) {
    if (length == 0 && ShapedHeaderDescriptor.begins(bytes)) {
      target.write(ShapedHeaderDescriptor.write(Optional.empty()));
    }
    length += bytes.byteSize();
    if (length <= PairDescription.BYTES) {
      first.writeBytes(bytes.toArray(ValueLayout.JAVA_BYTE));
    }
    target.write(bytes);
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public CommitResult commit(CommitTerms terms) {
    CommitResult result = target.commit(terms);
    if (result instanceof CommitResult.Committed && first.size() == length) {
      committed.accept(first.toByteArray());
    }
    return result;
  }

  @Override
  public void close() {
    target.close();
  }
}
