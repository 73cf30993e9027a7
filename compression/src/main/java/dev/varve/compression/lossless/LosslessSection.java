package dev.varve.compression.lossless;

import dev.varve.compression.entropy.SymbolReading;
import dev.varve.compression.entropy.SymbolReading.Fault;
import dev.varve.compression.entropy.SymbolReading.Refused;
import dev.varve.compression.entropy.SymbolWriter;
import dev.varve.compression.lossless.PlaneStreams.Written;
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
 * Rows that equal an earlier row are left out ({@link RowReferences}) where that makes the section
 * smaller, without asking where they are many.
 *
 * <p>The split of exponents is that of ZipNN (M. Hershcovitch et al., 2024), with rANS in the place
 * of Huffman codes. Bytes, little-endian: planes u8, form u8 (1: first plane by channels, 2: with
 * references), u16 zero; the length of each plane's stream u32; with references the length of their
 * stream u32 and the stream; the streams of the planes. Holds scratch memory of about four times
 * the section: for one thread at a time.
 */
public final class LosslessSection {
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int BY_CHANNEL = 1;
  private static final int WITH_REFERENCES = 2;
  private static final int FORM_OFFSET = 1;
  private static final int LENGTHS_OFFSET = 4;

  private final ElementKind kind;
  private final int heads;
  private final int dim;
  private final int mostTokens;
  private final ElementPlanes elements;
  private final PlaneStreams streams;
  private final RowReferences references;
  private MemorySegment shorter = MemorySegment.NULL;

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
    this.streams = new PlaneStreams(elements.count(), heads, dim, mostTokens, backend);
    this.references = new RowReferences(mostTokens, (long) heads * dim * kind.bytes());
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
      elements.split(source.apply(head), 0, perHead, streams.planes(), head * perHead);
    }
    boolean repeats = references.find(source, heads, tokens, dim * kind.bytes());
    if (repeats && surelyWorth(references.stored(), tokens)) {
      return put(withReferences(tokens), target);
    }
    int length = write(tokens, 0, front(0), target);
    if (!repeats) {
      return length;
    }
    int other = withReferences(tokens);
    return other < length ? put(other, target) : length;
  }

  /** Whether many rows are left out, and so many stay that they are no constant. */
  private static boolean surelyWorth(int stored, int tokens) {
    return stored <= tokens - tokens / 8 && stored > tokens / 16;
  }

  private int put(int length, MemorySegment target) {
    target.asSlice(0, length).copyFrom(shorter.asSlice(0, length));
    return length;
  }

  /** Writes the section without the rows that others equal to {@link #shorter}. */
  private int withReferences(int tokens) {
    long most = maxBytes(tokens) + Integer.BYTES + SymbolWriter.maxBytes(tokens);
    if (shorter.byteSize() < most) {
      shorter = MemorySegment.ofArray(new byte[Math.toIntExact(most)]);
    }
    for (byte[] plane : streams.planes()) {
      references.compact(plane, heads, dim);
    }
    int front = front(WITH_REFERENCES);
    int map = streams.writeDistances(references.distances(), tokens, shorter.asSlice(front));
    shorter.set(INT, front - Integer.BYTES, map);
    return write(references.stored(), WITH_REFERENCES, front + map, shorter);
  }

  /** Bytes before the first stream. */
  private int front(int form) {
    return LENGTHS_OFFSET
        + Integer.BYTES * (elements.count() + ((form & WITH_REFERENCES) != 0 ? 1 : 0));
  }

  /** Writes the planes from {@code at} on, and what stands in front of them. */
  private int write(int rows, int form, int at, MemorySegment target) {
    int end = at;
    int written = form;
    for (int plane = 0; plane < elements.count(); plane++) {
      Written stream = streams.write(plane, rows, target.asSlice(end));
      written |= stream.byChannel() ? BY_CHANNEL : 0;
      target.set(INT, LENGTHS_OFFSET + (long) Integer.BYTES * plane, stream.length());
      end += stream.length();
    }
    target.set(ValueLayout.JAVA_BYTE, 0, (byte) elements.count());
    target.set(ValueLayout.JAVA_BYTE, FORM_OFFSET, (byte) written);
    target.set(ValueLayout.JAVA_SHORT_UNALIGNED, FORM_OFFSET + 1, (short) 0);
    return end;
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
    if (source.byteSize() < front(0)) {
      return refused(
          Fault.BAD_LENGTH,
          "a section has at least %d bytes: %d".formatted(front(0), source.byteSize()));
    }
    int claimed = source.get(ValueLayout.JAVA_BYTE, 0);
    int form = source.get(ValueLayout.JAVA_BYTE, FORM_OFFSET);
    if (claimed != elements.count() || form < 0 || form > (BY_CHANNEL | WITH_REFERENCES)) {
      return refused(
          Fault.MISMATCH,
          "%d planes in form %d, expected %d".formatted(claimed, form, elements.count()));
    }
    boolean referring = (form & WITH_REFERENCES) != 0;
    long at = front(form);
    if (referring) {
      if (source.byteSize() < at) {
        return refused(Fault.BAD_LENGTH, "the section ends at byte " + source.byteSize());
      }
      if (!references.fits(tokens)) {
        return refused(Fault.MISMATCH, "rows of less than 32 bytes have no references");
      }
      long length = Integer.toUnsignedLong(source.get(INT, at - Integer.BYTES));
      SymbolReading reading = readReferences(source, at, length, tokens);
      if (reading instanceof Refused) {
        return reading;
      }
      at += length;
    }
    int rows = referring ? references.stored() : tokens;
    SymbolReading reading = readPlanes(source, at, rows, (form & BY_CHANNEL) != 0);
    if (reading instanceof SymbolReading.Read) {
      putTogether(tokens, rows, referring, target);
    }
    return reading;
  }

  private SymbolReading readReferences(MemorySegment source, long at, long length, int tokens) {
    if (length > source.byteSize() - at) {
      return refused(
          Fault.BAD_LENGTH,
          "references have %d bytes, %d are left".formatted(length, source.byteSize() - at));
    }
    SymbolReading reading =
        streams.readDistances(references.distances(), tokens, source.asSlice(at, length));
    return reading instanceof SymbolReading.Read && !references.accept(tokens)
        ? refused(Fault.BAD_TABLE, "a reference points before the first token")
        : reading;
  }

  private SymbolReading readPlanes(MemorySegment source, long from, int rows, boolean byChannel) {
    long at = from;
    for (int plane = 0; plane < elements.count(); plane++) {
      long length =
          Integer.toUnsignedLong(source.get(INT, LENGTHS_OFFSET + (long) Integer.BYTES * plane));
      if (length > source.byteSize() - at) {
        return refused(
            Fault.BAD_LENGTH,
            "plane %d has %d bytes, %d are left".formatted(plane, length, source.byteSize() - at));
      }
      MemorySegment stream = source.asSlice(at, length);
      SymbolReading reading =
          plane == 0 && byChannel
              ? streams.readByChannel(rows, stream)
              : streams.readByToken(plane, rows, stream);
      if (reading instanceof Refused) {
        return reading;
      }
      at += length;
    }
    return at == source.byteSize()
        ? new SymbolReading.Read()
        : refused(Fault.BAD_LENGTH, "%d bytes are left over".formatted(source.byteSize() - at));
  }

  private void putTogether(
      int tokens, int rows, boolean referring, IntFunction<MemorySegment> target) {
    byte[][] planes = streams.planes();
    for (int head = 0; head < heads; head++) {
      MemorySegment all = target.apply(head);
      if (!referring) {
        elements.merge(planes, head * tokens * dim, tokens * dim, all, 0);
        continue;
      }
      int first = head * rows;
      long rowBytes = (long) dim * kind.bytes();
      references.place((from, count, token) ->
          elements.merge(planes, (first + from) * dim, count * dim, all, token * rowBytes));
      references.resolve(all, rowBytes);
    }
  }

  private Refused refused(Fault fault, String reason) {
    return new Refused(fault, kind + ": " + reason);
  }
}
