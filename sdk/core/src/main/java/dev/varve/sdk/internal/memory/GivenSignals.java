package dev.varve.sdk.internal.memory;

import dev.varve.eviction.observe.Signal;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What an engine told a session about its tokens, by position: it stays until tokens are cut off or
 * more is told. For one thread at a time.
 */
public final class GivenSignals {

  private final Map<Signal, Map<Integer, float[][]>> layers = new EnumMap<>(Signal.class);

  /**
   * Takes over {@code rows} for a layer; those of one layer more often replace the ones before.
   *
   * @param rows {@code [heads][positions]}
   */
  public void give(Signal signal, int layer, float[][] rows) {
    layers.computeIfAbsent(signal, any -> new HashMap<>()).put(layer, rows);
  }

  /** What was told of a layer. */
  public Optional<float[][]> of(Signal signal, int layer) {
    return Optional.ofNullable(layers.getOrDefault(signal, Map.of()).get(layer));
  }

  /** Forgets what was told of the positions from {@code length} on. */
  public void truncate(int length) {
    for (Map<Integer, float[][]> signal : layers.values()) {
      signal.replaceAll((layer, rows) -> cut(rows, length));
    }
  }

  private static float[][] cut(float[][] rows, int length) {
    float[][] cut = new float[rows.length][];
    for (int i = 0; i < rows.length; i++) {
      cut[i] = rows[i].length <= length ? rows[i] : Arrays.copyOf(rows[i], length);
    }
    return cut;
  }

  /** The same for another session; rows are shared, for nobody changes them. */
  public GivenSignals copy() {
    GivenSignals copy = new GivenSignals();
    layers.forEach((signal, rows) -> copy.layers.put(signal, new HashMap<>(rows)));
    return copy;
  }
}
