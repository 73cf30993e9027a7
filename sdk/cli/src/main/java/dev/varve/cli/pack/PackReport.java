package dev.varve.cli.pack;

import java.util.List;

/**
 * What came of writing a container.
 *
 * @param source the file that was read
 * @param target the container
 * @param status {@code written} or {@code skipped}
 * @param tokens tokens
 * @param originalBytes bytes of the source
 * @param storedBytes bytes of the container
 * @param ratio the first over the second
 * @param layers by layer
 */
public record PackReport(
    String source,
    String target,
    String status,
    int tokens,
    long originalBytes,
    long storedBytes,
    double ratio,
    List<LayerReport> layers) {

  public PackReport {
    layers = List.copyOf(layers);
  }

  /** Blocks that a codec refused. */
  public int exactBlocks() {
    return layers.stream().mapToInt(LayerReport::exactBlocks).sum();
  }
}
