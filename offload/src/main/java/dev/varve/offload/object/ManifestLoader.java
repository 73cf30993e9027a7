package dev.varve.offload.object;

import dev.varve.store.Chunk;
import dev.varve.store.ChunkKey;
import dev.varve.store.Fingerprint;
import dev.varve.store.object.ObjectPieces;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the objects that the tiers held when they were opened: the newest version of each whose
 * pieces are all there. What a process left behind that died while it wrote or replaced is dropped.
 */
final class ManifestLoader {

  private static final Logger LOG = LoggerFactory.getLogger(ManifestLoader.class);

  private final ObjectParts parts;

  ManifestLoader(ObjectParts parts) {
    this.parts = parts;
  }

  /** Enters them in the index. */
  void load() {
    Set<Fingerprint> models = parts.catalog().models();
    if (!models.contains(ObjectPieces.MANIFESTS) && !models.contains(ObjectPieces.EXTENTS)) {
      return;
    }
    List<ChunkKey> manifests = new ArrayList<>();
    List<ChunkKey> extents = new ArrayList<>();
    parts
        .catalog()
        .forEach(chunk -> {
          if (chunk.key().fingerprint().equals(ObjectPieces.MANIFESTS)) {
            manifests.add(chunk.key());
          } else if (chunk.key().fingerprint().equals(ObjectPieces.EXTENTS)) {
            extents.add(chunk.key());
          }
        });
    manifests.forEach(key -> read(key).ifPresentOrElse(this::enter, () -> drop(key)));
    int torn = strikeTorn();
    List<ChunkKey> orphans =
        extents.stream().filter(key -> parts.index().ownerOf(key).isEmpty()).toList();
    parts.retired().add(orphans);
    int dropped = parts.retired().sweep();
    LOG.info(
        "{} objects of {} bytes are found; {} lack a piece; {} pieces that no object needs are"
            + " dropped",
        parts.index().count(),
        parts.index().bytes(),
        torn,
        dropped);
  }

  private Optional<ObjectManifest> read(ChunkKey key) {
    @Nullable Chunk chunk = parts.catalog().claim(key);
    if (chunk == null) {
      return Optional.empty();
    }
    try {
      List<ManifestReading> readings = new ArrayList<>();
      parts
          .fetcher()
          .show(chunk, 0, (_, payload) -> readings.add(ManifestDescriptor.read(payload, key)));
      return readings.isEmpty() ? Optional.empty() : judged(readings.getLast(), key);
    } finally {
      chunk.unclaim();
    }
  }

  private Optional<ObjectManifest> judged(ManifestReading reading, ChunkKey key) {
    return switch (reading) {
      case ManifestReading.Sound(ObjectManifest manifest) -> Optional.of(manifest);
      case ManifestReading.Refused(String reason) -> {
        LOG.error("the manifest {} is refused and dropped: {}", key.chain(), reason);
        parts.counters().lost.increment();
        yield Optional.empty();
      }
    };
  }

  private void drop(ChunkKey key) {
    parts.retired().add(List.of(key));
  }

  private void enter(ObjectManifest manifest) {
    parts.versions().found(manifest.version());
    Optional<ObjectManifest> before = parts.index().find(manifest.name());
    if (before.isPresent() && before.get().version() > manifest.version()) {
      drop(manifest.chunk());
    } else {
      parts.retired().add(parts.index().enter(manifest));
    }
  }

  private int strikeTorn() {
    int torn = 0;
    for (ObjectManifest manifest : parts.index().all()) {
      boolean whole =
          manifest.extentChunks().stream().allMatch(key -> parts.catalog().peek(key) != null);
      torn += whole ? 0 : parts.strike(manifest);
    }
    return torn;
  }
}
