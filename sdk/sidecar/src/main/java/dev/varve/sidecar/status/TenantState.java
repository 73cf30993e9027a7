package dev.varve.sidecar.status;

/**
 * What one tenant keeps.
 *
 * @param tenant its name, or the beginning of its hash
 * @param model whose blocks; {@link TierState#VALUES} for values
 * @param tier where
 * @param bytes payload bytes of its blocks there
 * @param tokens tokens of its blocks there
 */
public record TenantState(String tenant, String model, String tier, long bytes, long tokens) {}
