package dev.varve.store.alias;

import dev.varve.store.Checks;
import dev.varve.store.Digest256;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * vLLM's block hashes under {@code --prefix-caching-hash-algo sha256_cbor}: SHA-256 over the
 * deterministic CBOR of the array {@code [parent, [token ids], extra keys or null]}. An LMCache
 * that takes this function from vLLM chains its chunks the same way, with 256 tokens and no extra
 * keys. vLLM's default, {@code sha256}, hashes a Python pickle and cannot be computed here.
 *
 * <p>The parent of the first block is {@code NONE_HASH}, the hash of a seed: the text of {@code
 * PYTHONHASHSEED} where it is set, else {@link #DEFAULT_SEED}. Older releases draw 32 random bytes
 * in each process if {@code PYTHONHASHSEED} is not set; their hashes can be followed only by who
 * knows those bytes.
 *
 * <p>Checked against vectors that were computed from vLLM's published source, not yet against a
 * running vLLM.
 *
 * @param noneHash parent of every first block
 * @param blockTokens tokens of one block: {@code --block-size} of the server
 */
public record VllmKeys(Digest256 noneHash, int blockTokens) implements EngineKeys {

  /** The seed of releases whose hashes are the same in every process. */
  public static final String DEFAULT_SEED = "vllm-none-hash";

  /** Tokens of a block unless the server was told otherwise. */
  public static final int DEFAULT_BLOCK_TOKENS = 16;

  public VllmKeys {
    Checks.positive(blockTokens, "tokens of a block");
  }

  /** The hashes of a server whose {@code NONE_HASH} comes from {@code seed}. */
  public static VllmKeys seeded(String seed, int blockTokens) {
    return new VllmKeys(sha256(new Cbor().text(seed)), blockTokens);
  }

  /** The hashes of a server without {@code PYTHONHASHSEED} and with 16-token blocks. */
  public static VllmKeys standard() {
    return seeded(DEFAULT_SEED, DEFAULT_BLOCK_TOKENS);
  }

  @Override
  public String name() {
    return "vllm.sha256_cbor";
  }

  @Override
  public Digest256 block(@Nullable Digest256 parent, int[] tokenIds, int from) {
    return block(parent, tokenIds, from, List.of());
  }

  /** The hash of one block with extra keys, in vLLM's order; none at all is null to vLLM. */
  public Digest256 block(
      @Nullable Digest256 parent, int[] tokenIds, int from, List<ExtraKey> extraKeys) {
    return sha256(message(parent, tokenIds, from, extraKeys));
  }

  /** The hashes of all full blocks of a request that carries more than tokens. */
  public List<Digest256> hashes(int[] tokenIds, VllmExtras extras) {
    int blocks = tokenIds.length / blockTokens;
    List<Digest256> hashes = new ArrayList<>(blocks);
    Digest256 parent = null;
    for (int block = 0; block < blocks; block++) {
      parent = block(parent, tokenIds, block * blockTokens, extras.of(block, blockTokens));
      hashes.add(parent);
    }
    return hashes;
  }

  /**
   * The form of a hash in KV events when the server sends integers: its last 64 bits, unsigned. Too
   * short to find a block by; good for telling events apart.
   */
  public static long eventHash(Digest256 hash) {
    return hash.fourth();
  }

  /** The bytes that are hashed for one block. */
  Cbor message(@Nullable Digest256 parent, int[] tokenIds, int from, List<ExtraKey> extraKeys) {
    BlockTokens.check(tokenIds, from, blockTokens);
    Cbor cbor = new Cbor().array(3).bytes((parent == null ? noneHash : parent).toBytes());
    cbor.array(blockTokens);
    for (int i = from; i < from + blockTokens; i++) {
      cbor.integer(tokenIds[i]);
    }
    if (extraKeys.isEmpty()) {
      return cbor.nothing();
    }
    write(cbor, new ExtraKey.Group(extraKeys));
    return cbor;
  }

  private static void write(Cbor cbor, ExtraKey key) {
    switch (key) {
      case ExtraKey.Text(String value) -> cbor.text(value);
      case ExtraKey.Whole(long value) -> cbor.integer(value);
      case ExtraKey.Digest(Digest256 value) -> cbor.bytes(value.toBytes());
      case ExtraKey.Group(List<ExtraKey> items) -> {
        cbor.array(items.size());
        items.forEach(item -> write(cbor, item));
      }
    }
  }

  private static Digest256 sha256(Cbor cbor) {
    MessageDigest digest = Digest256.sha256();
    digest.update(cbor.toBytes());
    return Digest256.finish(digest);
  }
}
