package dev.varve.cli.file;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;

/**
 * A file that is yet to be written.
 *
 * @param layout where keys and values will lie
 * @param opaque the other bytes, by the first byte of each of {@link KvLayout#opaque}
 */
record NewFile(KvLayout layout, Map<Long, MemorySegment> opaque) {

  /** A part of the other bytes. */
  MemorySegment opaque(Extent extent) {
    for (Map.Entry<Long, MemorySegment> entry : opaque.entrySet()) {
      long from = extent.offset() - entry.getKey();
      if (from >= 0 && from + extent.bytes() <= entry.getValue().byteSize()) {
        return entry.getValue().asSlice(from, extent.bytes());
      }
    }
    throw new IllegalArgumentException("there are no bytes for " + extent);
  }

  /**
   * Whether a file is this one but for its keys, values and checksums: the same length, and the
   * same bytes around them.
   */
  boolean frames(Path path) throws IOException {
    if (Files.size(path) != layout.fileBytes()) {
      return false;
    }
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      for (Extent extent : layout.opaque()) {
        byte[] planned = opaque(extent).toArray(ValueLayout.JAVA_BYTE);
        byte[] found = new byte[planned.length];
        ByteBuffer into = ByteBuffer.wrap(found);
        while (into.hasRemaining() && channel.read(into, extent.offset() + into.position()) >= 0) {}
        forgetSums(extent, planned);
        forgetSums(extent, found);
        if (!Arrays.equals(planned, found)) {
          return false;
        }
      }
      return true;
    }
  }

  private void forgetSums(Extent extent, byte[] bytes) {
    for (SumField sum : layout.sums()) {
      for (long field : sum.fields()) {
        long at = field - extent.offset();
        if (at >= 0 && at + Integer.BYTES <= bytes.length) {
          Arrays.fill(bytes, (int) at, (int) at + Integer.BYTES, (byte) 0);
        }
      }
    }
  }
}
