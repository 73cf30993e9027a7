package dev.varve.offload;

import dev.varve.compression.Encodings;
import dev.varve.offload.variant.Coding;
import dev.varve.offload.variant.Variants;
import dev.varve.store.BlockGeometry;
import dev.varve.store.BlockKey;
import dev.varve.store.BlockTier;
import dev.varve.store.Chunk;
import dev.varve.store.EncodedBlock;
import dev.varve.store.Encoding;
import dev.varve.store.ReadOutcome;
import dev.varve.store.Tier;
import dev.varve.store.hot.BlockLease;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the copy of a block that a tier is to hold, in the encoding that the tier asks for, and
 * always from exact bytes: those that were sealed, while they are hot; else, where every tier is
 * exact, those that the nearest tier gives. What is left of an approximate block is passed on as it
 * is; nothing is ever encoded from what was decoded approximately. Thread-safe.
 */
final class CopySource {

  private static final Logger LOG = LoggerFactory.getLogger(CopySource.class);

  private final Tiers tiers;
  private final Variants variants;
  private final Counters counters;

  CopySource(Tiers tiers, Counters counters) {
    this.tiers = tiers;
    this.variants = tiers.variants();
    this.counters = counters;
  }

  /**
   * The copy of {@code place} for {@code to}; empty if no tier gives the block.
   *
   * @param staging owns the payload, unless that lies in HOT
   * @param leases receives the lease under which it does
   */
  Optional<EncodedBlock> make(Place place, BlockTier to, Arena staging, List<BlockLease> leases) {
    Chunk chunk = place.chunk();
    Optional<MemorySegment> sealed = hot(chunk.originalHandle(place.layer()), place, leases);
    if (sealed.isPresent()) {
      return Optional.of(encoded(place, to, sealed.get(), staging));
    }
    Optional<EncodedBlock> stored = stored(place, to, staging);
    return stored.isPresent() ? stored : hotCopy(place, to, leases);
  }

  private Optional<MemorySegment> hot(long handle, Place place, List<BlockLease> leases) {
    BlockLease lease = tiers.hot().newLease();
    if (handle == Chunk.NOT_HOT || !lease.take(handle)) {
      return Optional.empty();
    }
    leases.add(lease);
    return Optional.of(lease.bytes().asSlice(0, geometry(place).bytes()));
  }

  private EncodedBlock encoded(Place place, BlockTier to, MemorySegment exact, Arena staging) {
    Encoding wanted = variants.planned(place.chunk(), to.tier());
    Coding coding = variants.encode(place.chunk(), place.layer(), wanted, exact, staging);
    if (coding.refused()) {
      refused(to.tier(), wanted, coding.refusal());
    }
    BlockKey key = place.chunk().key().block(place.layer(), coding.encoding());
    return EncodedBlock.seal(key, place.chunk().span(), coding.payload());
  }

  /** What the nearest tier that holds the block has. */
  private Optional<EncodedBlock> stored(Place place, BlockTier to, Arena staging) {
    for (BlockTier tier : tiers.lower()) {
      if (tier.tier() != to.tier() && place.chunk().in(tier.tier(), place.layer())) {
        for (BlockKey key : variants.readable(place.chunk(), place.layer(), tier.tier())) {
          Optional<EncodedBlock> copy = copyOf(tier, key, staging);
          if (copy.isPresent()) {
            return recoded(place, to, copy.get(), staging);
          }
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<EncodedBlock> copyOf(BlockTier tier, BlockKey key, Arena staging) {
    List<EncodedBlock> copies = new ArrayList<>(1);
    ReadOutcome outcome =
        tier.with(
            key,
            (header, payload) -> {
              MemorySegment copy =
                  staging.allocate(payload.byteSize(), BlockGeometry.ALIGNMENT).copyFrom(payload);
              copies.add(new EncodedBlock(header, copy));
            });
    return outcome instanceof ReadOutcome.Found ? Optional.of(copies.getFirst()) : Optional.empty();
  }

  private Optional<EncodedBlock> recoded(
      Place place, BlockTier to, EncodedBlock copy, Arena staging) {
    BlockKey key = copy.header().key();
    if (key.encoding().equals(variants.planned(place.chunk(), to.tier()))) {
      return Optional.of(copy);
    }
    if (!variants.exact(place.chunk())) {
      counters.wasPassedOn(to.tier());
      return Optional.of(copy);
    }
    if (key.encoding().equals(Encoding.RAW)) {
      return Optional.of(encoded(place, to, copy.payload(), staging));
    }
    MemorySegment exact = staging.allocate(geometry(place).bytes(), BlockGeometry.ALIGNMENT);
    Optional<String> refusal = variants.decode(key, copy.payload(), exact);
    if (refusal.isPresent()) {
      LOG.error("{} cannot be decoded on its way to {}: {}", key, to.tier(), refusal.get());
      return Optional.empty();
    }
    return Optional.of(encoded(place, to, exact, staging));
  }

  /** The last resort: what came up from a copy that is lost meanwhile goes down as it is. */
  private Optional<EncodedBlock> hotCopy(Place place, BlockTier to, List<BlockLease> leases) {
    Chunk chunk = place.chunk();
    Optional<MemorySegment> bytes = hot(chunk.hotHandle(place.layer()), place, leases);
    Encoding wanted = variants.planned(chunk, to.tier());
    if (bytes.isPresent() && !wanted.equals(Encoding.RAW)) {
      refused(to.tier(), wanted, "what was sealed is gone");
    }
    return bytes.map(found ->
        EncodedBlock.seal(chunk.key().block(place.layer(), Encoding.RAW), chunk.span(), found));
  }

  /** Says so at 1, 2, 4, 8, ... blocks, so that a model that always is refused fills no log. */
  private void refused(Tier tier, Encoding wanted, String reason) {
    long blocks = counters.encodingRefused(tier);
    if (Long.bitCount(blocks) == 1) {
      LOG.warn(
          "{} blocks so far go to {} raw, for {} does not apply: {}",
          blocks,
          tier,
          Encodings.name(wanted),
          reason);
    }
  }

  private BlockGeometry geometry(Place place) {
    return tiers.geometry().block(place.layer());
  }
}
