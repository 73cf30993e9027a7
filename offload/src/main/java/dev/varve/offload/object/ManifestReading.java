package dev.varve.offload.object;

/** What reading a manifest's bytes came to. */
sealed interface ManifestReading {

  /** The bytes hold this manifest. */
  record Sound(ObjectManifest manifest) implements ManifestReading {}

  /** The bytes are no manifest of this object and version. */
  record Refused(String reason) implements ManifestReading {}
}
