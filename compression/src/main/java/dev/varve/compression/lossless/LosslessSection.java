package dev.varve.compression.lossless;

import dev.varve.compression.entropy.Frequencies;
import dev.varve.compression.entropy.SymbolCounts;
import dev.varve.compression.entropy.SymbolReader;
import dev.varve.compression.entropy.SymbolReading;
import dev.varve.compression.entropy.SymbolReading.Fault;
import dev.varve.compression.entropy.SymbolReading.Refused;
import dev.varve.compression.entropy.SymbolWriter;
import dev.varve.store.Checks;
import dev.varve.store.kernel.Backend;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.function.IntFunction;

/**
 * Writes one section, the keys or the values of a block, smaller and gives back every bit of it:
 * NaN payloads, infinities, signed zeros and denormals alike. Elements are taken apart into {@link
 * ElementPlanes}; the first plane is written in the order of tokens with one table or in the order
 * of channels with several, whichever is smaller; a plane that does not get smaller stays as it is.
 *
 * <p>The split of exponents is that of ZipNN (M. Hershcovitch et al., 2024), with rANS in the place
 * of Huffman codes. Bytes, little-endian: planes u8, order of the first plane u8 (0 tokens, 1
 * channels), u16 zero; the length of each plane's stream u32; the streams. Holds scratch memory of
 * about three times the section: for one thread at a time.
 */
public final class LosslessSection {
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int BY_TOKEN = 0;
  private static final int BY_CHANNEL = 1;
  private static final int ORDER_OFFSET = 1;
  private static final int LENGTHS_OFFSET = 4;

  /** Channel order has to be worth turning the plane over on every read. */
  private static final double WORTH_TURNING = 0.97;

  private final ElementKind kind;
  private final int heads;
  private final int dim;
  private final int mostTokens;
  private final ElementPlanes elements;
  private final byte[][] planes;
  private final byte[] turned;
  private final SymbolWriter writer;
  private final SymbolReader reader;

  /**
   * One for sections of {@code heads} heads with up to {@code mostTokens} rows of {@code dim}
   * elements each.
   */
  public LosslessSection(ElementKind kind, int heads, int dim, int mostTokens, Backend backend) {
    this.kind = kind;
    this.heads = Checks.positive(heads, "heads");
    this.dim = Checks.positive(dim, "dim");
    this.mostTokens = Checks.notNegative(mostTokens, "mostTokens");
    this.elements = ElementPlanes.of(kind, backend);
    int most = Math.multiplyExact(Math.multiplyExact(heads, dim), mostTokens);
    this.planes = new byte[elements.count()][most];
    this.turned = new byte[most];
    this.writer = new SymbolWriter(backend);
    this.reader = new SymbolReader(backend);
  }

  /** Bytes that suffice for every section of so many tokens. */
  public long maxBytes(int tokens) {
    long symbols = (long) heads * dim * tokens;
    return LENGTHS_OFFSET
        + elements.count() * (Integer.BYTES + SymbolWriter.maxBytes(Math.toIntExact(symbols)));
  }

  /**
   * Writes the first {@code tokens} rows of every head to the front of {@code target}.
   *
   * @param source by head, {@code [tokens][dim]} little-endian elements
   * @param target at least {@link #maxBytes} of the tokens
   * @return the length of what was written
   */
  public int encode(IntFunction<MemorySegment> source, int tokens, MemorySegment target) {
    Checks.inRange(tokens, 0, mostTokens, "tokens");
    int perHead = tokens * dim;
    for (int head = 0; head < heads; head++) {
      elements.split(source.apply(head), 0, perHead, planes, head * perHead);
    }
    target.set(ValueLayout.JAVA_BYTE, 0, (byte) planes.length);
    target.set(ValueLayout.JAVA_SHORT_UNALIGNED, 2, (short) 0);
    long at = LENGTHS_OFFSET + (long) Integer.BYTES * planes.length;
    for (int plane = 0; plane < planes.length; plane++) {
      MemorySegment rest = target.asSlice(at);
      int length = plane == 0 ? first(tokens, target, rest) : byToken(plane, tokens, rest);
      target.set(INT, LENGTHS_OFFSET + (long) Integer.BYTES * plane, length);
      at += length;
    }
    return Math.toIntExact(at);
  }

