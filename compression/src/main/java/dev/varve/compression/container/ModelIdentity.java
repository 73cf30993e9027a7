package dev.varve.compression.container;

import dev.varve.store.Fingerprint;
import java.util.Optional;

/**
 * Whose keys and values these are.
 *
 * @param name names the weights, as a digest or a name with a revision; empty if unknown
 * @param fingerprint of model, shapes and block size, where the writer knew it
 */
public record ModelIdentity(String name, Optional<Fingerprint> fingerprint) {

  /** Nothing is known of the model. */
  public static final ModelIdentity UNKNOWN = new ModelIdentity("", Optional.empty());

  /** A model of this name. */
  public static ModelIdentity named(String name) {
    return new ModelIdentity(name, Optional.empty());
  }

  /** Whether both may be one model: what one of them does not say is no difference. */
  boolean fits(ModelIdentity other) {
    boolean sameName = name.isEmpty() || other.name.isEmpty() || name.equals(other.name);
    boolean samePrint =
        fingerprint.isEmpty()
            || other.fingerprint.isEmpty()
            || fingerprint.equals(other.fingerprint);
    return sameName && samePrint;
  }
}
