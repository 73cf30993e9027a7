package dev.varve.sidecar.command.kv;

import dev.varve.sidecar.command.CommandException;
import dev.varve.sidecar.resp.Argument;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import dev.varve.store.kernel.Bfloat16;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Locale;

/**
 * The queries that a request brought, {@code [layers][tokens][queryHeads][keyDim]}.
 *
 * @param layers that they ask
 * @param tokens query tokens, the same for each layer
 * @param floats all of them, positions already in
 */
@SuppressWarnings("ArrayRecordComponent") // read, never compared
record QueryBatch(KvRequest.Range layers, int tokens, float[] floats) {

  /** Most elements of a request: its memory and its time have an end. */
  static final int MOST_FLOATS = 1 << 20;

  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /**
   * {@code QUERIES count dtype bytes} as it was read, before it is known which layers are asked.
   *
   * @param tokens query tokens
   * @param dtype element type
   * @param bytes the elements
   */
  record Given(int tokens, Dtype dtype, Argument bytes) {

    /** The next three arguments. */
    static Given of(KvRequest request) {
      int tokens = (int) request.integer("the number of query tokens", 1, MOST_FLOATS);
      Dtype dtype =
          switch (request.word()) {
            case "f32" -> Dtype.F32;
            case "f16" -> Dtype.F16;
            case "bf16" -> Dtype.BF16;
            default -> throw CommandException.of("queries are f32, f16 or bf16, little-endian");
          };
      return new Given(tokens, dtype, request.bytes());
    }

    /** The queries, one set for each of these layers. */
    QueryBatch of(ModelShape model, KvRequest.Range layers) {
      long floats = 0;
      for (int layer = layers.first(); layer < layers.end(); layer++) {
        floats += (long) tokens * row(model, layer);
      }
      if (floats > MOST_FLOATS) {
        throw CommandException.of(
            "%d query tokens of %d layers are %d elements, a request has at most %d: ask for fewer at a time"
                .formatted(tokens, layers.count(), floats, MOST_FLOATS));
      }
      if (bytes.length() != floats * dtype.bytes()) {
        throw CommandException.of(
            "%d query tokens of %d layers take %d bytes as %s: %d are given"
                .formatted(
                    tokens,
                    layers.count(),
                    floats * dtype.bytes(),
                    dtype.name().toLowerCase(Locale.ROOT),
                    bytes.length()));
      }
      return new QueryBatch(layers, tokens, decoded(bytes.toBytes(), (int) floats));
    }

    private float[] decoded(byte[] given, int count) {
      MemorySegment memory = MemorySegment.ofArray(given);
      float[] floats = new float[count];
      for (int i = 0; i < count; i++) {
        floats[i] =
            switch (dtype) {
              case F32 -> memory.getAtIndex(FLOAT, i);
              case F16 -> Float.float16ToFloat(memory.getAtIndex(SHORT, i));
              case BF16 -> Bfloat16.toFloat(memory.getAtIndex(SHORT, i));
            };
        if (!Float.isFinite(floats[i])) {
          throw CommandException.of(
              "queries must be finite: element %d is %s".formatted(i, floats[i]));
        }
      }
      return floats;
    }
  }

  private static int row(ModelShape model, int layer) {
    LayerShape shape = model.layers().get(layer);
    return Math.multiplyExact(shape.queryHeads(), shape.keyDim());
  }

  /** Those of one layer, {@code [tokens][queryHeads][keyDim]}, in a new array. */
  float[] of(ModelShape model, int layer) {
    int from = 0;
    for (int before = layers.first(); before < layer; before++) {
      from += tokens * row(model, before);
    }
    return Arrays.copyOfRange(floats, from, from + tokens * row(model, layer));
  }

  /** The same for logits that are scaled so, where the model scales them otherwise. */
  QueryBatch scaled(ModelShape model, double scale) {
    float[] scaled = floats.clone();
    int at = 0;
    for (int layer = layers.first(); layer < layers.end(); layer++) {
      double factor = scale / model.layers().get(layer).scale();
      for (int end = at + tokens * row(model, layer); at < end; at++) {
        scaled[at] = (float) (scaled[at] * factor);
      }
    }
    return new QueryBatch(layers, tokens, scaled);
  }
}
