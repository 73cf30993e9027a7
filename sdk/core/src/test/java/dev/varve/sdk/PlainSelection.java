package dev.varve.sdk;

import dev.varve.attention.index.KeySpan;
import dev.varve.attention.index.StepQueries;
import dev.varve.attention.select.RowSets;
import dev.varve.attention.select.Selection;
import dev.varve.attention.select.StepSelector;
import dev.varve.sdk.reading.SelectiveReading;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import dev.varve.store.kernel.Backend;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;

/** What a token of {@link SyntheticEngine} reads by a policy, and attention over that, plainly. */
final class PlainSelection {

  private final ModelShape model;
  private final SelectiveReading reading;
  private final int[] ids;

  /**
   * @param ids of all tokens; the last one asks
   */
  PlainSelection(ModelShape model, SelectiveReading reading, int... ids) {
    this.model = model;
    this.reading = reading;
    this.ids = ids;
  }

  /** What the last token reads of {@code layer} if the first {@code indexed} are in the index. */
  Selection select(int layer, int indexed) {
    LayerShape shape = model.layers().get(layer);
    StepSelector selector = reading.policy().open(shape, layer, Backend.SCALAR);
    int[] first = new int[indexed];
    System.arraycopy(ids, 0, first, 0, indexed);
    selector.append(keys(layer, shape, indexed), first);
    int last = ids.length - 1;
    float[] query = new float[shape.queryHeads() * shape.keyDim()];
    for (int head = 0; head < shape.queryHeads(); head++) {
      for (int i = 0; i < shape.keyDim(); i++) {
        query[head * shape.keyDim() + i] =
            SyntheticEngine.element(3, layer, ids[last], last, head, i, shape.queryHeads());
      }
    }
    return selector.select(new StepQueries(shape).set(query, 0, last, 1));
  }

  private KeySpan keys(int layer, LayerShape shape, int tokens) {
    int owner = model.ownerOf(layer);
    long row = (long) shape.keyDim() * Dtype.F16.bytes();
    MemorySegment bytes = Arena.ofAuto().allocate((long) shape.kvHeads() * tokens * row);
    for (int head = 0; head < shape.kvHeads(); head++) {
      for (int t = 0; t < tokens; t++) {
        for (int i = 0; i < shape.keyDim(); i++) {
          float x = SyntheticEngine.element(1, owner, ids[t], t, head, i, shape.kvHeads());
          long at = ((long) head * tokens + t) * row + 2L * i;
          bytes.set(ValueLayout.JAVA_SHORT_UNALIGNED, at, Float.floatToFloat16(x));
        }
      }
    }
    return KeySpan.dense(bytes, Dtype.F16, shape.kvHeads(), tokens, shape.keyDim());
  }

  /** Attention of the last token over {@code selection}, in double precision. */
  double[] attend(int layer, RowSets selection) {
    LayerShape shape = model.layers().get(layer);
    double[] out = new double[shape.queryHeads() * shape.valueDim()];
    for (int head = 0; head < shape.queryHeads(); head++) {
      BitSet set = selection.set(shape.kvHeadOf(head));
      double sum = 0;
      for (int t = set.nextSetBit(0); t >= 0; t = set.nextSetBit(t + 1)) {
        double weight = Math.exp(logit(layer, shape, head, t));
        sum += weight;
        for (int i = 0; i < shape.valueDim(); i++) {
          out[head * shape.valueDim() + i] += weight * value(layer, shape, head, t, i);
        }
      }
      for (int i = 0; i < shape.valueDim(); i++) {
        out[head * shape.valueDim() + i] /= sum;
      }
    }
    return out;
  }

  /** Mean over heads of the share of the attention that {@code selection} leaves out. */
  double missed(int layer, Selection selection) {
    LayerShape shape = model.layers().get(layer);
    double missed = 0;
    for (int head = 0; head < shape.queryHeads(); head++) {
      double all = 0;
      double read = 0;
      for (int t = 0; t < ids.length; t++) {
        double weight = Math.exp(logit(layer, shape, head, t));
        all += weight;
        read += selection.set(shape.kvHeadOf(head)).get(t) ? weight : 0;
      }
      missed += 1 - read / all;
    }
    return missed / shape.queryHeads();
  }

  private double value(int layer, LayerShape shape, int head, int t, int i) {
    int kind = shape.valueIsPrefixOfKey() ? 1 : 2;
    int owner = model.ownerOf(layer);
    return SyntheticEngine.element(
        kind, owner, ids[t], t, shape.kvHeadOf(head), i, shape.kvHeads());
  }

  private double logit(int layer, LayerShape shape, int head, int t) {
    int last = ids.length - 1;
    int owner = model.ownerOf(layer);
    double dot = 0;
    for (int i = 0; i < shape.keyDim(); i++) {
      dot +=
          (double) SyntheticEngine.element(3, layer, ids[last], last, head, i, shape.queryHeads())
              * SyntheticEngine.element(
                  1, owner, ids[t], t, shape.kvHeadOf(head), i, shape.kvHeads());
    }
    double logit = dot * shape.scale();
    double cap = shape.logitSoftCap();
    return cap == 0 ? logit : cap * Math.tanh(logit / cap);
  }
}
