package dev.varve.eviction.keep;

import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Rotary;

/**
 * Turns stored keys from one position to another: a rotary turn by the difference, as in kvpress'
 * {@code KeyRerotationPress} and FINCH (Corallo and Papotti, 2024). Exact, for turns about one axis
 * add up. For one thread.
 */
public final class KeyRotation {
  private final RopeSpec spec;
  private final Rotary rotary;

  public KeyRotation(RopeSpec spec) {
    this.spec = spec;
    this.rotary = new Rotary(spec);
  }

  /** Turns the key at {@code keys[at]} by {@code distance} positions, which may be negative. */
  public void turn(float[] keys, int at, int distance) {
    if (spec.dims() == 0 || distance == 0 || spec.stored() == RopeSpec.Stored.PRE_ROPE) {
      return;
    }
    float[] key = new float[spec.dims()];
    System.arraycopy(keys, at, key, 0, key.length);
    rotary.prepare(distance, 1);
    rotary.turn(key, 1, 1, key.length);
    System.arraycopy(key, 0, keys, at, key.length);
  }
}
