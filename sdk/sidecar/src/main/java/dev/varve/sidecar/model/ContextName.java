package dev.varve.sidecar.model;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * What a client calls the beginning of a context: its token ids, or the hash that its engine gave
 * each chunk. The two never name the same blocks.
 */
public sealed interface ContextName {

  /** Longest hash. */
  int MAX_HASH_BYTES = 64;

  /** The ids under which the cache keeps the context, for chunks of {@code chunkTokens} tokens. */
  int[] ids(int chunkTokens);

  /** Token ids from position 0. */
  @SuppressWarnings("ArrayRecordComponent") // read once, never compared
  record Tokens(int[] tokenIds) implements ContextName {
    @Override
    public int[] ids(int chunkTokens) {
      return tokenIds;
    }
  }

  /**
   * A hash for each chunk, of 1 to {@link #MAX_HASH_BYTES} bytes; it must stand for all tokens up
   * to the end of its chunk.
   */
  record Hashes(List<byte[]> hashes) implements ContextName {

    /** No token has this id, so no prompt has the name of a hash. */
    private static final int MARK = -1;

    public Hashes {
      hashes = List.copyOf(hashes);
    }

    /** Of each chunk: a mark, the length of its hash, the hash, and zeros. */
    @Override
    public int[] ids(int chunkTokens) {
      int[] ids = new int[hashes.size() * chunkTokens];
      for (int chunk = 0; chunk < hashes.size(); chunk++) {
        byte[] hash = hashes.get(chunk);
        int at = chunk * chunkTokens;
        ids[at] = MARK;
        ids[at + 1] = hash.length;
        ByteBuffer padded = ByteBuffer.allocate(MAX_HASH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        padded.put(hash).rewind().asIntBuffer().get(ids, at + 2, MAX_HASH_BYTES / Integer.BYTES);
      }
      return ids;
    }
  }
}
