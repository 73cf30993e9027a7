package dev.varve.sidecar.http;

import java.util.List;

/** What an administrator may have done. Thread-safe. */
public interface Administrator {

  /** Deletes every value of every tenant; returns how many. */
  long flush();

  /** Begins to end the server: nobody is accepted any more, running requests are answered. */
  void drain();

  /**
   * Reads again what may change while the server runs.
   *
   * @return what was read
   * @throws java.io.IOException if it cannot be used: what held before still holds
   */
  List<String> reload() throws java.io.IOException;
}
