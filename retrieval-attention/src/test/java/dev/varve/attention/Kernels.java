package dev.varve.attention;

import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.LaneWidths;
import java.util.LinkedHashMap;
import java.util.Map;

/** Every attention kernel by name: both backends as built, and the vector one at each width. */
final class Kernels {
  private Kernels() {}

  static Map<String, AttentionKernel> all() {
    Map<String, AttentionKernel> kernels = vector();
    kernels.put("scalar", AttentionKernel.of(Backend.SCALAR));
    return kernels;
  }

  static Map<String, AttentionKernel> vector() {
    Map<String, AttentionKernel> kernels = new LinkedHashMap<>();
    kernels.put("vector", AttentionKernel.of(Backend.VECTOR));
    for (int bits : LaneWidths.ALL) {
      kernels.put(
          "vector" + bits,
          new VectorAttentionKernel(
              LaneWidths.dot(bits), LaneWidths.softmax(bits), LaneWidths.weightedSum(bits)));
    }
    return kernels;
  }
}
