package dev.varve.store;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.DigestException;
import java.security.MessageDigest;

/**
 * Computes the keys of a long chain with one digest and one buffer: {@link ChainKey#next} without
 * its set-up. For one thread.
 */
public final class ChainHash {

  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  private final MessageDigest digest = Digest256.sha256();
  private final byte[] result = new byte[Digest256.BYTES];
  private byte[] message = new byte[0];

  /** The key of the chunk that holds {@code tokenIds[from..to)} right after {@code parent}. */
  public ChainKey next(ChainKey parent, int[] tokenIds, int from, int to) {
    return next(parent, tokenIds, from, to, new byte[0]);
  }

  ChainKey next(ChainKey parent, int[] tokenIds, int from, int to, byte[] extra) {
    int length = Digest256.BYTES + Integer.BYTES * (to - from + 2);
    if (message.length != length) {
      message = new byte[length];
    }
    parent.digest().write(message);
    int at = Digest256.BYTES;
    INTS.set(message, at, to - from);
    for (int i = from; i < to; i++) {
      at += Integer.BYTES;
      INTS.set(message, at, tokenIds[i]);
    }
    INTS.set(message, at + Integer.BYTES, extra.length);
    digest.update(message);
    digest.update(extra);
    try {
      digest.digest(result, 0, result.length);
    } catch (DigestException e) {
      throw new IllegalStateException("SHA-256 has " + Digest256.BYTES + " bytes", e);
    }
    return new ChainKey(Digest256.of(result));
  }
}
