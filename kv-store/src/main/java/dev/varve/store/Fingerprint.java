package dev.varve.store;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * Identity of everything that must agree before stored keys and values may be read: the model, its
 * layer shapes, element type, rotary embedding, block size and the layout version. Two caches whose
 * fingerprints differ never see each other's blocks.
 */
public record Fingerprint(Digest256 digest) {

  /** Version of the in-memory block layout; raised whenever {@link BlockGeometry} changes. */
  public static final int LAYOUT_VERSION = 1;

  private static final int LAYER_BYTES = 64;

  /**
   * Computes the fingerprint.
   *
   * @param modelIdentity names the weights: a digest of the model file, or a name and revision; two
   *     models with different weights must not share it
   * @param shape layers and stored element type
   * @param blockTokens tokens of one block
   */
  public static Fingerprint of(String modelIdentity, ModelShape shape, int blockTokens) {
    if (modelIdentity.isBlank()) {
      throw new IllegalArgumentException("the model identity is empty: give a digest or a name");
    }
    MessageDigest digest = Digest256.sha256();
    byte[] identity = modelIdentity.getBytes(StandardCharsets.UTF_8);
    digest.update("varve fingerprint".getBytes(StandardCharsets.US_ASCII));
    digest.update(
        ByteBuffer.allocate(20)
            .putInt(LAYOUT_VERSION)
            .putInt(blockTokens)
            .putInt(shape.dtype().id())
            .putInt(shape.layerCount())
            .putInt(identity.length)
            .flip());
    digest.update(identity);
    for (LayerShape layer : shape.layers()) {
      digest.update(encode(layer));
    }
    return new Fingerprint(Digest256.finish(digest));
  }

  /**
   * Identity of blocks of the same model that are never exchanged with those of this fingerprint.
   * It differs in the last 64 bits only.
   *
   * @param code tells such identities apart; 0 gives this fingerprint itself
   */
  public Fingerprint branch(long code) {
    return code == 0
        ? this
        : new Fingerprint(
            new Digest256(digest.first(), digest.second(), digest.third(), digest.fourth() ^ code));
  }

  /** Whether {@code other} is this fingerprint or a {@linkplain #branch branch} of it. */
  public boolean sameModel(Fingerprint other) {
    return digest.first() == other.digest.first()
        && digest.second() == other.digest.second()
        && digest.third() == other.digest.third();
  }

  private static ByteBuffer encode(LayerShape layer) {
    ByteBuffer bytes =
        ByteBuffer.allocate(LAYER_BYTES + 40)
            .putInt(layer.queryHeads())
            .putInt(layer.kvHeads())
            .putInt(layer.keyDim())
            .putInt(layer.valueDim())
            .putFloat(layer.scale())
            .putFloat(layer.logitSoftCap())
            .putInt(layer.window())
            .putInt(layer.valueIsPrefixOfKey() ? 1 : 0)
            .putInt(layer.sharedWith().orElse(-1));
    RopeSpec rope = layer.rope();
    bytes
        .putInt(rope.dims())
        .putDouble(rope.theta())
        .putInt(rope.pairing() == RopeSpec.Pairing.HALVES ? 0 : 1)
        .putInt(rope.stored() == RopeSpec.Stored.POST_ROPE ? 0 : 1);
    switch (rope.scaling()) {
      case RopeSpec.Scaling.None() -> bytes.putInt(0);
      case RopeSpec.Scaling.Linear(double factor) -> bytes.putInt(1).putDouble(factor);
      case RopeSpec.Scaling.Llama3(double factor, double low, double high, int context) ->
          bytes.putInt(2).putDouble(factor).putDouble(low).putDouble(high).putInt(context);
    }
    return bytes.flip();
  }

  @Override
  public String toString() {
    return digest.shortHex();
  }
}
