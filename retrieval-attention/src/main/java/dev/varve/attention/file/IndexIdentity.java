package dev.varve.attention.file;

import dev.varve.attention.index.DamagedIndexException;
import dev.varve.store.Checks;
import dev.varve.store.Digest256;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * What an index was built from. Keys carry their positions and depend on all tokens before them, so
 * an index serves the same model over the same first tokens only.
 *
 * @param model digest of the model's identity
 * @param prefix digest of the ids of the first tokens
 * @param tokens how many
 */
public record IndexIdentity(Digest256 model, Digest256 prefix, int tokens) {

  public IndexIdentity {
    Checks.positive(tokens, "tokens");
  }

  /** The identity of the first {@code tokens} of {@code tokenIds} in a model of that name. */
  public static IndexIdentity of(String modelIdentity, int[] tokenIds, int tokens) {
    MessageDigest model = Digest256.sha256();
    model.update(modelIdentity.getBytes(StandardCharsets.UTF_8));
    MessageDigest prefix = Digest256.sha256();
    ByteBuffer ids =
        ByteBuffer.allocate(Math.multiplyExact(tokens, Integer.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < tokens; i++) {
      ids.putInt(tokenIds[i]);
    }
    prefix.update(ids.flip());
    return new IndexIdentity(Digest256.finish(model), Digest256.finish(prefix), tokens);
  }

  /**
   * Refuses an index of something else.
   *
   * @throws DamagedIndexException if this, what an index says, is not what is expected
   */
  public void require(IndexIdentity expected) {
    if (!model.equals(expected.model)) {
      throw new DamagedIndexException(
          "the index belongs to another model: it says %s, here it is %s"
              .formatted(model.shortHex(), expected.model.shortHex()));
    }
    if (tokens != expected.tokens || !prefix.equals(expected.prefix)) {
      throw new DamagedIndexException(
          "the index belongs to another prefix: it says %d tokens %s, here they are %d tokens %s"
              .formatted(tokens, prefix.shortHex(), expected.tokens, expected.prefix.shortHex()));
    }
  }
}
