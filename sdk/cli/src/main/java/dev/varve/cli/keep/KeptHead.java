package dev.varve.cli.keep;

import dev.varve.eviction.keep.HeadKeep;
import dev.varve.eviction.keep.KeepPlan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What one KV head keeps, as it is printed.
 *
 * @param layer index of the layer
 * @param head KV head
 * @param positions kept positions, ascending
 */
public record KeptHead(int layer, int head, List<Integer> positions) {

  /** All heads of a plan, layer by layer. */
  public static List<KeptHead> of(KeepPlan plan) {
    List<KeptHead> heads = new ArrayList<>();
    for (int layer = 0; layer < plan.layers().size(); layer++) {
      for (int head = 0; head < plan.layers().get(layer).size(); head++) {
        HeadKeep keep = plan.head(layer, head);
        heads.add(new KeptHead(layer, head, Arrays.stream(keep.positions()).boxed().toList()));
      }
    }
    return heads;
  }

  /** The positions as runs: {@code 0-3 17 20-25}. */
  public String runs() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < positions.size(); ) {
      int last = i;
      while (last + 1 < positions.size() && positions.get(last + 1) == positions.get(last) + 1) {
        last++;
      }
      text.append(i == 0 ? "" : " ").append(positions.get(i));
      text.append(last == i ? "" : "-" + positions.get(last));
      i = last + 1;
    }
    return text.toString();
  }
}
