package dev.varve.compression.calibrated;

import dev.varve.store.kernel.DtypeLayouts;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The calibrated tables of one layer: finite numbers by kind. As bytes, in the order of the kinds'
 * numbers: the number, u16; zero, u16; the length in words, i32; that many words of four bytes,
 * little-endian: a number in f32 each, or two in f16 if the kind says so. Immutable.
 */
public final class LayerTables {

  /** No tables. */
  public static final LayerTables NONE = new LayerTables(Map.of());

  private static final int HEADER_BYTES = 8;
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Map<TableKind, float[]> tables = new EnumMap<>(TableKind.class);

  private LayerTables(Map<TableKind, float[]> tables) {
    tables.forEach((kind, numbers) -> this.tables.put(kind, kind.rounded(numbers)));
  }

  /**
   * These tables.
   *
   * @throws IllegalArgumentException if a number is a NaN or an infinity
   */
  public static LayerTables of(Map<TableKind, float[]> tables) {
    LayerTables made = new LayerTables(tables);
    made.tables.forEach((kind, numbers) -> {
      kind.words(numbers.length);
      for (int i = 0; i < numbers.length; i++) {
        if (!Float.isFinite(numbers[i])) {
          throw new IllegalArgumentException(
              "number %d of table %s is %s: it must be finite"
                  .formatted(i, kind.text(), numbers[i]));
        }
      }
    });
    return made;
  }

  /** The kinds that are there. */
  public Set<TableKind> kinds() {
    return Collections.unmodifiableSet(tables.keySet());
  }

  /** The numbers of {@code kind}, if it is there; a copy. */
  public Optional<float[]> find(TableKind kind) {
    return Optional.ofNullable(tables.get(kind)).map(float[]::clone);
  }

  /** Those of {@code kinds} that are there. */
  public LayerTables only(Set<TableKind> kinds) {
    Map<TableKind, float[]> kept = new EnumMap<>(TableKind.class);
    tables.forEach((kind, numbers) -> {
      if (kinds.contains(kind)) {
        kept.put(kind, numbers);
      }
    });
    return new LayerTables(kept);
  }

  /** These tables and {@code further} ones. */
  public LayerTables with(Map<TableKind, float[]> further) {
    Map<TableKind, float[]> all = new EnumMap<>(tables);
    all.putAll(further);
    return of(all);
  }

  /**
   * The table {@code kind} for {@code format}, which needs {@code length} numbers; a copy.
   *
   * @throws IllegalArgumentException if there is none, or one of another length
   */
  public float[] need(TableKind kind, int length, String format) {
    float[] numbers = tables.get(kind);
    if (numbers == null) {
      throw new IllegalArgumentException(
          "%s needs the table %s, calibrated for the model: varve calibrate codec makes it"
              .formatted(format, kind.text()));
    }
    if (numbers.length != length) {
      throw new IllegalArgumentException(
          "%s: the table %s has %d numbers, this layer needs %d: it was calibrated for another"
              .formatted(format, kind.text(), numbers.length, length));
    }
    return numbers.clone();
  }

  /** The bytes of all tables. */
  public MemorySegment bytes() {
    long length = 0;
    for (Map.Entry<TableKind, float[]> table : tables.entrySet()) {
      length += HEADER_BYTES + (long) Float.BYTES * table.getKey().words(table.getValue().length);
    }
    MemorySegment bytes = MemorySegment.ofArray(new byte[Math.toIntExact(length)]);
    long at = 0;
    for (Map.Entry<TableKind, float[]> table : tables.entrySet()) {
      bytes.set(DtypeLayouts.SHORT, at, (short) table.getKey().number());
      int words = table.getKey().words(table.getValue().length);
      bytes.set(INT, at + Integer.BYTES, words);
      at += HEADER_BYTES;
      table.getKey().dtypeKernel().store(table.getValue(), 0, table.getValue().length, bytes, at);
      at += (long) words * Float.BYTES;
    }
    return bytes;
  }

  /**
   * Reads what {@link #bytes} wrote. Kinds that this program does not know are passed over.
   *
   * @throws IllegalArgumentException if these bytes are no tables: says why
   */
  public static LayerTables read(MemorySegment bytes) {
    Map<TableKind, float[]> tables = new EnumMap<>(TableKind.class);
    int last = 0;
    long at = 0;
    while (at < bytes.byteSize()) {
      if (bytes.byteSize() - at < HEADER_BYTES) {
        throw new IllegalArgumentException("tables end within a header, at byte " + at);
      }
      int number = Short.toUnsignedInt(bytes.get(DtypeLayouts.SHORT, at));
      int count = bytes.get(INT, at + Integer.BYTES);
      at += HEADER_BYTES;
      if (number <= last || count < 0 || (bytes.byteSize() - at) / Float.BYTES < count) {
        throw new IllegalArgumentException(
            "table %d behind table %d says that it has %d words in %d bytes"
                .formatted(number, last, count, bytes.byteSize() - at));
      }
      Optional<TableKind> kind = TableKind.of(number);
      if (kind.isPresent()) {
        float[] numbers = new float[kind.get().perWord() * count];
        kind.get().dtypeKernel().load(bytes, at, numbers, 0, numbers.length);
        tables.put(kind.get(), numbers);
      }
      at += (long) count * Float.BYTES;
      last = number;
    }
    return of(tables);
  }
}
