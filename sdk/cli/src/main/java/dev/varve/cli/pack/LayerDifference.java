package dev.varve.cli.pack;

import java.util.Optional;

/**
 * How two files differ in one layer.
 *
 * @param layer the layer
 * @param keys difference of the keys
 * @param values difference of the values
 * @param logitError root mean square difference of logits, where queries are at hand and anything
 *     differs
 * @param outputError relative error of attention outputs, likewise
 */
public record LayerDifference(
    int layer,
    SectionDifference keys,
    SectionDifference values,
    Optional<Double> logitError,
    Optional<Double> outputError) {

  /**
   * Keys or values.
   *
   * @param different elements of which any bit differs, as floats
   * @param max largest difference
   * @param mean mean difference
   * @param relative root of the squared error over the squares of the first
   */
  public record SectionDifference(long different, double max, double mean, double relative) {
    static SectionDifference of(SectionError error) {
      return new SectionDifference(error.different(), error.most(), error.mean(), error.relative());
    }
  }

  /** Whether no element differs. */
  public boolean identical() {
    return keys.different + values.different == 0;
  }
}
