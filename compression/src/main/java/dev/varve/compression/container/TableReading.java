package dev.varve.compression.container;

/** What came of asking for a table set. */
public sealed interface TableReading {

  /** Checked tables. */
  record Sound(TableSet tables) implements TableReading {}

  /** They are damaged or not there. */
  record Refused(ContainerFault fault) implements TableReading {}
}
