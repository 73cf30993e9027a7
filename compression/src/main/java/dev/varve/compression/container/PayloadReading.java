package dev.varve.compression.container;

import java.lang.foreign.MemorySegment;

/** What came of asking for stored bytes. */
public sealed interface PayloadReading {

  /**
   * Checked bytes.
   *
   * @param bytes read-only, of the file's mapping: valid until the file is closed
   */
  record Sound(MemorySegment bytes) implements PayloadReading {}

  /** They are damaged or not there. */
  record Refused(ContainerFault fault) implements PayloadReading {}
}
