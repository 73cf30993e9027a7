package dev.varve.offload.object;

import dev.varve.store.ChunkKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Deletes objects, and what expired. Thread-safe: one change of an object at a time. */
final class Removals {

  private static final int AT_ONCE = 256;

  private final ObjectParts parts;

  Removals(ObjectParts parts) {
    this.parts = parts;
  }

  /** See {@link dev.varve.store.object.ObjectSpace#delete}; an empty version is any. */
  boolean delete(ObjectName name, OptionalLong version) {
    List<ChunkKey> manifests = new ArrayList<>();
    boolean deleted = strike(name, version, manifests);
    parts.retired().awaitGone(manifests);
    return deleted;
  }

  private boolean strike(ObjectName name, OptionalLong version, List<ChunkKey> manifests) {
    return parts
        .locks()
        .alone(
            name,
            () -> {
              Optional<ObjectManifest> found = parts.live(name);
              boolean meant =
                  found
                      .filter(each -> version.isEmpty() || each.version() == version.getAsLong())
                      .isPresent();
              if (meant) {
                for (ObjectManifest struck : parts.index().strike(found.get())) {
                  parts.retired().add(struck.chunks());
                  manifests.add(struck.chunk());
                  parts.counters().deleted.increment();
                }
              }
              return meant;
            });
  }

  /** Deletes every object of a table that is shown; returns how many. */
  long deleteAll(NameTable table) {
    List<ChunkKey> manifests = new ArrayList<>();
    long deleted = 0;
    for (ObjectManifest manifest : table.all()) {
      deleted += strike(manifest.name(), OptionalLong.empty(), manifests) ? 1 : 0;
    }
    parts.retired().awaitGone(manifests);
    return deleted;
  }

  /** Removes some of what expired and drops what is retired; returns how much that was. */
  int work() {
    int done = 0;
    List<ObjectManifest> due = parts.index().expired(parts.millis().getAsLong(), AT_ONCE);
    for (ObjectManifest manifest : due) {
      int struck = parts.locks().alone(manifest.name(), () -> parts.strike(manifest));
      parts.counters().expired.add(struck);
      done += struck;
    }
    return done + parts.retired().sweepIfLate();
  }
}
