package dev.varve.compression.container;

/** What came of opening a file as a container. */
public sealed interface ContainerOpening {

  /**
   * It is sound as far as header, index and footer go.
   *
   * @param file to be closed by the caller
   */
  record Opened(ContainerFile file) implements ContainerOpening {}

  /** It cannot be used; nothing is open. */
  record Refused(ContainerFault fault) implements ContainerOpening {}
}
