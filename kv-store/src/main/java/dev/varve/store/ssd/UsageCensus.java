package dev.varve.store.ssd;

import dev.varve.store.BlockHeader;
import dev.varve.store.ChunkKey;
import dev.varve.store.object.ObjectPieces;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Counts a store by tenant and model together, from its index. */
final class UsageCensus {

  private record Owner(String tenant, String model) {}

  private final StoreFolder folder;
  private final SegmentFolder segments;
  private final Map<Owner, StoreUsage> rows = new HashMap<>();
  private @Nullable ChunkKey before;

  UsageCensus(StoreFolder folder, SegmentFolder segments) {
    this.folder = folder;
    this.segments = segments;
  }

  /** The rows, largest first. */
  List<StoreUsage> run() throws IOException {
    Optional<String> doubt = StoreMaintenance.doubt(folder, segments);
    if (doubt.isPresent()) {
      throw StoreMaintenance.needsRepair(folder.root(), doubt.get());
    }
    if (Files.exists(folder.indexFile())) {
      try (BlockIndex index = BlockIndex.openToRead(folder.index())) {
        index.forEach(reading -> {
          if (reading instanceof IndexReading.Sound(IndexEntry entry)) {
            count(entry.header());
          }
        });
      }
    }
    return rows.values().stream()
        .sorted(
            Comparator.comparingLong(StoreUsage::storedBytes)
                .reversed()
                .thenComparing(StoreUsage::tenant)
                .thenComparing(StoreUsage::model))
        .toList();
  }

  /** The blocks of a chunk are neighbours in the index. */
  private void count(BlockHeader header) {
    ChunkKey chunk = header.key().chunk();
    int begun = chunk.equals(before) ? 0 : 1;
    before = chunk;
    String model =
        ObjectPieces.isPiece(chunk) ? StoreUsage.OBJECTS : chunk.fingerprint().digest().toString();
    Owner owner = new Owner(chunk.tenant().hash(), model);
    StoreUsage row =
        rows.getOrDefault(owner, new StoreUsage(owner.tenant(), owner.model(), 0, 0, 0, 0));
    rows.put(
        owner,
        new StoreUsage(
            row.tenant(),
            row.model(),
            row.chunks() + begun,
            row.blocks() + 1,
            row.payloadBytes() + header.payloadBytes(),
            row.storedBytes() + SegmentRecordDescriptor.footprint(header.payloadBytes())));
  }
}
