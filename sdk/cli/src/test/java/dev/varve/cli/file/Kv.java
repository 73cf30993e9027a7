package dev.varve.cli.file;

import dev.varve.compression.Section;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DtypeKernel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Reading sources in tests. */
public final class Kv {
  private Kv() {}

  /** Writes {@code bytes} to a file and opens it. */
  static KvSource open(Path path, byte[] bytes, KindOptions options) {
    try {
      Files.write(path, bytes);
      return FileKinds.open(path, Optional.empty(), options);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** {@code [heads][tokens][dim]} of one layer. */
  public static float[] read(KvSource source, int layer, Section section) {
    KvDescription of = source.description();
    return read(source, layer, section, 0, of.tokens());
  }

  /** {@code [heads][tokens][dim]} of some tokens of one layer. */
  static float[] read(KvSource source, int layer, Section section, int first, int tokens) {
    KvDescription of = source.description();
    LayerShape shape = of.shape().layers().get(layer);
    Dtype dtype = of.shape().dtype();
    int dim = of.dim(layer, section);
    int count = shape.kvHeads() * tokens * dim;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(Math.max(1, (long) count * dtype.bytes()));
      long headStride = (long) tokens * dim * dtype.bytes();
      source.read(
          layer,
          section,
          new Rows(first, tokens, shape.kvHeads(), dim, dtype.bytes(), memory, 0, headStride));
      float[] values = new float[count];
      DtypeKernel.of(Backend.SCALAR, dtype).load(memory, 0, values, 0, count);
      return values;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes a source to a file of the same layout, in pieces of {@code span} tokens. */
  static void copy(KvSource source, Path target, int span) throws IOException {
    KvDescription of = source.description();
    try (KvSink sink = KvSink.create(target, source.layout(), of, source::opaque)) {
      fill(source, sink, span);
      sink.commit();
    }
  }

  /** Writes all keys and values. */
  static void fill(KvSource source, KvSink sink, int span) throws IOException {
    KvDescription of = source.description();
    int bytes = of.shape().dtype().bytes();
    for (int layer = 0; layer < of.shape().layerCount(); layer++) {
      for (Section section : Section.values()) {
        int dim = of.dim(layer, section);
        int heads = of.shape().layers().get(layer).kvHeads();
        for (int first = 0; first < of.tokens(); first += span) {
          int tokens = Math.min(span, of.tokens() - first);
          long stride = (long) tokens * dim * bytes;
          MemorySegment memory = Arena.ofAuto().allocate(heads * stride);
          Rows rows = new Rows(first, tokens, heads, dim, bytes, memory, 0, stride);
          source.read(layer, section, rows);
          sink.write(layer, section, rows);
        }
      }
    }
  }
}
