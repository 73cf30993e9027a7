package dev.varve.compression.lossless;

import dev.varve.compression.entropy.SymbolCounts;
import dev.varve.compression.entropy.SymbolReader;
import dev.varve.compression.entropy.SymbolReading;
import dev.varve.compression.entropy.SymbolWriter;
import dev.varve.store.kernel.Backend;
import java.lang.foreign.MemorySegment;

/**
 * Planes {@code [heads][rows][dim]} as streams of symbols. Every plane is written in that order
 * with one table; the first, where that is smaller, as {@code [heads][dim][rows]} with several
 * tables. For one thread at a time.
 */
final class PlaneStreams {
  /** Channel order has to be worth turning the plane over on every read. */
  private static final double WORTH_TURNING = 0.97;

  /** Mantissas have to be worth more than a copy on every read. */
  private static final double WORTH_DECODING = 0.98;

  /** Mantissas of which a sample takes more are not worth being counted. */
  private static final double RANDOM_BITS = 7.92;

  private final int heads;
  private final int dim;
  private final byte[][] planes;
  private final byte[] turned;
  private final SymbolWriter writer;
  private final SymbolReader reader;

  PlaneStreams(int planes, int heads, int dim, int mostRows, Backend backend) {
    this.heads = heads;
    this.dim = dim;
    int most = Math.multiplyExact(Math.multiplyExact(heads, dim), mostRows);
    this.planes = new byte[planes][most];
    this.turned = new byte[most];
    this.writer = new SymbolWriter(backend);
    this.reader = new SymbolReader(backend);
  }

  /** The planes themselves: what is written, and what was read. */
  byte[][] planes() {
    return planes;
  }

  /** What came of writing a plane: whether by channels, and the length. */
  record Written(boolean byChannel, int length) {}

  /** Writes a plane in the smaller order. */
  Written write(int plane, int rows, MemorySegment stream) {
    int count = heads * rows * dim;
    if (plane > 0 && SymbolCounts.sampledBits(planes[plane], count) > RANDOM_BITS) {
      return new Written(false, SymbolWriter.writeRaw(planes[plane], count, stream));
    }
    int[] total = SymbolCounts.of(planes[plane], 0, count);
    if (plane == 0 && rows > 1 && dim > 1) {
      for (int head = 0; head < heads; head++) {
        ByteTransposition.of(planes[0], turned, head * rows * dim, rows, dim);
      }
      int length = writer.writeIfWorth(turned, count, heads * dim, WORTH_TURNING, total, stream);
      if (length > 0) {
        return new Written(true, length);
      }
    }
    double most = plane == 0 ? 1 : WORTH_DECODING;
    return new Written(false, writer.write(planes[plane], count, 1, most, total, stream));
  }

  /** Reads the first plane, which was written by channels. */
  SymbolReading readByChannel(int rows, MemorySegment stream) {
    SymbolReading reading = reader.read(stream, turned, heads * rows * dim, heads * dim);
    if (reading instanceof SymbolReading.Read) {
      for (int head = 0; head < heads; head++) {
        ByteTransposition.of(turned, planes[0], head * rows * dim, dim, rows);
      }
    }
    return reading;
  }

  /** Reads a plane that was written by tokens. */
  SymbolReading readByToken(int plane, int rows, MemorySegment stream) {
    return reader.read(stream, planes[plane], heads * rows * dim, 1);
  }

  /** Writes {@code tokens} distances; returns the length. */
  int writeDistances(byte[] distances, int tokens, MemorySegment stream) {
    return writer.write(distances, tokens, 1, stream);
  }

  /** Reads {@code tokens} distances. */
  SymbolReading readDistances(byte[] distances, int tokens, MemorySegment stream) {
    return reader.read(stream, distances, tokens, 1);
  }
}
