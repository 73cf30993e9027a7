package dev.varve.sidecar.status;

import java.util.ArrayList;
import java.util.List;

/**
 * What the store behind a server holds and has done.
 *
 * @param tiers those of values first, then those of each model, nearest first
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

  /** Both stores together; the values are those of this one. */
  public StoreState and(StoreState other) {
    List<TierState> allTiers = new ArrayList<>(tiers);
    allTiers.addAll(other.tiers);
    List<TenantState> allTenants = new ArrayList<>(tenants);
    allTenants.addAll(other.tenants);
    return new StoreState(
        allTiers,
        objects,
        allTenants,
        droppedBlocks + other.droppedBlocks,
        lostBlocks + other.lostBlocks,
        fetchedTokens + other.fetchedTokens,
        recomputedTokens + other.recomputedTokens,
        waitingBlocks + other.waitingBlocks);
  }
}
