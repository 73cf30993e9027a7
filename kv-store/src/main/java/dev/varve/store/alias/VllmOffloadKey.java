package dev.varve.store.alias;

import dev.varve.store.Checks;
import dev.varve.store.Digest256;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * The key that vLLM's offloading tiers see: a block hash, then the group of layers as four
 * big-endian bytes.
 *
 * @param hash block hash, as {@link VllmKeys} computes it
 * @param group number of the KV cache group; 0 where all layers are alike
 */
public record VllmOffloadKey(Digest256 hash, int group) {

  /** Bytes of a key. */
  public static final int BYTES = Digest256.BYTES + Integer.BYTES;

  public VllmOffloadKey {
    Checks.notNegative(group, "KV cache group");
  }

  /** Reads a key; refuses one of another length and a group beyond {@code 2^31 - 1}. */
  public static VllmOffloadKey read(byte[] bytes) {
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException(
          "an offload key of vLLM has "
              + BYTES
              + " bytes, not "
              + bytes.length
              + ": its hash must be sha256_cbor");
    }
    int group = ByteBuffer.wrap(bytes).getInt(Digest256.BYTES);
    return new VllmOffloadKey(Digest256.read(MemorySegment.ofArray(bytes), 0), group);
  }

  /** The key in a new array. */
  public byte[] toBytes() {
    return ByteBuffer.allocate(BYTES).put(hash.toBytes()).putInt(group).array();
  }
}
