package dev.varve.compression.bitstream;

import dev.varve.compression.entropy.SymbolReader;
import dev.varve.compression.entropy.SymbolReading;
import dev.varve.compression.lossless.ByteTransposition;
import dev.varve.compression.quantize.QuantizeKernel;
import dev.varve.store.kernel.Backend;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * Reads what {@link NumberWriter} wrote, row by row. Total: {@link #open} tells whether the bytes
 * are sound as far as it can be told before the escapes are met, {@link #finished} the rest. Holds
 * scratch memory of one section: for one thread at a time.
 */
final class NumberReader {
  private final int channels;
  private final QuantizeKernel kernel;
  private final RowKernel rowKernel;
  private final SymbolReader reader;
  private final byte[] byRow;
  private final byte[] byChannel;
  private final byte[] low;
  private final byte[] none;
  private final float[] numbers;
  private MemorySegment escapes = MemorySegment.NULL;
  private BitstreamLayout layout = new BitstreamLayout(false, 0, 0, 0, 0, 0, 0);
  private int row;
  private int escape;

  NumberReader(int tokens, int channels, Backend backend) {
    int most = BitstreamLayout.padded(tokens * channels);
    this.channels = channels;
    this.kernel = QuantizeKernel.of(backend);
    this.rowKernel = RowKernel.of(backend);
    this.reader = new SymbolReader(backend);
    this.byRow = new byte[most];
    this.byChannel = new byte[most];
    this.low = new byte[most];
    this.none = new byte[channels];
    this.numbers = new float[channels];
  }

  /** Begins a section whose numbers reach from {@code offset} to the end; why not, if not. */
  Optional<String> open(BitstreamLayout section, MemorySegment source, long offset) {
    layout = section;
    row = 0;
    escape = 0;
    int count = layout.rows() * channels;
    long lowBytes = BitstreamLayout.lowBytes(count, layout.lowBits());
    long escapeBytes = (long) Integer.BYTES * layout.escapes();
    long left = source.byteSize() - offset - lowBytes - escapeBytes;
    if (left < 0) {
      return Optional.of("%d bytes are missing before the symbols".formatted(-left));
    }
    if (lowBytes > 0) {
      kernel.unpack(source, offset, BitstreamLayout.padded(count), layout.lowBits(), low);
    }
    escapes = source.asSlice(offset + lowBytes, escapeBytes);
    MemorySegment symbols = source.asSlice(offset + lowBytes + escapeBytes);
    if (reader.read(symbols, byChannel, count, channels)
        instanceof SymbolReading.Refused(SymbolReading.Fault _, String reason)) {
      return Optional.of(reason);
    }
    ByteTransposition.of(byChannel, byRow, 0, channels, layout.rows());
    return Optional.empty();
  }

  /**
   * Sets {@code rows[to]} and up to {@code weight} times {@code rows[from]} and up, plus {@code
   * step} times the next row of numbers; false if its escapes are not there.
   */
  boolean addTo(float[] rows, int from, float weight, int to, float step) {
    int at = row++ * channels;
    if (layout.lowBits() == 0) {
      rowKernel.add(byRow, at, layout.limit(), step, rows, from, weight, to, channels);
    } else {
      float scale = 1 << layout.lowBits();
      rowKernel.join(byRow, low, at, layout.limit(), scale, layout.half(), numbers);
      for (int c = 0; c < channels; c++) {
        numbers[c] *= step;
      }
      rowKernel.add(none, 0, 0, 0, rows, from, weight, to, channels);
      for (int c = 0; c < channels; c++) {
        rows[to + c] += numbers[c];
      }
    }
    return layout.escapes() == 0 || replaceEscapes(at, rows, from, weight, to, step);
  }

  private boolean replaceEscapes(int at, float[] rows, int from, float weight, int to, float step) {
    int scale = 1 << layout.lowBits();
    int half = layout.half();
    for (int c = 0; c < channels; c++) {
      if (byRow[at + c] == 0 || byRow[at + c] == 2 * layout.limit()) {
        if (escape == layout.escapes()) {
          return false;
        }
        int high = escapes.get(BitstreamLayout.INT, (long) Integer.BYTES * escape++);
        float number = (float) high * scale + (layout.lowBits() == 0 ? 0 : low[at + c] - half);
        rows[to + c] = rows[from + c] * weight + number * step;
      }
    }
    return true;
  }

  /** Whether every escape was met. */
  boolean finished() {
    return escape == layout.escapes();
  }
}
