package dev.varve.cli.command;

import dev.varve.cli.file.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;

/** Caches of a transformer as safetensors files, put together by hand. */
final class OfflineFiles {

  static final int LAYERS = 4;
  static final int HEADS = 2;
  static final int DIM = 32;

  private OfflineFiles() {}

  /** Normal numbers in f16, with the given ones in the place of the first keys of layer 1. */
  static Path cache(Path path, int tokens, float... first) throws IOException {
    SplittableRandom random = new SplittableRandom(7);
    StringBuilder header = new StringBuilder("{\"__metadata__\":{\"format\":\"pt\"}");
    Bytes data = new Bytes();
    for (int layer = 0; layer < LAYERS; layer++) {
      for (String what : new String[] {"key_cache.", "value_cache."}) {
        int from = data.size();
        for (int i = 0; i < HEADS * tokens * DIM; i++) {
          boolean given = layer == 1 && what.startsWith("key") && i < first.length;
          data.f16(given ? first[i] : (float) random.nextGaussian());
        }
        header.append(
            ",\"%s%d\":{\"dtype\":\"F16\",\"shape\":[1,%d,%d,%d],\"data_offsets\":[%d,%d]}"
                .formatted(what, layer, HEADS, tokens, DIM, from, data.size()));
      }
    }
    return Files.write(path, Bytes.safetensors(header + "}", data.array()));
  }
}
