package dev.varve.store.object;

import dev.varve.store.ChunkKey;
import dev.varve.store.Digest256;
import dev.varve.store.Fingerprint;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * What objects consist of, as tiers see it: chunks of one layer under fingerprints that no model
 * has. In place of tokens such a chunk counts pages of its payload.
 */
public final class ObjectPieces {

  /** Stands where a model's fingerprint would, in the keys of manifests. */
  public static final Fingerprint MANIFESTS = fingerprint("varve object manifests 1");

  /** Stands where a model's fingerprint would, in the keys of extents. */
  public static final Fingerprint EXTENTS = fingerprint("varve object extents 1");

  /** Bytes of a page. */
  public static final int PAGE = 4096;

  private ObjectPieces() {}

  /** Whether a chunk is a piece of an object. */
  public static boolean isPiece(ChunkKey key) {
    return key.fingerprint().equals(EXTENTS) || key.fingerprint().equals(MANIFESTS);
  }

  /** Pages of a payload of {@code bytes}, which stand for tokens. */
  public static int pages(int bytes) {
    return Math.ceilDiv(bytes, PAGE);
  }

  private static Fingerprint fingerprint(String label) {
    MessageDigest digest = Digest256.sha256();
    digest.update(label.getBytes(StandardCharsets.US_ASCII));
    return new Fingerprint(Digest256.finish(digest));
  }
}
