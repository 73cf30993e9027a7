package dev.varve.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.varve.sdk.forgetting.HeadKeepSet;
import dev.varve.sdk.forgetting.KeepSets;
import dev.varve.sdk.forgetting.MergedRow;
import dev.varve.sdk.forgetting.SessionHistory;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * H2O and ZeroMerge while decoding, in lists and double precision: what a session of {@link
 * Shapes#PLAIN} must hold step by step.
 */
final class PlainOnline {

  private static final double SCALE = Shapes.PLAIN.layers().getFirst().scale();

  /** A row, the tokens in it and the attention it got. */
  private static final class Row {
    int last;
    double count = 1;
    double[] key;
    double[] value;
    double attention;

    Row(int layer, int tokenId, int position, int head) {
      this.last = position;
      this.key = row(1, layer, tokenId, position, head, 2);
      this.value = row(2, layer, tokenId, position, head, 2);
    }
  }

  private final double decay;
  private final int newest;
  private final boolean merges;
  private final List<List<Row>> heads = new ArrayList<>();

  PlainOnline(double decay, int newest, boolean merges) {
    this.decay = decay;
    this.newest = newest;
    this.merges = merges;
    for (int i = 0; i < 6; i++) {
      heads.add(new ArrayList<>());
    }
  }

  private static double[] row(int kind, int layer, int id, int position, int head, int heads) {
    double[] row = new double[16];
    for (int i = 0; i < 16; i++) {
      row[i] = SyntheticEngine.element(kind, layer, id, position, head, i, heads);
    }
    return row;
  }

  /** A token comes, and its queries attend. */
  void append(int tokenId, int position) {
    for (int i = 0; i < 6; i++) {
      List<Row> rows = heads.get(i);
      rows.add(new Row(i / 2, tokenId, position, i % 2));
      rows.forEach(row -> row.attention *= decay);
      for (int g = 0; g < 2; g++) {
        double[] shares = shares(i, tokenId, position, g);
        for (int r = 0; r < shares.length; r++) {
          rows.get(r).attention += shares[r];
        }
      }
    }
  }

  private double[] shares(int i, int tokenId, int position, int g) {
    double[] query = row(3, i / 2, tokenId, position, i % 2 * 2 + g, 4);
    double[] shares = new double[heads.get(i).size()];
    double sum = 0;
    for (int r = 0; r < shares.length; r++) {
      Row row = heads.get(i).get(r);
      double dot = 0;
      for (int c = 0; c < 16; c++) {
        dot += query[c] * row.key[c];
      }
      shares[r] = row.count * Math.exp(SCALE * dot);
      sum += shares[r];
    }
    for (int r = 0; r < shares.length; r++) {
      shares[r] /= sum;
    }
    return shares;
  }

  void keep(KeepSets kept) {
    for (int i = 0; i < 6; i++) {
      List<Row> before = heads.get(i);
      List<Row> after = new ArrayList<>();
      HeadKeepSet set = kept.of(i / 2, i % 2).orElseThrow();
      for (int row : set.rows()) {
        after.add(before.get(row));
      }
      for (MergedRow merged : set.merged()) {
        Row row = new Row(0, 0, merged.last(), 0);
        row.count = merged.weight();
        for (int c = 0; c < 16; c++) {
          row.key[c] = merged.key()[c];
          row.value[c] = merged.value()[c];
        }
        after.add(row);
      }
      after.sort(Comparator.comparingInt(row -> row.last));
      heads.set(i, after);
    }
  }

  void evict(int places) {
    for (List<Row> rows : heads) {
      while (rows.size() > places) {
        int least = -1;
        for (int r = 0; r < rows.size() - newest; r++) {
          Row row = rows.get(r);
          if (row.count == 1 && (least < 0 || row.attention <= rows.get(least).attention)) {
            least = r;
          }
        }
        Row gone = rows.remove(least);
        if (merges) {
          Row dense = rows.stream().filter(row -> row.count > 1).findFirst().orElseThrow();
          for (int c = 0; c < 16; c++) {
            dense.key[c] = (dense.count * dense.key[c] + gone.key[c]) / (dense.count + 1);
            dense.value[c] = (dense.count * dense.value[c] + gone.value[c]) / (dense.count + 1);
          }
          dense.count++;
          dense.last = Math.max(dense.last, gone.last);
          dense.attention = Math.max(dense.attention, gone.attention);
          rows.sort(Comparator.comparingInt(row -> row.last));
        }
      }
    }
  }

  /** Holds positions, weights and attention of a session against the lists. */
  void check(SessionHistory history) {
    for (int i = 0; i < 6; i++) {
      List<Row> rows = heads.get(i);
      assertThat(history.rows(i / 2, i % 2)).isEqualTo(rows.size());
      float[][] sums = history.attention(i / 2, i % 2).orElseThrow();
      for (int r = 0; r < rows.size(); r++) {
        Row row = rows.get(r);
        String place = "layer %d head %d row %d".formatted(i / 2, i % 2, r);
        assertThat(history.position(i / 2, i % 2, r)).as(place).isEqualTo(row.last);
        assertThat((double) sums[0][r] + sums[1][r])
            .as(place)
            .isCloseTo(row.attention, within(1e-2));
        float weight = history.layer(i / 2).weight(i % 2, r);
        assertThat((double) weight).as(place).isCloseTo(row.count, within(1e-3));
      }
    }
  }

  /** Holds the outputs of a token against the lists, which have it. */
  void check(float[][] out, int tokenId, int position) {
    for (int i = 0; i < 6; i++) {
      for (int g = 0; g < 2; g++) {
        double[] shares = shares(i, tokenId, position, g);
        for (int c = 0; c < 16; c++) {
          double expected = 0;
          for (int r = 0; r < shares.length; r++) {
            expected += shares[r] * heads.get(i).get(r).value[c];
          }
          float is = out[i / 2][(i % 2 * 2 + g) * 16 + c];
          assertThat((double) is).isCloseTo(expected, within(5e-3));
        }
      }
    }
  }
}
