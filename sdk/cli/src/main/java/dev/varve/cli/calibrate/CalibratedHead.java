package dev.varve.cli.calibrate;

import dev.varve.eviction.head.CopyScore;
import dev.varve.eviction.head.HeadMap;
import java.util.ArrayList;
import java.util.List;

/**
 * What was found about one KV head.
 *
 * @param layer index of the layer
 * @param head KV head
 * @param induction attention to what followed earlier copies
 * @param echo attention to earlier copies
 * @param full whether it keeps everything
 */
public record CalibratedHead(int layer, int head, double induction, double echo, boolean full) {

  /** All heads, layer by layer. */
  public static List<CalibratedHead> of(List<List<CopyScore>> layers, HeadMap map) {
    List<CalibratedHead> heads = new ArrayList<>();
    for (int layer = 0; layer < layers.size(); layer++) {
      for (int head = 0; head < layers.get(layer).size(); head++) {
        CopyScore score = layers.get(layer).get(head);
        heads.add(
            new CalibratedHead(
                layer, head, score.induction(), score.echo(), map.isFull(layer, head)));
      }
    }
    return heads;
  }
}
