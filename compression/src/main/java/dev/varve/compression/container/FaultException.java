package dev.varve.compression.container;

/** Carries a fault out of a parser; never leaves this package. */
final class FaultException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient ContainerFault fault;

  FaultException(FaultKind kind, String reason) {
    this(new ContainerFault(kind, reason));
  }

  FaultException(ContainerFault fault) {
    super(fault.reason(), null, false, false);
    this.fault = fault;
  }

  ContainerFault fault() {
    return fault;
  }

  static FaultException corrupt(String reason) {
    return new FaultException(FaultKind.CORRUPT_PAYLOAD, reason);
  }
}
