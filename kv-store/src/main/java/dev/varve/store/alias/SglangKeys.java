package dev.varve.store.alias;

import dev.varve.store.Checks;
import dev.varve.store.Digest256;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * SGLang's page keys, as its hierarchical cache hands them to a storage backend: SHA-256 over the
 * 32 bytes of the key of the page before (nothing for the first page), then each token id as four
 * little-endian bytes. SGLang writes a key as 64 lower-case hexadecimal digits, which is {@link
 * Digest256#toString}.
 *
 * <p>The keys say nothing of salt, adapter or images: only an {@link AliasScope} keeps tenants
 * apart. Sequences that SGLang keeps as pairs of tokens (EAGLE drafts) have other keys, which are
 * not computed here.
 *
 * @param blockTokens tokens of a page: {@code --page-size} of the server
 */
public record SglangKeys(int blockTokens) implements EngineKeys {

  public SglangKeys {
    Checks.positive(blockTokens, "tokens of a page");
  }

  @Override
  public String name() {
    return "sglang.sha256";
  }

  @Override
  public Digest256 block(@Nullable Digest256 parent, int[] tokenIds, int from) {
    MessageDigest digest = Digest256.sha256();
    if (parent != null) {
      digest.update(parent.toBytes());
    }
    digest.update(BlockTokens.pack(tokenIds, from, blockTokens, ByteOrder.LITTLE_ENDIAN));
    return Digest256.finish(digest);
  }
}
