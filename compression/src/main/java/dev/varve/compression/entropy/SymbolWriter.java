package dev.varve.compression.entropy;

import static dev.varve.compression.entropy.StreamDescriptor.BYTE;

import dev.varve.store.Checks;
import dev.varve.store.kernel.Backend;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/**
 * Writes symbols of one byte in the smallest of the forms that there are: as they are, as one
 * constant, with one stored table, with up to 16 stored tables, or with the tables of a {@link
 * ShapeBank}. The size of each form is reckoned from counts. Holds scratch memory of the largest
 * stream so far: for one thread at a time. The same symbols give the same bytes on every backend.
 */
public final class SymbolWriter {
  /** More runs than this share one table. */
  static final int MOST_RUNS = 4096;

  /** In more symbols than these, one stored table is not worth avoiding. */
  private static final int MOST_FOR_A_SHAPE = 16_384;

  private final RansCoder coder;
  private final SymbolCounter counter = new SymbolCounter();
  private ShapeBank bank = ShapeBank.of(1);

  /** One that runs on {@code backend}. */
  public SymbolWriter(Backend backend) {
    this(new RansCoder(backend));
  }

  SymbolWriter(RansCoder coder) {
    this.coder = coder;
  }

  /** Bytes that suffice for every stream of so many symbols. */
  public static long maxBytes(int symbols) {
    return StreamDescriptor.HEADER_LENGTH + (long) Checks.notNegative(symbols, "symbols");
  }

  /**
   * Writes the first {@code count} symbols to the front of {@code target}.
   *
   * @param runs equal parts whose symbols are distributed each in its own way, as channels are; 1
   *     if there are none such; must divide {@code count}
   * @param target at least {@link #maxBytes} of the symbols
   * @return the length of the stream
   */
  public int write(byte[] symbols, int count, int runs, MemorySegment target) {
    checkRuns(symbols, count, runs);
    return write(symbols, count, runs, 1, counter.count(symbols, count), target);
  }

  /**
   * As {@link #write(byte[], int, int, MemorySegment)}, but symbols that would take more than
   * {@code most} bytes each stay as they are, for then they are read much faster.
   *
   * @param total how often each symbol occurs
   */
  public int write(
      byte[] symbols, int count, int runs, double most, int[] total, MemorySegment target) {
    checkRuns(symbols, count, runs);
    if (target.byteSize() < maxBytes(count)) {
      throw new IllegalArgumentException(
          "the target has " + target.byteSize() + " bytes, a stream may take " + maxBytes(count));
    }
    if (count == 0) {
      return raw(symbols, 0, runs, target);
    }
    if (total[symbols[0] & 0xff] == count) {
      new StreamHeader(StreamDescriptor.CONSTANT, 0, 0, count, runs).write(target);
      target.set(BYTE, StreamDescriptor.HEADER_LENGTH, symbols[0]);
      return StreamDescriptor.HEADER_LENGTH + 1;
    }
    if (runs == 1 && SymbolCounts.entropyBits(total) / Byte.SIZE >= most * count) {
      return raw(symbols, count, runs, target);
    }
    TablePlan plan = plan(symbols, count, runs, total);
    return plan.bytes() < most * count
        ? coded(plan, symbols, count, runs, Interleaving.states(count), target)
        : raw(symbols, count, runs, target);
  }

  /**
   * As {@link #write}, but only if several tables make the symbols smaller than {@code worth} times
   * what one stored table does.
   *
   * @param total how often each symbol occurs
   * @return the length of the stream; 0 if it was not worth it and nothing was written
   */
  public int writeIfWorth(
      byte[] symbols, int count, int runs, double worth, int[] total, MemorySegment target) {
    checkRuns(symbols, count, runs);
    if (count == 0 || runs == 1 || runs > MOST_RUNS) {
      return 0;
    }
    TablePlan one = TablePlan.one(Frequencies.of(total), total);
    TablePlan plan = byRun(symbols, count, runs, total, one);
    return plan.bytes() < worth * Math.min(count, one.bytes())
        ? coded(plan, symbols, count, runs, Interleaving.states(count), target)
        : 0;
  }

