package dev.varve.offload.tenancy;

import dev.varve.store.Tenant;
import java.time.Instant;
import java.util.Optional;

/**
 * A prefix that is kept whatever else needs room.
 *
 * @param id names it for unpin
 * @param tenant whose blocks they are
 * @param tokens length of the pinned prefix, in whole blocks
 * @param chunks chunks that it still holds; less than pinned if some expired, were erased or lost
 * @param bytes payload bytes of these chunks
 * @param until when it ends; empty if it lasts until it is ended
 */
public record Pin(
    long id, Tenant tenant, int tokens, int chunks, long bytes, Optional<Instant> until) {}
