package dev.varve.compression.container;

/** The stored types of {@link Tlv}s; never reused. */
final class MetadataTypes {
  /** {@link LayerDescriptor} of each layer; the one part that must be there. */
  static final int LAYERS = 1;

  /** Name of the model, UTF-8. */
  static final int MODEL_NAME = 2;

  /** Fingerprint, 32 bytes. */
  static final int FINGERPRINT = 3;

  /** Position of the first token, i64. */
  static final int POSITION_BASE = 4;

  /** One i32 for each token. */
  static final int TOKEN_IDS = 5;

  /** 32 bytes for each chunk. */
  static final int CHAIN = 6;

  /** Levels and encodings. */
  static final int PLAN = 7;

  /** Kind of the source, UTF-8. */
  static final int SOURCE_KIND = 8;

  /** Strings of the source: pairs. */
  static final int SOURCE_METADATA = 9;

  /** Layout of the source, UTF-8. */
  static final int SOURCE_LAYOUT = 10;

  private MetadataTypes() {}
}
