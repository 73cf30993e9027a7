package dev.varve.cli.bench;

import dev.varve.cli.CommandFailure;
import dev.varve.cli.ExitCode;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * ggml's quantization of rows, called in its own library: blocks of 32 numbers, an f16 scale, then
 * 32 codes of 8 bits (34 bytes) or of 4 bits (18 bytes). Holds the library until the arena it was
 * opened in is closed. For one thread at a time.
 */
public final class GgmlRows {

  /** Numbers of a block. */
  public static final int BLOCK = 32;

  private static final String ENTRY = "de/kherud/llama/Linux/x86_64/libjllama.so";
  private static final ValueLayout.OfLong SIZE = ValueLayout.JAVA_LONG;
  private static final FunctionDescriptor ROW =
      FunctionDescriptor.ofVoid(ValueLayout.ADDRESS, ValueLayout.ADDRESS, SIZE);
  private static final FunctionDescriptor DOT =
      FunctionDescriptor.ofVoid(
          ValueLayout.JAVA_INT,
          ValueLayout.ADDRESS,
          SIZE,
          ValueLayout.ADDRESS,
          SIZE,
          ValueLayout.ADDRESS,
          SIZE,
          ValueLayout.JAVA_INT);

  private final Map<Type, MethodHandle> quantize = new EnumMap<>(Type.class);
  private final Map<Type, MethodHandle> dequantize = new EnumMap<>(Type.class);
  private final MethodHandle dot;
  private final MemorySegment product;

  /** A type of block. */
  public enum Type {
    /** 8 bits. */
    Q8_0(34),
    /** 4 bits. */
    Q4_0(18);

    private final int bytes;

    Type(int bytes) {
      this.bytes = bytes;
    }

    /** Bytes of {@code count} numbers. */
    public long bytes(long count) {
      return count / BLOCK * bytes;
    }
  }

  private GgmlRows(SymbolLookup library, Arena arena) {
    initialize(find(library, "ggml_cpu_init", FunctionDescriptor.ofVoid()));
    for (Type type : Type.values()) {
      String name = "quantize_row_" + type.name().toLowerCase(Locale.ROOT);
      quantize.put(type, find(library, name, ROW));
      dequantize.put(type, find(library, "de" + name, ROW));
    }
    this.dot = find(library, "ggml_vec_dot_q8_0_q8_0", DOT);
    this.product = arena.allocate(ValueLayout.JAVA_FLOAT);
  }

  @SuppressWarnings("restricted") // the point of this class
  private static MethodHandle find(
      SymbolLookup library, String name, FunctionDescriptor descriptor) {
    MemorySegment address =
        library
            .find(name)
            .orElseThrow(
                () -> new CommandFailure(ExitCode.NO, "the library has no function " + name));
    return Linker.nativeLinker().downcallHandle(address, descriptor);
  }

  /**
   * Opens ggml.
   *
   * @param path a shared library, or the jar {@code de.kherud:llama} that has one for Linux on
   *     x86-64
   * @throws CommandFailure if this machine cannot run it: says why
   */
  public static GgmlRows open(Path path, Arena arena) throws IOException {
    if (!Files.isRegularFile(path)) {
      throw new CommandFailure(ExitCode.ENVIRONMENT, path + ": no such file");
    }
    if (!String.valueOf(path.getFileName()).endsWith(".jar")) {
      return load(path, path, arena);
    }
    Path copy = Files.createTempFile("varve-ggml", ".so");
    try {
      extract(path, copy);
      return load(copy, path, arena);
    } finally {
      Files.delete(copy);
    }
  }

  private static void extract(Path jar, Path target) throws IOException {
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      ZipEntry entry = zip.getEntry(ENTRY);
      if (entry == null) {
        throw new CommandFailure(ExitCode.NO, jar + ": holds no " + ENTRY);
      }
      try (InputStream in = zip.getInputStream(entry)) {
        Files.copy(in, target, StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  @SuppressWarnings("restricted") // the point of this class
  private static GgmlRows load(Path library, Path named, Arena arena) {
    try {
      return new GgmlRows(SymbolLookup.libraryLookup(library.toAbsolutePath(), arena), arena);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(
          ExitCode.ENVIRONMENT,
          "%s: cannot be loaded here: needed are Linux on x86-64, libgomp and libstdc++ (%s)"
              .formatted(named, e.getMessage()),
          e);
    }
  }

  /**
   * Writes blocks of {@code count} floats.
   *
   * @param from native memory
   * @param to native memory, {@link Type#bytes} of the count
   */
  public void quantize(Type type, MemorySegment from, MemorySegment to, long count) {
    check(type, from, to, count);
    call(handle(quantize, type), from, to, count);
  }

  /** Reads blocks of {@code count} floats. */
  public void dequantize(Type type, MemorySegment from, MemorySegment to, long count) {
    check(type, to, from, count);
    call(handle(dequantize, type), from, to, count);
  }

  /** The inner product of two rows of {@link Type#Q8_0}. */
  public float dot(MemorySegment one, MemorySegment other, int count) {
    try {
      dot.invokeExact(count, product, 0L, one, 0L, other, 0L, 1);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
    return product.get(ValueLayout.JAVA_FLOAT, 0);
  }

  private static void check(Type type, MemorySegment floats, MemorySegment blocks, long count) {
    if (count % BLOCK != 0
        || floats.byteSize() < count * Float.BYTES
        || blocks.byteSize() < type.bytes(count)) {
      throw new IllegalArgumentException(
          "%d floats in %d bytes and %d bytes of blocks: a multiple of 32, 4 bytes each and %d"
              .formatted(count, floats.byteSize(), blocks.byteSize(), type.bytes(count)));
    }
  }

  /** Fills the tables of f16 that scales are read with; without them all numbers are 0. */
  private static void initialize(MethodHandle function) {
    try {
      function.invokeExact();
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private static MethodHandle handle(Map<Type, MethodHandle> handles, Type type) {
    return Objects.requireNonNull(handles.get(type), type.name());
  }

  private static void call(MethodHandle function, MemorySegment a, MemorySegment b, long count) {
    try {
      function.invokeExact(a, b, count);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
