package dev.varve.cli.pack;

import java.util.List;
import java.util.Optional;

/**
 * What came of writing a container.
 *
 * @param layers by layer
 * @param keptBlocks blocks that were there from a run that was stopped
 * @param begunAnew why what was there could not be gone on with, if there was something
 */
public record Packed(List<LayerReport> layers, int keptBlocks, Optional<String> begunAnew) {

  public Packed {
    layers = List.copyOf(layers);
  }
}
