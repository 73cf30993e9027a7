package dev.varve.cli.pack;

/** Says that blocks of a stopped run are not of the rows that the source holds now. */
final class ChangedSource extends RuntimeException {

  private static final long serialVersionUID = 1L;

  ChangedSource(String reason) {
    super(reason);
  }
}
