package dev.varve.store.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The arguments of a launch in native memory: eight bytes for each value, and beside them the
 * addresses of the values, which is what the driver takes. Filled again for every launch, without
 * allocating. For one thread at a time.
 */
public final class LaunchArguments {
  /** Most arguments of a kernel. */
  public static final int MOST = 32;

  /** What a value is. */
  public enum Kind {
    /** 64 bits: an address or a size. */
    LONG("u64"),
    /** 32 bits. */
    INTEGER("u32"),
    /** 32 bits of floating point. */
    REAL("f32");

    private final String ptx;

    Kind(String ptx) {
      this.ptx = ptx;
    }

    /** How PTX names a parameter of this kind. */
    public String ptx() {
      return ptx;
    }
  }

  private final MemorySegment values;
  private final MemorySegment addresses;
  private final Kind[] kinds = new Kind[MOST];
  private int count;

  /**
   * Room for {@value #MOST} values.
   *
   * @param arena owns the memory; must be open to every thread that launches
   */
  public LaunchArguments(Arena arena) {
    values = arena.allocate(MOST * 8L, 8);
    addresses = arena.allocate(MOST * 8L, 8);
    for (int i = 0; i < MOST; i++) {
      addresses.set(ValueLayout.JAVA_LONG, i * 8L, values.address() + i * 8L);
    }
  }

  /** Begins the arguments of another launch. */
  public LaunchArguments start() {
    count = 0;
    return this;
  }

  /** Adds an address or a size. */
  public LaunchArguments with(long value) {
    values.set(ValueLayout.JAVA_LONG, next(Kind.LONG), value);
    return this;
  }

  /** Adds a number. */
  public LaunchArguments with(int value) {
    values.set(ValueLayout.JAVA_INT, next(Kind.INTEGER), value);
    return this;
  }

  /** Adds a real number. */
  public LaunchArguments with(float value) {
    values.set(ValueLayout.JAVA_FLOAT, next(Kind.REAL), value);
    return this;
  }

  private long next(Kind kind) {
    kinds[count] = kind;
    return 8L * count++;
  }

  /** How many values there are. */
  public int count() {
    return count;
  }

  /** What value {@code index} is. */
  public Kind kind(int index) {
    return kinds[index];
  }

  /** The values, eight bytes each. */
  public MemorySegment values() {
    return values;
  }

  /** The addresses of the values. */
  public MemorySegment addresses() {
    return addresses;
  }
}
