package dev.varve.offload.object;

import dev.varve.offload.Tiers;
import dev.varve.store.BlockKey;
import dev.varve.store.Chunk;
import dev.varve.store.EncodedBlock;
import dev.varve.store.Encoding;
import dev.varve.store.Tier;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Copies bytes of extents, checked. Thread-safe. */
final class PieceReader {

  private static final Logger LOG = LoggerFactory.getLogger(PieceReader.class);

  private final ObjectParts parts;

  PieceReader(ObjectParts parts) {
    this.parts = parts;
  }

  /**
   * Fills {@code target} with an extent. What comes from afar is copied to the nearest tier.
   *
   * @param chunk of the extent; claimed by the caller
   * @param target native memory, as long as the extent must be
   * @return false if no tier gives it whole
   */
  boolean read(Chunk chunk, MemorySegment target) {
    if (parts.fetcher().readNow(chunk, 0, target)) {
      return true;
    }
    long[] found = {target.byteSize()};
    Optional<Tier> tier =
        parts
            .fetcher()
            .show(
                chunk,
                0,
                (_, payload) -> {
                  found[0] = payload.byteSize();
                  if (payload.byteSize() == target.byteSize()) {
                    target.copyFrom(payload);
                  }
                });
    if (found[0] != target.byteSize()) {
      LOG.error(
          "an extent has {} bytes, its manifest says {}: it is refused",
          found[0],
          target.byteSize());
      return false;
    }
    if (tier.isPresent() && Tiers.durable(tier.get())) {
      BlockKey key = chunk.key().block(0, Encoding.RAW);
      parts.mover().copyNear(chunk, EncodedBlock.seal(key, chunk.span(), target));
    }
    return tier.isPresent();
  }
}
