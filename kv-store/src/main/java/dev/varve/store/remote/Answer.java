package dev.varve.store.remote;

import java.util.Optional;

/**
 * What a server said.
 *
 * @param reached whether it did what it was asked; if not, it may have done it or not
 * @param value empty where it has none
 */
record Answer<T>(boolean reached, Optional<T> value) {

  static <T> Answer<T> none() {
    return new Answer<>(false, Optional.empty());
  }
}
