package dev.varve.engine;

import dev.varve.store.Checks;
import dev.varve.store.Dtype;
import dev.varve.store.RopeSpec;
import dev.varve.store.StoreException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Loads a llama2.c {@code .bin} of the first version: seven little-endian numbers, then all weights
 * as f32 in the order of {@link Weight}, two tables of rotary factors before the classifier.
 */
final class Llama2cModel {
  private static final int HEADER_BYTES = 7 * Integer.BYTES;
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Llama2cModel() {}

  static LlamaModel load(Path path, Arena arena) {
    MemorySegment file;
    try (FileChannel channel = FileChannel.open(path)) {
      file = channel.map(MapMode.READ_ONLY, 0, channel.size(), arena);
    } catch (IOException e) {
      throw new StoreException(path + ": cannot be read: " + e, e);
    }
    if (file.byteSize() < HEADER_BYTES) {
      throw new StoreException(
          "%s: a llama2.c file begins with %d bytes of header, this one has %d bytes"
              .formatted(path, HEADER_BYTES, file.byteSize()));
    }
    LlamaConfig config;
    try {
      config = config(file);
    } catch (IllegalArgumentException e) {
      throw new StoreException(path + ": not a llama2.c file: " + e.getMessage(), e);
    }
    Map<Weight, List<Matrix>> weights = weights(path, file, config);
    Tokenizer tokenizer = Llama2cTokenizer.beside(path, config.vocabulary());
    return new LlamaModel(arena, config, weights, tokenizer, List.of(path));
  }

  private static LlamaConfig config(MemorySegment file) {
    int[] header = file.asSlice(0, HEADER_BYTES).toArray(INT);
    int hidden = header[0];
    int heads = Checks.inRange(header[3], 1, 16384, "heads");
    if (hidden % heads != 0) {
      throw new IllegalArgumentException(
          hidden + " elements do not split into " + heads + " heads");
    }
    return new LlamaConfig(
        header[2],
        hidden,
        header[1],
        heads,
        header[4],
        hidden / heads,
        Math.abs(header[5]),
        header[6],
        1e-5f,
        RopeSpec.of(hidden / heads, 10000, RopeSpec.Pairing.INTERLEAVED),
        header[5] > 0);
  }

  private static Map<Weight, List<Matrix>> weights(
      Path path, MemorySegment file, LlamaConfig config) {
    Map<Weight, List<Matrix>> weights = new EnumMap<>(Weight.class);
    long at = HEADER_BYTES;
    for (Weight weight : Weight.values()) {
      if (weight == Weight.CLASSIFIER) {
        at += (long) config.context() * config.headDim() * Float.BYTES;
        if (config.tied()) {
          weights.put(weight, weights.get(Weight.EMBEDDING));
          break;
        }
      }
      List<Matrix> layers = new ArrayList<>();
      for (int layer = 0; layer < weight.count(config); layer++) {
        long bytes = Matrix.bytes(Dtype.F32, weight.rows(config), weight.columns(config));
        if (bytes > file.byteSize() - at) {
          throw new StoreException(
              "%s: tensor '%s' needs bytes %d to %d, the file has %d: it is truncated or no model"
                  .formatted(path, weight.name(layer), at, at + bytes, file.byteSize()));
        }
        MemorySegment data = file.asSlice(at, bytes);
        layers.add(new Matrix(data, Dtype.F32, weight.rows(config), weight.columns(config)));
        at += bytes;
      }
      weights.put(weight, layers);
    }
    if (at != file.byteSize()) {
      throw new StoreException(
          "%s: the weights end at byte %d, the file has %d".formatted(path, at, file.byteSize()));
    }
    return weights;
  }
}
