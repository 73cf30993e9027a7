package dev.varve.compression.entropy;

import static dev.varve.compression.entropy.StreamDescriptor.BYTE;
import static dev.varve.compression.entropy.StreamDescriptor.HEADER_LENGTH;

import dev.varve.compression.entropy.SymbolReading.Fault;
import dev.varve.compression.entropy.SymbolReading.Refused;
import dev.varve.store.kernel.Backend;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;

/**
 * Reads what {@link SymbolWriter} wrote. Total: whatever the bytes are, the result is a value,
 * nothing outside of them is read and nothing outside of the expected symbols written. Takes memory
 * by the length of the source and the number of symbols that the caller expects, never by what the
 * source claims; besides, at most 256 tables of 40 KiB. For one thread at a time.
 */
public final class SymbolReader {
  private static final int MOST_TABLES = 256;

  private final RansCoder coder;
  private ShapeBank bank = ShapeBank.of(1);

  /** One that runs on {@code backend}. */
  public SymbolReader(Backend backend) {
    this(new RansCoder(backend));
  }

  SymbolReader(RansCoder coder) {
    this.coder = coder;
  }

  /**
   * Reads {@code count} symbols in {@code runs} runs, as they were written.
   *
   * @param source nothing but the stream
   * @throws IllegalArgumentException if the runs do not divide the count or {@code symbols} is too
   *     small
   */
  public SymbolReading read(MemorySegment source, byte[] symbols, int count, int runs) {
    SymbolWriter.checkRuns(symbols, count, runs);
    if (source.byteSize() < HEADER_LENGTH) {
      return refused(
          Fault.BAD_LENGTH, "a stream has at least 12 bytes, there are " + source.byteSize());
    }
    StreamHeader header = StreamHeader.read(source);
    if (header.symbols() != count || header.runs() != runs) {
      return refused(
          Fault.MISMATCH,
          "the stream holds %d symbols in %d runs, expected %d in %d"
              .formatted(header.symbols(), header.runs(), count, runs));
    }
    return switch (header.mode()) {
      case StreamDescriptor.RAW -> plain(source, header, symbols);
      case StreamDescriptor.CONSTANT -> constant(source, header, symbols);
      case StreamDescriptor.TABLES -> tables(source, header, symbols);
      case StreamDescriptor.SHAPES -> shapes(source, header, symbols);
      default -> refused(Fault.UNKNOWN, "mode must lie between 0 and 3: " + header.mode());
    };
  }

  private static SymbolReading plain(MemorySegment source, StreamHeader header, byte[] symbols) {
    Optional<Refused> unfit = unfit(source, header, header.symbols());
    if (unfit.isPresent()) {
      return unfit.get();
    }
    MemorySegment.copy(source, BYTE, HEADER_LENGTH, symbols, 0, header.symbols());
    return new SymbolReading.Read();
  }

  private static SymbolReading constant(MemorySegment source, StreamHeader header, byte[] symbols) {
    Optional<Refused> unfit = unfit(source, header, 1);
    if (unfit.isPresent()) {
      return unfit.get();
    }
    Arrays.fill(symbols, 0, header.symbols(), source.get(BYTE, HEADER_LENGTH));
    return new SymbolReading.Read();
  }

  private static Optional<Refused> unfit(MemorySegment source, StreamHeader header, int content) {
    if (header.states() != 0 || header.tables() != 0) {
      return Optional.of(
          refused(
              Fault.UNKNOWN,
              "mode %d has no states and no tables: %d, %d"
                  .formatted(header.mode(), header.states(), header.tables())));
    }
    long bytes = source.byteSize() - HEADER_LENGTH;
    return bytes == content
        ? Optional.empty()
        : Optional.of(
            refused(Fault.BAD_LENGTH, "content must have " + content + " bytes: " + bytes));
  }

  private SymbolReading tables(MemorySegment source, StreamHeader header, byte[] symbols) {
    int number = header.tables();
    if (number < 1 || number > MOST_TABLES) {
      return refused(Fault.BAD_TABLE, "tables must lie between 1 and 256: " + number);
    }
    RansTable[] tables = new RansTable[number];
    long at = HEADER_LENGTH;
    for (int i = 0; i < number; i++) {
      Optional<FrequencyFormat.Read> read = FrequencyFormat.read(source, at);
      if (read.isEmpty()) {
        return refused(Fault.BAD_TABLE, "table " + i + " at byte " + at + " is none");
      }
      tables[i] = new RansTable(read.get().frequencies());
      at += read.get().bytes();
    }
    if (number == 1) {
      return coded(source, at, header, symbols, _ -> tables[0]);
    }
    Optional<byte[]> choice = choice(source, at, header, number);
    return choice.isEmpty()
        ? noChoice(at, number)
        : coded(
            source,
            at + header.runs(),
            header,
            symbols,
            run -> tables[Byte.toUnsignedInt(choice.get()[run])]);
  }

  private SymbolReading shapes(MemorySegment source, StreamHeader header, byte[] symbols) {
    int levels = header.tables();
    if (levels < 1 || levels > ShapeBank.MAX_LEVELS) {
      return refused(Fault.BAD_TABLE, "levels must lie between 1 and 32: " + levels);
    }
    Optional<byte[]> choice = choice(source, HEADER_LENGTH, header, ShapeBank.TABLES);
    if (choice.isEmpty()) {
      return noChoice(HEADER_LENGTH, ShapeBank.TABLES);
    }
    bank = ShapeBank.of(levels);
    return coded(
        source,
        HEADER_LENGTH + (long) header.runs(),
        header,
        symbols,
        run -> bank.table(choice.get()[run]));
  }

  /** One byte a run; empty if they are not all there and below {@code number}. */
  private static Optional<byte[]> choice(
      MemorySegment source, long at, StreamHeader header, int number) {
    if (source.byteSize() - at < header.runs()) {
      return Optional.empty();
    }
    byte[] choice = source.asSlice(at, header.runs()).toArray(BYTE);
    for (byte each : choice) {
      if (Byte.toUnsignedInt(each) >= number) {
        return Optional.empty();
      }
    }
    return Optional.of(choice);
  }

  private static Refused noChoice(long at, int number) {
    return refused(
        Fault.BAD_TABLE,
        "from byte %d on each run must choose one of %d tables".formatted(at, number));
  }

  private SymbolReading coded(
      MemorySegment source, long at, StreamHeader header, byte[] symbols, RansCoder.Tables tables) {
    int states = 1 << header.states();
    if (!Interleaving.isPossible(states) || header.states() >= Byte.SIZE) {
      return refused(
          Fault.UNKNOWN, "log2 of the states must lie between 0 and 6: " + header.states());
    }
    int length = header.symbols() / header.runs();
    return coder.decode(source, at, symbols, header.runs(), length, states, tables)
        ? new SymbolReading.Read()
        : refused(
            Fault.WRONG_STATE,
            "the %d bytes from byte %d on do not decode to %d symbols"
                .formatted(Math.max(0, source.byteSize() - at), at, header.symbols()));
  }

  private static Refused refused(Fault fault, String reason) {
    return new Refused(fault, reason);
  }
}
