package dev.varve.sdk.internal;

import dev.varve.offload.BlockFetcher;
import dev.varve.offload.ChunkOrders;
import dev.varve.offload.Counters;
import dev.varve.offload.Mover;
import dev.varve.offload.Prefetcher;
import dev.varve.offload.Tiers;
import dev.varve.offload.tenancy.Tenancy;
import dev.varve.offload.transfer.Transfers;
import dev.varve.sdk.internal.device.DeviceHot;
import dev.varve.sdk.internal.far.AttentionPlanner;
import dev.varve.sdk.internal.memory.MemoryCounters;
import dev.varve.sdk.internal.reading.LateBlocks;
import dev.varve.sdk.internal.reading.ReadingCounters;
import dev.varve.sdk.internal.reading.StoredIndices;
import dev.varve.store.Fingerprint;
import dev.varve.store.kernel.Backend;
import java.util.Optional;

/**
 * What all sessions of a cache share. Every part is thread-safe or without state.
 *
 * @param fingerprint identity of the model
 * @param tiers where blocks are
 * @param orders told of every chunk that is sealed or matched
 * @param mover makes room
 * @param prefetcher brings near what will be needed
 * @param fetcher reads what is not hot
 * @param counters what was carried and lost
 * @param transfers decides what of a match is fetched
 * @param tenancy whose blocks may be stored, and how long they are kept
 * @param memory what sessions forgot and hold for themselves
 * @param reading what sessions chose to read
 * @param attending what steps of several sessions had in common
 * @param farPlanner decides where blocks below HOT are attended
 * @param late what steps went on without
 * @param indices kept beside prefixes; empty without an SSD tier
 * @param clocks where time comes from
 * @param backend kernels that were chosen when the cache was opened
 * @param device where hot blocks lie; empty where that is native memory
 */
public record CacheParts(
    Fingerprint fingerprint,
    Tiers tiers,
    ChunkOrders orders,
    Mover mover,
    Prefetcher prefetcher,
    BlockFetcher fetcher,
    Counters counters,
    Transfers transfers,
    Tenancy tenancy,
    MemoryCounters memory,
    ReadingCounters reading,
    AttendingCounters attending,
    AttentionPlanner farPlanner,
    LateBlocks late,
    Optional<StoredIndices> indices,
    Clocks clocks,
    Backend backend,
    Optional<DeviceHot> device) {}
