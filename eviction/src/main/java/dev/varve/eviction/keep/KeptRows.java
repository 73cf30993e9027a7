package dev.varve.eviction.keep;

import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.Workspace;
import dev.varve.store.LayerShape;
import java.util.Arrays;

/**
 * The rows that one KV head is left with: kept tokens in ascending order, merged rows in their
 * places, slots that stand for no single token at the end.
 *
 * @param keys {@code [slots][keyDim]}
 * @param values {@code [slots][valueDim]}
 * @param positions position that each key is turned to; {@link MergedSlot#EXTRA} for slots at the
 *     end
 * @param weights factor on the exponential of each logit; 1 for single tokens
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public record KeptRows(float[] keys, float[] values, int[] positions, float[] weights) {

  /**
   * Copies the rows out of {@code layer}.
   *
   * @param renumbered whether keys are turned to positions 0, 1, 2 and so on
   */
  public static KeptRows gather(
      Observation layer, int head, HeadKeep keep, boolean renumbered, Workspace workspace) {
    LayerShape shape = layer.shape();
    int slots = keep.slots();
    float[] keys = new float[slots * shape.keyDim()];
    float[] values = new float[slots * shape.valueDim()];
    int[] positions = Arrays.copyOf(keep.positions(), slots);
    float[] weights = new float[slots];
    Arrays.fill(weights, 1f);
    float[] row = new float[Math.max(shape.keyDim(), shape.valueDim())];
    for (int i = 0; i < keep.tokens().length; i++) {
      workspace.load(layer.keys(), head, keep.tokens()[i], 1, row);
      System.arraycopy(row, 0, keys, i * shape.keyDim(), shape.keyDim());
      workspace.load(layer.values(), head, keep.tokens()[i], 1, row);
      System.arraycopy(row, 0, values, i * shape.valueDim(), shape.valueDim());
    }
    int end = keep.tokens().length;
    for (MergedSlot slot : keep.merged()) {
      int at = slot.extra() ? end++ : Arrays.binarySearch(keep.tokens(), slot.token());
      System.arraycopy(slot.key(), 0, keys, at * shape.keyDim(), shape.keyDim());
      System.arraycopy(slot.value(), 0, values, at * shape.valueDim(), shape.valueDim());
      weights[at] = slot.weight();
      positions[at] = slot.extra() ? MergedSlot.EXTRA : positions[at];
    }
    KeptRows rows = new KeptRows(keys, values, positions, weights);
    return renumbered ? rows.renumbered(shape) : rows;
  }

  private KeptRows renumbered(LayerShape shape) {
    KeyRotation rotation = new KeyRotation(shape.rope());
    int[] renumbered = positions.clone();
    int next = 0;
    for (int i = 0; i < positions.length; i++) {
      if (positions[i] != MergedSlot.EXTRA) {
        rotation.turn(keys, i * shape.keyDim(), next - positions[i]);
        renumbered[i] = next++;
      }
    }
    return new KeptRows(keys, values, renumbered, weights);
  }
}
