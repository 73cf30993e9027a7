package dev.varve.sdk;

import dev.varve.sdk.forgetting.HeadKeepSet;
import dev.varve.sdk.forgetting.KeepSets;
import dev.varve.sdk.forgetting.MergedRow;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** What a session of {@link SyntheticEngine} remembers, as lists, and attention over them. */
final class PlainMemory {

  /** A row and the tokens it stands for. */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  record Row(int first, int last, double weight, float[] key, float[] value) {}

  private final ModelShape shape;
  private final List<List<List<Row>>> layers = new ArrayList<>();

  PlainMemory(ModelShape shape) {
    this.shape = shape;
    for (LayerShape layer : shape.layers()) {
      List<List<Row>> heads = new ArrayList<>();
      for (int head = 0; head < layer.kvHeads(); head++) {
        heads.add(new ArrayList<>());
      }
      layers.add(heads);
    }
  }

  PlainMemory copy() {
    PlainMemory copy = new PlainMemory(shape);
    for (int layer = 0; layer < layers.size(); layer++) {
      for (int head = 0; head < layers.get(layer).size(); head++) {
        copy.layers.get(layer).get(head).addAll(rows(layer, head));
      }
    }
    return copy;
  }

  List<Row> rows(int layer, int head) {
    return layers.get(layer).get(head);
  }

  void append(int tokenId, int position) {
    for (int layer = 0; layer < layers.size(); layer++) {
      LayerShape of = shape.layers().get(layer);
      for (int head = 0; shape.owns(layer) && head < of.kvHeads(); head++) {
        float[] key = row(1, layer, tokenId, position, head, of.keyDim(), of.kvHeads());
        int valueKind = of.valueIsPrefixOfKey() ? 1 : 2;
        float[] value = row(valueKind, layer, tokenId, position, head, of.valueDim(), of.kvHeads());
        rows(layer, head).add(new Row(position, position, 1, key, value));
      }
    }
  }

  void keep(KeepSets keep) {
    for (int layer = 0; layer < layers.size(); layer++) {
      for (int head = 0; shape.owns(layer) && head < layers.get(layer).size(); head++) {
        Optional<HeadKeepSet> kept = keep.of(layer, head);
        if (kept.isPresent()) {
          List<Row> before = rows(layer, head);
          List<Row> after = new ArrayList<>();
          for (int row : kept.get().rows()) {
            after.add(before.get(row));
          }
          for (MergedRow m : kept.get().merged()) {
            after.add(new Row(m.first(), m.last(), m.weight(), m.key(), m.value()));
          }
          after.sort(Comparator.comparingInt(Row::last));
          before.clear();
          before.addAll(after);
        }
      }
    }
  }

  boolean canCutAt(int length) {
    return layers.stream()
        .flatMap(List::stream)
        .flatMap(List::stream)
        .noneMatch(row -> row.first() < length && row.last() >= length);
  }

  void truncate(int length) {
    layers.forEach(heads -> heads.forEach(rows -> rows.removeIf(row -> row.last() >= length)));
  }

  long rowCount() {
    return layers.stream().flatMap(List::stream).mapToLong(List::size).sum();
  }

  /** Attention of the token at {@code position} over what is remembered, in double precision. */
  double[] attend(int layer, int tokenId, int position) {
    LayerShape of = shape.layers().get(layer);
    double[] out = new double[of.queryHeads() * of.valueDim()];
    for (int head = 0; head < of.queryHeads(); head++) {
      float[] query = row(3, layer, tokenId, position, head, of.keyDim(), of.queryHeads());
      double sum = 0;
      for (Row row : rows(shape.ownerOf(layer), of.kvHeadOf(head))) {
        if (row.last() < of.firstVisible(position) || row.last() > position) {
          continue;
        }
        double dot = 0;
        for (int i = 0; i < query.length; i++) {
          dot += (double) query[i] * row.key()[i];
        }
        double logit = dot * of.scale();
        double cap = of.logitSoftCap();
        double weight = row.weight() * Math.exp(cap == 0 ? logit : cap * Math.tanh(logit / cap));
        sum += weight;
        for (int i = 0; i < of.valueDim(); i++) {
          out[head * of.valueDim() + i] += weight * row.value()[i];
        }
      }
      for (int i = 0; i < of.valueDim(); i++) {
        out[head * of.valueDim() + i] /= sum;
      }
    }
    return out;
  }

  private static float[] row(
      int kind, int layer, int tokenId, int position, int head, int dim, int heads) {
    float[] row = new float[dim];
    for (int i = 0; i < dim; i++) {
      row[i] = SyntheticEngine.element(kind, layer, tokenId, position, head, i, heads);
    }
    return row;
  }
}
