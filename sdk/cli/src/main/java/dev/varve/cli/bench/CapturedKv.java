package dev.varve.cli.bench;

import dev.varve.store.Dtype;
import dev.varve.store.kernel.Bfloat16;
import dev.varve.store.kernel.DtypeLayouts;
import dev.varve.store.safetensors.SafetensorsFile;
import dev.varve.store.safetensors.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Keys or values, of a capture or drawn, in bf16 and cut into blocks of one layer each. */
final class CapturedKv {
  private static final int EXPONENT_SHIFT = 7;

  private final List<Section> sections;

  private CapturedKv(List<Section> sections) {
    this.sections = sections;
  }

  /**
   * The keys or the values of one block.
   *
   * @param bytes {@code [heads][tokens][dim]} in bf16
   */
  record Section(int layer, int heads, int tokens, int dim, MemorySegment bytes) {
    /** The rows of one head. */
    MemorySegment head(int head) {
      long each = 2L * tokens * dim;
      return bytes.asSlice(head * each, each);
    }
  }

  /** Reads {@code what}, "keys" or "values", of every layer; tokens that fill no block are left. */
  static CapturedKv read(Path file, String what, int blockTokens, Arena arena) {
    SafetensorsFile capture = SafetensorsFile.open(file, arena);
    List<Section> sections = new ArrayList<>();
    for (int layer = 0; capture.tensors().containsKey("layers." + layer + "." + what); layer++) {
      Tensor tensor = capture.tensor("layers." + layer + "." + what);
      int heads = Math.toIntExact(tensor.spec().shape().get(0));
      int tokens = Math.toIntExact(tensor.spec().shape().get(1));
      int dim = Math.toIntExact(tensor.spec().shape().get(2));
      for (int first = 0; first + blockTokens <= tokens; first += blockTokens) {
        Section section =
            new Section(
                layer, heads, blockTokens, dim, arena.allocate(2L * heads * blockTokens * dim, 64));
        for (int head = 0; head < heads; head++) {
          long from = ((long) head * tokens + first) * dim * Dtype.F32.bytes();
          copy(tensor.data().asSlice(from), section.head(head), blockTokens * dim);
        }
        sections.add(section);
      }
    }
    return new CapturedKv(sections);
  }

  /**
   * {@code count} sections of normal numbers, whose channels differ in scale by a factor that is
   * log-normal.
   */
  static CapturedKv drawn(int count, int heads, int tokens, int dim, long seed, Arena arena) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] scales = new double[heads * dim];
    Arrays.setAll(scales, _ -> Math.exp(random.nextGaussian()));
    List<Section> sections = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      MemorySegment bytes = arena.allocate(2L * heads * tokens * dim, 64);
      for (int at = 0; at < heads * tokens * dim; at++) {
        double value = random.nextGaussian() * scales[at / (tokens * dim) * dim + at % dim];
        bytes.set(DtypeLayouts.SHORT, 2L * at, Bfloat16.of((float) value));
      }
      sections.add(new Section(0, heads, tokens, dim, bytes));
    }
    return new CapturedKv(sections);
  }

  private static void copy(MemorySegment floats, MemorySegment words, int count) {
    for (int i = 0; i < count; i++) {
      float value = floats.get(DtypeLayouts.FLOAT, 4L * i);
      words.set(DtypeLayouts.SHORT, 2L * i, Bfloat16.of(value));
    }
  }

  List<Section> sections() {
    return sections;
  }

  /** All bytes, block by block. */
  byte[] bytes() {
    int total = sections.stream().mapToInt(section -> (int) section.bytes().byteSize()).sum();
    byte[] all = new byte[total];
    MemorySegment target = MemorySegment.ofArray(all);
    long at = 0;
    for (Section section : sections) {
      MemorySegment.copy(section.bytes(), 0, target, at, section.bytes().byteSize());
      at += section.bytes().byteSize();
    }
    return all;
  }

  /** The exponents of all elements, in the same order. */
  byte[] exponents() {
    MemorySegment all = MemorySegment.ofArray(bytes());
    byte[] exponents = new byte[(int) (all.byteSize() / Short.BYTES)];
    for (int i = 0; i < exponents.length; i++) {
      exponents[i] = (byte) (all.get(DtypeLayouts.SHORT, 2L * i) >>> EXPONENT_SHIFT);
    }
    return exponents;
  }
}
