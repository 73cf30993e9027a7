package dev.varve.eviction.head;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The gates that DuoAttention (Xiao et al., ICLR 2025, arXiv 2410.10819) learns for every KV head,
 * as its pattern files hold them: a line for each layer, a number for each head, separated by white
 * space. A gate of 1 wants everything, 0 is content with both ends.
 *
 * @param gates {@code [layers][kvHeads]}
 */
public record DuoPattern(List<List<Double>> gates) {

  public DuoPattern {
    gates = gates.stream().map(List::copyOf).toList();
  }

  /**
   * Reads a pattern file.
   *
   * @throws IllegalArgumentException if it is not there, ragged or holds what is no number
   */
  public static DuoPattern read(Path file) {
    List<List<Double>> gates = new ArrayList<>();
    try {
      for (String line : Files.readAllLines(file)) {
        if (!line.isBlank()) {
          gates.add(
              Arrays.stream(line.strip().split("\\s+", -1)).map(Double::parseDouble).toList());
        }
      }
    } catch (IOException e) {
      throw new IllegalArgumentException(file + ": the pattern cannot be read: " + e, e);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          file + ": a pattern holds numbers separated by white space: " + e.getMessage(), e);
    }
    if (gates.isEmpty()) {
      throw new IllegalArgumentException(file + ": the pattern is empty");
    }
    for (List<Double> layer : gates) {
      if (layer.size() != gates.getFirst().size()) {
        throw new IllegalArgumentException(
            "%s: the pattern has layers of %d and of %d heads"
                .formatted(file, gates.getFirst().size(), layer.size()));
      }
    }
    return new DuoPattern(gates);
  }

  /**
   * The heads that are left when the share {@code sparsity} with the smallest gates keeps both ends
   * only; ties keep the earlier head full.
   */
  public HeadMap map(double sparsity) {
    if (!(sparsity >= 0 && sparsity <= 1)) {
      throw new IllegalArgumentException("sparsity must lie between 0 and 1: " + sparsity);
    }
    int kvHeads = gates.getFirst().size();
    int streaming = (int) Math.round(sparsity * gates.size() * kvHeads);
    List<Double> all = gates.stream().flatMap(List::stream).toList();
    HeadRanking ranking = HeadRanking.of(all);
    List<List<Integer>> full = new ArrayList<>();
    for (int layer = 0; layer < gates.size(); layer++) {
      List<Integer> heads = new ArrayList<>();
      for (int head = 0; head < kvHeads; head++) {
        if (ranking.rank(layer * kvHeads + head) < all.size() - streaming) {
          heads.add(head);
        }
      }
      full.add(heads);
    }
    return new HeadMap(kvHeads, full);
  }
}
