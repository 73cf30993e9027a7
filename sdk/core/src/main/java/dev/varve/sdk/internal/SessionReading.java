package dev.varve.sdk.internal;

/** What became of looking for a saved session. */
public sealed interface SessionReading {

  /** The file passed every check. */
  record Sound(SessionFile file) implements SessionReading {}

  /**
   * There is no session to resume.
   *
   * @param reason a sentence without content of the session
   * @param damaged whether a file of ours was found whose bytes are wrong
   */
  record Refused(String reason, boolean damaged) implements SessionReading {}
}
