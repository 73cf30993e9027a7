package dev.varve.store.ssd;

import dev.varve.store.StoreException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What can be done to an SSD store that no process has open. Every method refuses a folder that is
 * no store, and a store that is open, naming the process that holds it.
 */
public final class StoreMaintenance {

  private static final long ROOM = 1L << 30;

  private StoreMaintenance() {}

  /** Reads and checks everything; changes no file but the lock. */
  public static VerifyReport verify(Path path) {
    return StoreOpening.read(
        path, (folder, segments, parts) -> new StoreVerifier(folder, segments, parts).run());
  }

  /** Says what the store holds; changes no file but the lock. */
  public static StoreStats stats(Path path) {
    return StoreOpening.read(
        path, (folder, segments, parts) -> new StoreCensus(folder, segments, parts).run());
  }

  /** Says who keeps how much; changes no file but the lock. The largest first. */
  public static List<StoreUsage> usage(Path path) {
    return StoreOpening.read(
        path, (folder, segments, parts) -> new UsageCensus(folder, segments).run());
  }

  /**
   * Opens a store that exists, with room to spare and every change synced.
   *
   * @throws StoreException if there is no store, or it is open
   */
  public static SsdTier open(Path path) {
    StoreOpening.read(path, (folder, segments, parts) -> true);
    return SsdTier.open(config(path));
  }

  /** Drops damaged records, and makes the index anew if it is not to be trusted. */
  public static RepairReport repair(Path path) {
    Optional<String> doubt =
        StoreOpening.read(path, (folder, segments, parts) -> doubt(folder, segments));
    long dropped = doubt.isPresent() ? rebuild(path, true).dropped() : 0;
    try (SsdTier tier = SsdTier.open(config(path))) {
      dropped += tier.dropDamaged();
      return new RepairReport(tier.usage().blocks(), dropped, doubt.isPresent());
    }
  }

  /**
   * Moves live blocks out of segments of which less than {@code leastLive} is live, and deletes all
   * free files.
   */
  public static Compaction compact(Path path, double leastLive) {
    if (!(leastLive >= 0 && leastLive <= 1)) {
      throw new IllegalArgumentException(
          "the live part below which a segment is emptied must lie between 0 and 1: " + leastLive);
    }
    try (SsdTier tier = open(path)) {
      return tier.compact(leastLive, 0);
    }
  }

  /**
   * The result of a rebuild.
   *
   * @param blocks named by the new index
   * @param dropped records left out as damaged
   */
  record Rebuilt(long blocks, long dropped) {}

  static Rebuilt rebuild(Path path, boolean everyPayload) {
    return StoreOpening.open(
        StoreFolder.openExisting(path),
        StoreOpening::filesFor,
        Long.MAX_VALUE,
        (folder, segments, parts) -> {
          long capacity = roomFor(path);
          new CleanMarker(folder).remove();
          long dropped =
              new Recovery(folder, segments, parts, capacity)
                  .rebuild("a new one is wanted", everyPayload);
          segments.close();
          try (BlockIndex index = BlockIndex.open(folder.index(), capacity)) {
            index.noteCommitsIn(new CommitMark(folder));
            return new Rebuilt(index.size(), dropped);
          } finally {
            folder.close();
          }
        });
  }

  /** Why the index must not be mapped; empty if it may. */
  static Optional<String> doubt(StoreFolder folder, SegmentFolder segments) throws IOException {
    if (!Files.exists(folder.indexFile())) {
      return segments.oldestFirst().isEmpty()
          ? Optional.empty()
          : Optional.of("the index is missing");
    }
    if (new CleanMarker(folder).judge() == CleanMarker.State.DIFFERS) {
      return Optional.of("the index is not what was closed");
    }
    return IndexAudit.doubt(folder.indexFile(), CommitMark.read(folder), null)
        .map(reason -> "the index: " + reason);
  }

  private static SsdTierConfig config(Path path) {
    long room = roomFor(path);
    return new SsdTierConfig(
        path, room, Math.min(room, SsdTierConfig.DEFAULT_SEGMENT_BYTES), new Durability.Sync());
  }

  /** A capacity that a store of this size cannot reach by being moved. */
  private static long roomFor(Path path) {
    long bytes = 0;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(path.resolve("segments"))) {
      for (Path file : files) {
        bytes += Files.size(file);
      }
    } catch (IOException e) {
      throw Recovery.unreadable(path, e);
    }
    return 2 * bytes + ROOM;
  }

  /** The exception for a command that needs a sound index. */
  static StoreException needsRepair(Path path, String reason) {
    return new StoreException(
        "the store in " + path + " is damaged: " + reason + ": run 'varve store repair' first");
  }
}
