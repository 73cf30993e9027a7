package dev.varve.cli.pack;

import java.util.OptionalDouble;

/**
 * Which plan is asked for.
 *
 * @param codecs the plan, where it is not searched
 * @param targetRatio bytes of the original over those of the container
 * @param maxError largest error of any layer
 * @param protection layers that are spared
 */
public record PackRequest(
    LayerCodecs codecs,
    OptionalDouble targetRatio,
    OptionalDouble maxError,
    Protection protection) {

  /** Whether encodings have to be measured first. */
  public boolean searched() {
    return targetRatio.isPresent() || maxError.isPresent();
  }

  /** One line that is the same in every run that asks for the same. */
  public String text() {
    if (!searched()) {
      return codecs.namesLayers() ? codecs.toString() : codecs + "; " + protection;
    }
    String ratio = targetRatio.isPresent() ? " ratio " + targetRatio.getAsDouble() : "";
    String error = maxError.isPresent() ? " error " + maxError.getAsDouble() : "";
    return "search" + ratio + error + "; " + protection;
  }
}
