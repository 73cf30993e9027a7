package dev.varve.compression.bitstream;

import dev.varve.compression.entropy.SymbolReader;
import dev.varve.compression.entropy.SymbolReading;
import dev.varve.compression.lossless.ByteTransposition;
import dev.varve.compression.quantize.QuantizeKernel;
import dev.varve.store.kernel.Backend;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * Reads what {@link NumberWriter} wrote. Total: {@link #read} tells whether the bytes are sound.
 * Holds scratch memory of one section: for one thread at a time.
 */
final class NumberReader {
  private final int channels;
  private final QuantizeKernel kernel;
  private final RowKernel rowKernel;
  private final SymbolReader reader;
  private final byte[] byRow;
  private final byte[] byChannel;
  private final byte[] low;
  private final int[] escaped;
  private final int[] high;
  private final float[] numbers;

  NumberReader(int tokens, int channels, Backend backend) {
    int most = BitstreamLayout.padded(tokens * channels);
    this.channels = channels;
    this.kernel = QuantizeKernel.of(backend);
    this.rowKernel = RowKernel.of(backend);
    this.reader = new SymbolReader(backend);
    this.byRow = new byte[most];
    this.byChannel = new byte[most];
    this.low = new byte[most];
    this.escaped = new int[BitstreamLayout.mostEscapes(most)];
    this.high = new int[escaped.length];
    this.numbers = new float[most];
  }

  /**
   * Reads the numbers of a section, which reach from {@code offset} to the end, into {@link
   * #numbers}; why not, if not.
   */
  Optional<String> read(BitstreamLayout layout, MemorySegment source, long offset) {
    int count = layout.rows() * channels;
    int escapes = layout.escapes();
    long lowBytes = BitstreamLayout.lowBytes(count, layout.lowBits());
    long escapeBytes = (long) Integer.BYTES * escapes;
    long left = source.byteSize() - offset - lowBytes - escapeBytes;
    if (left < 0) {
      return Optional.of("%d bytes are missing before the symbols".formatted(-left));
    }
    if (lowBytes > 0) {
      kernel.unpack(source, offset, BitstreamLayout.padded(count), layout.lowBits(), low);
    }
    MemorySegment symbols = source.asSlice(offset + lowBytes + escapeBytes);
    if (reader.read(symbols, byChannel, count, channels)
        instanceof SymbolReading.Refused(SymbolReading.Fault _, String reason)) {
      return Optional.of(reason);
    }
    ByteTransposition.of(byChannel, byRow, 0, channels, layout.rows());
    int found = escapes == 0 ? 0 : rowKernel.ends(byRow, count, 2 * layout.limit(), escaped);
    if (found != escapes || found > escaped.length) {
      return Optional.of(
          "%s than %d escapes".formatted(found < escapes ? "fewer" : "more", escapes));
    }
    if (layout.lowBits() == 0) {
      rowKernel.scale(byRow, count, layout.limit(), layout.step(), numbers);
    } else {
      float scale = 1 << layout.lowBits();
      rowKernel.join(
          byRow, low, count, layout.limit(), scale, layout.half(), layout.step(), numbers);
    }
    if (escapes > 0) {
      MemorySegment.copy(source, BitstreamLayout.INT, offset + lowBytes, high, 0, escapes);
      replaceEscapes(layout);
    }
    return Optional.empty();
  }

  private void replaceEscapes(BitstreamLayout layout) {
    int scale = 1 << layout.lowBits();
    for (int i = 0; i < layout.escapes(); i++) {
      int place = escaped[i];
      int rest = layout.lowBits() == 0 ? 0 : low[place] - layout.half();
      numbers[place] = ((float) high[i] * scale + rest) * layout.step();
    }
  }

  /** What was read last, in units of the step and multiplied by it, row by row; not a copy. */
  float[] numbers() {
    return numbers;
  }
}
