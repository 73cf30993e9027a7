package dev.varve.cli.pack;

import dev.varve.cli.file.KvDescription;
import dev.varve.cli.file.KvSink;
import dev.varve.cli.file.KvSource;
import dev.varve.cli.file.Rows;
import dev.varve.compression.Section;
import dev.varve.store.Dtype;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DtypeKernel;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;

/** Copies all keys and values from a source to a file, in another element type if need be. */
public final class Transfer {

  private final KvSource source;
  private final Dtype dtype;
  private final int threads;
  private final Backend backend;

  /**
   * A transfer.
   *
   * @param dtype element type of the file
   * @param threads spans that are read at once
   */
  public Transfer(KvSource source, Dtype dtype, int threads, Backend backend) {
    this.source = source;
    this.dtype = dtype;
    this.threads = threads;
    this.backend = backend;
  }

  /** Rows of one layer that were read. */
  private record Part(int layer, Section section, Rows rows) {}

  /**
   * Copies.
   *
   * @param progress hears how many bytes of keys and values are done
   */
  public void run(KvSink sink, LongConsumer progress) throws IOException, InterruptedException {
    KvDescription of = source.description();
    int span = source.span();
    long[] done = {0};
    OrderedWorkers.Taker<List<Part>> taker =
        parts -> {
          for (Part part : parts) {
            sink.write(part.layer, part.section, part.rows);
            done[0] += part.rows.tokens() * of.tokenBytes(part.layer, part.section);
            progress.accept(done[0]);
          }
        };
    try (Arena arena = Arena.ofShared()) {
      List<SpanSlot> slots = new ArrayList<>();
      for (int i = 0; i < OrderedWorkers.SLOTS_PER_THREAD * threads; i++) {
        slots.add(new SpanSlot(arena));
      }
      try (OrderedWorkers<SpanSlot, List<Part>> workers =
          new OrderedWorkers<>(threads, slots, taker)) {
        if (source.layersDepend()) {
          for (long first = 0; first < of.tokens(); first += span) {
            int at = (int) first;
            workers.submit(slot -> slot.readAll(at, Math.min(span, of.tokens() - at)));
          }
        } else {
          layerByLayer(workers);
        }
        workers.finish();
      }
    }
  }

  private void layerByLayer(OrderedWorkers<SpanSlot, List<Part>> workers)
      throws IOException, InterruptedException {
    KvDescription of = source.description();
    for (int i = 0; i < of.shape().layerCount(); i++) {
      for (Section section : Section.values()) {
        for (long first = 0; first < of.tokens(); first += source.span()) {
          int layer = i;
          int at = (int) first;
          int tokens = Math.min(source.span(), of.tokens() - at);
          workers.submit(slot -> List.of(slot.read(layer, section, at, tokens)));
        }
      }
    }
  }

  /** Memory for one span. */
  private final class SpanSlot {
    private final Arena arena;
    private final List<SpanSlot> perPart = new ArrayList<>();
    private MemorySegment rows = MemorySegment.NULL;
    private MemorySegment converted = MemorySegment.NULL;
    private float[] floats = new float[0];

    SpanSlot(Arena arena) {
      this.arena = arena;
    }

    /** All layers of a span, each in memory of its own. */
    List<Part> readAll(int first, int tokens) throws IOException {
      List<Part> parts = new ArrayList<>();
      for (int layer = 0; layer < source.description().shape().layerCount(); layer++) {
        for (Section section : Section.values()) {
          if (parts.size() == perPart.size()) {
            perPart.add(new SpanSlot(arena));
          }
          parts.add(perPart.get(parts.size()).read(layer, section, first, tokens));
        }
      }
      return parts;
    }

    Part read(int layer, Section section, int first, int tokens) throws IOException {
      KvDescription of = source.description();
      long bytes = tokens * of.tokenBytes(layer, section);
      if (rows.byteSize() < bytes) {
        rows = arena.allocate(bytes, Long.BYTES);
      }
      Rows read = Spans.dense(of, layer, section, first, tokens, rows);
      source.read(layer, section, read);
      if (dtype == of.shape().dtype()) {
        return new Part(layer, section, read);
      }
      return new Part(layer, section, converted(read));
    }

    private Rows converted(Rows read) {
      int count = read.heads() * read.tokens() * read.dim();
      if (floats.length < count) {
        floats = new float[count];
        converted = arena.allocate((long) count * dtype.bytes(), Long.BYTES);
      }
      DtypeKernel.of(backend, source.description().shape().dtype())
          .load(read.memory(), 0, floats, 0, count);
      DtypeKernel.of(backend, dtype).store(floats, 0, count, converted, 0);
      return new Rows(
          read.first(),
          read.tokens(),
          read.heads(),
          read.dim(),
          dtype.bytes(),
          converted,
          0,
          (long) read.tokens() * read.dim() * dtype.bytes());
    }
  }
}