  /** Writes the first plane in the better order. */
  private int first(int tokens, MemorySegment target, MemorySegment stream) {
    int count = heads * tokens * dim;
    if (tokens > 1 && dim > 1) {
      for (int head = 0; head < heads; head++) {
        ByteTransposition.of(planes[0], turned, head * tokens * dim, tokens, dim);
      }
      int length = writer.write(turned, count, heads * dim, stream);
      int[] counts = SymbolCounts.of(turned, 0, count);
      double oneTable = Frequencies.of(counts).bits(counts) / Byte.SIZE;
      if (length < WORTH_TURNING * Math.min(count, oneTable)) {
        target.set(ValueLayout.JAVA_BYTE, ORDER_OFFSET, (byte) BY_CHANNEL);
        return length;
      }
    }
    target.set(ValueLayout.JAVA_BYTE, ORDER_OFFSET, (byte) BY_TOKEN);
    return byToken(0, tokens, stream);
  }

  private int byToken(int plane, int tokens, MemorySegment stream) {
    return writer.write(planes[plane], heads * tokens * dim, 1, stream);
  }

  /**
   * Reads what {@link #encode} wrote of {@code tokens} tokens. Total: whatever the bytes are, the
   * result is a value, only {@code source} is read and only the named rows are written, and those
   * only if all is sound.
   *
   * @param source nothing but the section
   * @param target by head, room for {@code [tokens][dim]} elements
   */
  public SymbolReading decode(MemorySegment source, int tokens, IntFunction<MemorySegment> target) {
    Checks.inRange(tokens, 0, mostTokens, "tokens");
    long at = LENGTHS_OFFSET + (long) Integer.BYTES * planes.length;
    if (source.byteSize() < at) {
      return refused(
          Fault.BAD_LENGTH, "a section has at least %d bytes: %d".formatted(at, source.byteSize()));
    }
    int claimed = source.get(ValueLayout.JAVA_BYTE, 0);
    int order = source.get(ValueLayout.JAVA_BYTE, ORDER_OFFSET);
    if (claimed != planes.length || order < BY_TOKEN || order > BY_CHANNEL) {
      return refused(
          Fault.MISMATCH,
          "%d planes in order %d, expected %d".formatted(claimed, order, planes.length));
    }
    int count = heads * tokens * dim;
    for (int plane = 0; plane < planes.length; plane++) {
      long length =
          Integer.toUnsignedLong(source.get(INT, LENGTHS_OFFSET + (long) Integer.BYTES * plane));
      if (length > source.byteSize() - at) {
        return refused(
            Fault.BAD_LENGTH,
            "plane %d has %d bytes, %d are left".formatted(plane, length, source.byteSize() - at));
      }
      boolean turn = plane == 0 && order == BY_CHANNEL;
      SymbolReading reading =
          reader.read(
              source.asSlice(at, length),
              turn ? turned : planes[plane],
              count,
              turn ? heads * dim : 1);
      if (reading instanceof Refused) {
        return reading;
      }
      at += length;
    }
    if (at != source.byteSize()) {
      return refused(Fault.BAD_LENGTH, "%d bytes are left over".formatted(source.byteSize() - at));
    }
    putTogether(tokens, order, target);
    return new SymbolReading.Read();
  }

  private void putTogether(int tokens, int order, IntFunction<MemorySegment> target) {
    int perHead = tokens * dim;
    for (int head = 0; head < heads; head++) {
      if (order == BY_CHANNEL) {
        ByteTransposition.of(turned, planes[0], head * perHead, dim, tokens);
      }
      elements.merge(planes, head * perHead, perHead, target.apply(head), 0);
    }
  }

  private Refused refused(Fault fault, String reason) {
    return new Refused(fault, kind + ": " + reason);
  }
}
