package dev.varve.store.ssd;

import dev.varve.store.BlockHeader;
import dev.varve.store.ChunkKey;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Counts a store by segment, tenant and model, from its index. */
final class StoreCensus {

  private final StoreFolder folder;
  private final SegmentFolder segments;
  private final StoreParts parts;
  private final Map<String, Count> tenants = new HashMap<>();
  private final Map<String, Count> models = new HashMap<>();
  private final Count all = new Count();

  StoreCensus(StoreFolder folder, SegmentFolder segments, StoreParts parts) {
    this.folder = folder;
    this.segments = segments;
    this.parts = parts;
  }

  private static final class Count {
    private long blocks;
    private long payloadBytes;

    private void add(BlockHeader header) {
      blocks++;
      payloadBytes += header.payloadBytes();
    }
  }

  StoreStats run() throws IOException {
    Optional<String> doubt = StoreMaintenance.doubt(folder, segments);
    if (doubt.isPresent()) {
      throw StoreMaintenance.needsRepair(folder.root(), doubt.get());
    }
    if (Files.exists(folder.indexFile())) {
      try (BlockIndex index = BlockIndex.openToRead(folder.index())) {
        index.forEach(this::count);
      }
    }
    return new StoreStats(
        all.blocks,
        all.payloadBytes,
        segments.usedBytes(true),
        segments.poolFiles(),
        segments.poolBytes(),
        parts.files().mode(),
        new CleanMarker(folder).judge() == CleanMarker.State.MATCHES,
        segments.oldestFirst().stream().map(StoreCensus::usage).toList(),
        owners(tenants),
        owners(models));
  }

  private void count(IndexReading reading) {
    if (reading instanceof IndexReading.Sound(IndexEntry entry)) {
      BlockHeader header = entry.header();
      ChunkKey chunk = header.key().chunk();
      HexFormat hex = HexFormat.of();
      String tenant =
          hex.toHexDigits(chunk.tenant().high()) + hex.toHexDigits(chunk.tenant().low());
      all.add(header);
      tenants.computeIfAbsent(tenant, _ -> new Count()).add(header);
      models.computeIfAbsent(chunk.fingerprint().digest().toString(), _ -> new Count()).add(header);
      Segment segment = segments.find(entry.location().segment());
      if (segment != null) {
        segment.visible(entry);
      }
    }
  }

  private static StoreStats.SegmentUsage usage(Segment segment) {
    return new StoreStats.SegmentUsage(
        segment.id, segment.length(), segment.end(), segment.liveBytes(), segment.liveBlocks());
  }

  private static List<StoreStats.Owner> owners(Map<String, Count> counts) {
    return counts.entrySet().stream()
        .map(entry ->
            new StoreStats.Owner(
                entry.getKey(), entry.getValue().blocks, entry.getValue().payloadBytes))
        .sorted(
            Comparator.comparingLong(StoreStats.Owner::payloadBytes)
                .reversed()
                .thenComparing(StoreStats.Owner::hash))
        .toList();
  }
}
