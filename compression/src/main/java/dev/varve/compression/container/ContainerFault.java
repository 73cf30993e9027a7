package dev.varve.compression.container;

/**
 * What is wrong with a container.
 *
 * @param reason one sentence that names the place, what was found and what was expected
 */
public record ContainerFault(FaultKind kind, String reason) {

  /** The same with the place named in front, once. */
  ContainerFault in(String place) {
    return reason.startsWith(place) ? this : new ContainerFault(kind, place + ": " + reason);
  }
}
