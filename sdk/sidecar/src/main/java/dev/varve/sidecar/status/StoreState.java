package dev.varve.sidecar.status;

import java.util.List;

/**
 * What the store behind a server holds and has done.
 *
 * @param model whose blocks they are
 * @param tiers nearest first
 * @param objects values
 * @param tenants what each tenant keeps in each tier
 * @param droppedBlocks blocks that no tier had room for
 * @param lostBlocks reads that found no whole copy
 * @param fetchedTokens tokens of stored blocks that were fetched
 * @param recomputedTokens tokens that were stored and left to the engine, for fetching them would
 *     have been slower than computing them again
 * @param waitingBlocks blocks that a tier refused and that are tried again
 */
public record StoreState(
    String model,
    List<TierState> tiers,
    ObjectState objects,
    List<TenantState> tenants,
    long droppedBlocks,
    long lostBlocks,
    long fetchedTokens,
    long recomputedTokens,
    long waitingBlocks) {

  public StoreState {
    tiers = List.copyOf(tiers);
    tenants = List.copyOf(tenants);
  }
}
