package dev.varve.cli.file;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * What a file of one sequence says before its keys: token ids, a position for each cell, and
 * whether values lie by channel. Immutable.
 */
final class LlamaFront {

  static final int MAGIC = 0x67677371;
  static final int VERSION = 2;

  /** Bytes of type, width and count before keys or values of a layer. */
  static final int ROWS_HEADER = 12;

  private static final int IDS_OFFSET = 12;
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final LlamaForm form;
  private final int sequence;
  private final int[] ids;
  private final int[] positions;
  private final boolean byChannel;

  private LlamaFront(LlamaForm form, int sequence, int[] ids, int[] positions, boolean byChannel) {
    this.form = form;
    this.sequence = sequence;
    this.ids = ids;
    this.positions = positions;
    this.byChannel = byChannel;
  }

  /** The front of a file for build b4916 of tokens at positions 0, 1 and so on. */
  static LlamaFront of(int[] ids, boolean byChannel) {
    int[] positions = new int[ids.length];
    for (int i = 0; i < positions.length; i++) {
      positions[i] = i;
    }
    return new LlamaFront(LlamaForm.CELLS, 0, ids.clone(), positions, byChannel);
  }

  /** The same with values by channel or by token. */
  LlamaFront byChannel(boolean wanted) {
    return new LlamaFront(form, sequence, ids, positions, wanted);
  }

  /** Whether values lie by channel. */
  boolean byChannel() {
    return byChannel;
  }

  /** The token ids. */
  int[] ids() {
    return ids.clone();
  }

  /**
   * Reads the front of a file that was found to be of a known form.
   *
   * @param bytes all bytes before the keys of the first layer
   * @param cells tokens of the file
   */
  static Optional<LlamaFront> read(MemorySegment bytes, int cells) {
    if (bytes.byteSize() < IDS_OFFSET || bytes.get(INT, 0) != MAGIC) {
      return Optional.empty();
    }
    int count = bytes.get(INT, 8);
    for (LlamaForm form : LlamaForm.values()) {
      long begin = IDS_OFFSET + (long) Integer.BYTES * count;
      long end = begin + form.bytes(cells);
      if (count < 0 || end + 2 * Integer.BYTES + ROWS_HEADER != bytes.byteSize()) {
        continue;
      }
      int[] ids = bytes.asSlice(IDS_OFFSET, begin - IDS_OFFSET).toArray(INT);
      int cell = form.labelled() ? 3 : 2;
      int[] table =
          bytes
              .asSlice(
                  end - (long) Integer.BYTES * cell * cells, (long) Integer.BYTES * cell * cells)
              .toArray(INT);
      int[] positions = new int[cells];
      for (int i = 0; i < cells; i++) {
        positions[i] = table[i * cell];
      }
      int sequence = form.labelled() ? table[2] : 0;
      return Optional.of(new LlamaFront(form, sequence, ids, positions, bytes.get(INT, end) == 1));
    }
    return Optional.empty();
  }

  /** The bytes down to the number of layers. */
  byte[] write(int layers) {
    long size = IDS_OFFSET + (long) Integer.BYTES * (ids.length + 2) + form.bytes(positions.length);
    ByteBuffer file = ByteBuffer.allocate(Math.toIntExact(size)).order(ByteOrder.LITTLE_ENDIAN);
    file.putInt(MAGIC).putInt(VERSION).putInt(ids.length);
    for (int id : ids) {
      file.putInt(id);
    }
    if (form.marked()) {
      file.putInt(LlamaForm.MARK).putInt(sequence);
    }
    if (form.streams()) {
      file.putInt(1);
    }
    file.putInt(positions.length);
    for (int position : positions) {
      file.putInt(position).putInt(form.labelled() ? 1 : 0);
      if (form.labelled()) {
        file.putInt(sequence);
      }
    }
    return file.putInt(byChannel ? 1 : 0).putInt(layers).array();
  }
}
