package dev.varve.sidecar.resp;

/** The two versions of the protocol. */
public enum Protocol {
  RESP2(2),
  RESP3(3);

  private final int version;

  Protocol(int version) {
    this.version = version;
  }

  /** Its number in {@code HELLO}. */
  public int version() {
    return version;
  }
}
