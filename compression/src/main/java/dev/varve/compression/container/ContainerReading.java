package dev.varve.compression.container;

/** What came of decoding from a container into memory of the caller. */
public sealed interface ContainerReading {

  /** The target holds what was asked for. */
  record Read() implements ContainerReading {}

  /** It does not; what the target holds is undefined. */
  record Refused(ContainerFault fault) implements ContainerReading {}
}
