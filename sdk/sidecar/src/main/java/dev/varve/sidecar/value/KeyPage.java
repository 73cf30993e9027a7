package dev.varve.sidecar.value;

import java.util.List;

/**
 * Some keys of a walk.
 *
 * @param next where the walk goes on; 0 at its end
 */
public record KeyPage(List<byte[]> keys, long next) {
  public KeyPage {
    keys = List.copyOf(keys);
  }
}