  /**
   * As {@link #write}, but with tables of a {@link ShapeBank} or one stored table only: quick to
   * choose and quick to read, for symbols that lie around their middle.
   *
   * @param symbols column by column the symbols that {@code choice} chose for last; every column is
   *     a run
   */
  public int writeShapes(byte[] symbols, ShapeChoice choice, MemorySegment target) {
    int count = choice.count();
    int runs = choice.columns();
    checkRuns(symbols, count, runs);
    TablePlan plan = choice.plan();
    if (runs > MOST_RUNS || (plan.shapes() && plan.choice().length == 0)) {
      return write(symbols, count, runs, target);
    }
    bank = ShapeBank.of(choice.levels());
    return plan.bytes() < count
        ? coded(plan, symbols, count, runs, Interleaving.manyStates(count), target)
        : raw(symbols, count, runs, target);
  }

  /** Writes the first {@code count} symbols as they are; returns the length of the stream. */
  public static int writeRaw(byte[] symbols, int count, MemorySegment target) {
    return raw(symbols, count, 1, target);
  }

  static void checkRuns(byte[] symbols, int count, int runs) {
    Checks.inRange(count, 0, symbols.length, "count");
    Checks.positive(runs, "runs");
    if (count % runs != 0) {
      throw new IllegalArgumentException(
          count + " symbols cannot be cut into " + runs + " runs of one length");
    }
  }

  private TablePlan plan(byte[] symbols, int count, int runs, int[] total) {
    TablePlan one = TablePlan.one(Frequencies.of(total), total);
    if (runs > MOST_RUNS || (runs == 1 && count > MOST_FOR_A_SHAPE)) {
      return one;
    }
    return byRun(symbols, count, runs, total, one);
  }

  private TablePlan byRun(byte[] symbols, int count, int runs, int[] total, TablePlan one) {
    int levels = levels(total);
    if (runs == 1 && levels > ShapeBank.MAX_LEVELS) {
      return one;
    }
    RunCounts counts = RunCounts.of(symbols, runs, count / runs, total);
    TablePlan best = new TableClusters(counts, count).plan(one);
    if (levels > ShapeBank.MAX_LEVELS) {
      return best;
    }
    bank = ShapeBank.of(levels);
    return best.orSmaller(TablePlan.shapes(bank, counts));
  }

  private int coded(
      TablePlan plan, byte[] symbols, int count, int runs, int states, MemorySegment target) {
    int at = StreamDescriptor.HEADER_LENGTH;
    byte[] front = front(plan);
    int bytes = at + front.length + coder.encode(symbols, runs, count / runs, states, tables(plan));
    if (bytes >= maxBytes(count)) {
      return raw(symbols, count, runs, target);
    }
    int number = plan.shapes() ? bank.levels() : plan.tables().size();
    int mode = plan.shapes() ? StreamDescriptor.SHAPES : StreamDescriptor.TABLES;
    new StreamHeader(mode, Integer.numberOfTrailingZeros(states), number, count, runs)
        .write(target);
    MemorySegment.copy(front, 0, target, BYTE, at, front.length);
    coder.write(target, at + front.length);
    return bytes;
  }

  private RansCoder.Tables tables(TablePlan plan) {
    byte[] choice = plan.choice();
    if (plan.shapes()) {
      return run -> bank.table(choice[run]);
    }
    List<RansTable> tables = plan.tables().stream().map(RansTable::new).toList();
    return choice.length == 0 ? _ -> tables.getFirst() : run -> tables.get(choice[run]);
  }

  /** Stored tables and choice. */
  private static byte[] front(TablePlan plan) {
    byte[] front =
        new byte[plan.tables().size() * FrequencyFormat.MAX_BYTES + plan.choice().length];
    int at = 0;
    for (Frequencies table : plan.tables()) {
      at += FrequencyFormat.write(table, front, at);
    }
    System.arraycopy(plan.choice(), 0, front, at, plan.choice().length);
    return Arrays.copyOf(front, at + plan.choice().length);
  }

  private static int raw(byte[] symbols, int count, int runs, MemorySegment target) {
    new StreamHeader(StreamDescriptor.RAW, 0, 0, count, runs).write(target);
    MemorySegment.copy(symbols, 0, target, BYTE, StreamDescriptor.HEADER_LENGTH, count);
    return StreamDescriptor.HEADER_LENGTH + count;
  }

  private static int levels(int[] total) {
    int levels = total.length;
    while (total[levels - 1] == 0) {
      levels--;
    }
    return levels;
  }
}
