package dev.varve.sdk.internal;

import dev.varve.store.ChainKey;
import dev.varve.store.Checks;
import dev.varve.store.Fingerprint;
import dev.varve.store.Tenant;
import java.util.OptionalLong;

/**
 * Identities under which the chunks of one sequence are stored: those computed from all tokens
 * before them, and behind these, where the session read a choice of them, those computed from it.
 * Each identity has a chain of its own over all tokens; the first chunk of the second kind has its
 * key from there and its parent among the first kind.
 *
 * @param lineage of the chain and its first chunks
 * @param exactBlocks how many of these there are; without meaning if all are
 * @param code of the choice that the others were computed by; empty if there are none
 */
public record ChainLineages(Fingerprint lineage, int exactBlocks, OptionalLong code) {

  public ChainLineages {
    Checks.notNegative(exactBlocks, "exactBlocks");
  }

  /** One identity for all chunks. */
  static ChainLineages all(Fingerprint lineage) {
    return new ChainLineages(lineage, 0, OptionalLong.empty());
  }

  /**
   * Chain key of chunk {@code index}.
   *
   * @param before key of the chunk before it, or the root of the first chain
   * @param ids all tokens, from the first on
   * @param span tokens of a chunk
   */
  ChainKey key(Tenant tenant, int index, ChainKey before, int[] ids, int span) {
    ChainKey parent = changesAt(index) ? last(tenant, of(index), ids, index, span) : before;
    return parent.next(ids, index * span, (index + 1) * span);
  }

  /** Whether chunk {@code index} is the first of the second kind. */
  boolean changesAt(int index) {
    return code.isPresent() && index == exactBlocks;
  }

  /**
   * Chain key of the last of {@code chunks} chunks; the root of the first chain if there is none.
   */
  ChainKey last(Tenant tenant, int[] ids, int chunks, int span) {
    return last(tenant, chunks == 0 ? lineage : of(chunks - 1), ids, chunks, span);
  }

  private static ChainKey last(
      Tenant tenant, Fingerprint lineage, int[] ids, int chunks, int span) {
    ChainKey key = ChainKey.root(tenant, lineage);
    for (int chunk = 0; chunk < chunks; chunk++) {
      key = key.next(ids, chunk * span, (chunk + 1) * span);
    }
    return key;
  }

  /** That of chunk {@code index}. */
  Fingerprint of(int index) {
    return code.isEmpty() || index < exactBlocks ? lineage : lineage.branch(code.getAsLong());
  }
}
