package dev.varve.ggml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.varve.cli.bench.GgmlRows;
import dev.varve.compression.CodecContext;
import dev.varve.compression.EncodedRows;
import dev.varve.compression.Section;
import dev.varve.compression.SectionFloats;
import dev.varve.compression.SectionShape;
import dev.varve.compression.quantize.Axis;
import dev.varve.compression.quantize.UniformFormat;
import dev.varve.store.Dtype;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Backend;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.jar.JarOutputStream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(
    value = OS.LINUX,
    architectures = "amd64",
    disabledReason = "the jar's library for FFM is for Linux on x86-64")
class GgmlRowsTest {
  private static final int TOKENS = 128;
  private static final SectionShape SHAPE =
      new SectionShape(Section.VALUES, 4, TOKENS, 128, Dtype.F32, RopeSpec.none());
  private static final int COUNT = SHAPE.values(TOKENS);

  private final long seed = System.nanoTime();
  private final Arena arena = Arena.ofShared();
  private final MemorySegment floats = arena.allocate(COUNT * 4L, 64);
  private final float[] values = new float[COUNT];

  @TempDir Path folder;

  @AfterEach
  void close() {
    arena.close();
  }

  /** The jar on the class path that has the library. */
  private static Path jar() throws IOException {
    URL entry =
        Objects.requireNonNull(
            GgmlRowsTest.class
                .getClassLoader()
                .getResource("de/kherud/llama/Linux/x86_64/libjllama.so"));
    URL jar = ((JarURLConnection) entry.openConnection()).getJarFileURL();
    return Path.of(URI.create(jar.toString()));
  }

  private GgmlRows open() throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < COUNT; i++) {
      values[i] = (float) random.nextGaussian();
    }
    MemorySegment.copy(values, 0, floats, ValueLayout.JAVA_FLOAT, 0, COUNT);
    return GgmlRows.open(jar(), arena);
  }

  /** Root of ggml's mean squared error. */
  private double theirs(GgmlRows ggml, GgmlRows.Type type) {
    MemorySegment blocks = arena.allocate(type.bytes(COUNT), 64);
    MemorySegment back = arena.allocate(COUNT * 4L, 64);
    ggml.quantize(type, floats, blocks, COUNT);
    ggml.dequantize(type, blocks, back, COUNT);
    return error(back.toArray(ValueLayout.JAVA_FLOAT));
  }

  /** Root of our mean squared error in groups of as many numbers. */
  private double ours(int bits, boolean symmetric) {
    EncodedRows codec = codec(bits, symmetric);
    MemorySegment section = arena.allocate(codec.maxBytes(TOKENS), 64);
    codec.encode(
        new SectionFloats(SHAPE, TOKENS, 0, values.clone()), CodecContext.of(TOKENS), section);
    float[] back = new float[COUNT];
    codec.decode(section, new SectionFloats(SHAPE, TOKENS, 0, back));
    return error(back);
  }

  private static EncodedRows codec(int bits, boolean symmetric) {
    return new UniformFormat(bits, Axis.TOKEN, GgmlRows.BLOCK, symmetric)
        .codec(SHAPE, Backend.VECTOR);
  }

  private double error(float[] back) {
    double sum = 0;
    for (int i = 0; i < COUNT; i++) {
      sum += ((double) back[i] - values[i]) * ((double) back[i] - values[i]);
    }
    return Math.sqrt(sum / COUNT);
  }

  @Test
  void errsNoMoreThanGgmlWithEightBitsInAsManyBytes() throws IOException {
    double theirs = theirs(open(), GgmlRows.Type.Q8_0);
    assertThat(theirs).as("seed %d", seed).isBetween(0.003, 0.009);
    assertThat(codec(8, true).maxBytes(TOKENS)).isEqualTo(GgmlRows.Type.Q8_0.bytes(COUNT));
    assertThat(ours(8, true)).as("seed %d", seed).isLessThan(1.01 * theirs);
    assertThat(ours(8, false)).as("seed %d", seed).isLessThan(theirs);
  }

  /** ggml's 4 bits reach one step farther on one side; a zero of our own is worth more. */
  @Test
  void errsLessThanGgmlWithFourBitsAndAZero() throws IOException {
    double theirs = theirs(open(), GgmlRows.Type.Q4_0);
    assertThat(theirs).as("seed %d", seed).isBetween(0.05, 0.15);
    assertThat(codec(4, true).maxBytes(TOKENS)).isEqualTo(GgmlRows.Type.Q4_0.bytes(COUNT));
    assertThat(ours(4, true)).as("seed %d", seed).isBetween(0.9 * theirs, 1.2 * theirs);
    assertThat(ours(4, false)).as("seed %d", seed).isLessThan(0.95 * theirs);
  }

  @Test
  void multipliesRowsAsTheyDecode() throws IOException {
    GgmlRows ggml = open();
    MemorySegment blocks = arena.allocate(GgmlRows.Type.Q8_0.bytes(COUNT), 64);
    MemorySegment back = arena.allocate(COUNT * 4L, 64);
    ggml.quantize(GgmlRows.Type.Q8_0, floats, blocks, COUNT);
    ggml.dequantize(GgmlRows.Type.Q8_0, blocks, back, COUNT);
    long row = GgmlRows.Type.Q8_0.bytes(128);
    assertThat(back.getAtIndex(ValueLayout.JAVA_FLOAT, 7)).isCloseTo(values[7], within(0.1f));
    double product = 0;
    for (int j = 0; j < 128; j++) {
      product +=
          (double) back.getAtIndex(ValueLayout.JAVA_FLOAT, j)
              * back.getAtIndex(ValueLayout.JAVA_FLOAT, 128 + j);
    }
    assertThat((double) ggml.dot(blocks, blocks.asSlice(row), 128))
        .as("seed %d", seed)
        .isCloseTo(product, within(1e-3));
  }

  @Test
  void refusesWhatIsNoLibraryWithASentence() throws IOException {
    assertThatThrownBy(() -> GgmlRows.open(folder.resolve("gone.so"), arena))
        .hasMessageContaining("gone.so: no such file");
    Path empty = folder.resolve("empty.jar");
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(empty))) {
      out.putNextEntry(new ZipEntry("README"));
    }
    assertThatThrownBy(() -> GgmlRows.open(empty, arena))
        .hasMessageContaining("empty.jar: holds no de/kherud/llama/Linux/x86_64/libjllama.so");
    GgmlRows ggml = open();
    assertThatThrownBy(() -> ggml.quantize(GgmlRows.Type.Q8_0, floats, floats.asSlice(0, 33), 32))
        .hasMessageContaining("a multiple of 32, 4 bytes each and 34");
  }
}
