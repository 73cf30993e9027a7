package dev.varve.offload.object;

import dev.varve.offload.Placed;
import dev.varve.offload.tenancy.SealTerms;
import dev.varve.store.Chunk;
import dev.varve.store.ChunkKey;
import dev.varve.store.Digest256;
import dev.varve.store.object.CommitResult;
import dev.varve.store.object.CommitTerms;
import dev.varve.store.object.Lifetime;
import dev.varve.store.object.ObjectInfo;
import dev.varve.store.object.ObjectSpace;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Makes drafts objects. The last extent and the manifest are stored in one batch, of which a
 * restart finds all or nothing; then the version before is retired. Thread-safe: one change of an
 * object at a time.
 */
final class Commits {

  private final ObjectParts parts;
  private final TailMerge merge;

  Commits(ObjectParts parts) {
    this.parts = parts;
    this.merge = new TailMerge(parts);
  }

  /** What a caller is told of blocks that were not stored. */
  static String reason(Placed placed, long bytes) {
    return switch (placed) {
      case STORED -> throw new IllegalArgumentException("they were stored");
      case ABOVE_QUOTA ->
          "the quota of its tenant has no room for an object of " + bytes + " bytes";
      case NO_ROOM -> "the tiers have no room for an object of " + bytes + " bytes";
    };
  }

  /** See {@link dev.varve.store.object.ObjectWriter#commit}. */
  CommitResult commit(Draft draft, CommitTerms terms) {
    checkFuture(terms.lifetime());
    CommitResult result = alone(draft.name(), () -> commitAlone(draft, terms));
    switch (result) {
      case CommitResult.Committed _ -> parts.counters().commits.increment();
      case CommitResult.Dropped _ -> parts.counters().dropped.increment();
      case CommitResult.Unmet _ -> {}
    }
    parts.retired().sweepIfMany();
    return result;
  }

  /** No erasure begins meanwhile: what is written now belongs to it as a whole or not at all. */
  private <T> T alone(ObjectName name, Supplier<T> change) {
    return parts
        .locks()
        .alone(name, () -> parts.tenancy().retention().whileNoErasureBegins(change));
  }

  private void checkFuture(Lifetime lifetime) {
    if (lifetime instanceof Lifetime.Until(long millis)) {
      checkFuture(millis);
    }
  }

  private void checkFuture(long millis) {
    long now = parts.millis().getAsLong();
    if (millis <= now) {
      throw new IllegalArgumentException(
          "an object must end in the future: "
              + Instant.ofEpochMilli(millis)
              + " is past, it is "
              + Instant.ofEpochMilli(now));
    }
  }

  private CommitResult commitAlone(Draft draft, CommitTerms terms) {
    Optional<ObjectManifest> found = parts.live(draft.name());
    Optional<ObjectInfo> info = found.map(ObjectManifest::info);
    if (!terms.precondition().holds(info)) {
      return new CommitResult.Unmet(info);
    }
    if (draft.refusal().isPresent()) {
      return new CommitResult.Dropped(draft.refusal().get());
    }
    if (erased(draft)) {
      return new CommitResult.Dropped("its tenant was erased while it was written");
    }
    if (!draft.appends() || found.isEmpty()) {
      return store(draft, terms, found, List.of(), draft.rest());
    }
    List<Chunk> held = new ArrayList<>();
    try {
      return Leases.claim(parts, found.get(), held)
          ? append(draft, terms, found.get())
          : withoutLost(draft, terms, found.get());
    } finally {
      held.forEach(Chunk::unclaim);
    }
  }

  private CommitResult append(Draft draft, CommitTerms terms, ObjectManifest found) {
    long length = draft.length() + found.bytes();
    if (length > ObjectSpace.MAX_BYTES) {
      return new CommitResult.Dropped(
          "with " + length + " bytes it is above the limit of " + ObjectSpace.MAX_BYTES);
    }
    try (TailMerge.Tail tail = merge.of(draft, found.extents())) {
      return tail.lost()
          ? withoutLost(draft, terms, found)
          : store(
              draft,
              terms,
              Optional.of(found),
              found.extents().subList(0, tail.kept()),
              tail.bytes());
    }
  }

  /** Commits as if the object, of which a piece is lost, had not been there. */
  private CommitResult withoutLost(Draft draft, CommitTerms terms, ObjectManifest lost) {
    parts.lost(lost);
    return commitAlone(draft, terms);
  }

  private boolean erased(Draft draft) {
    return draft.terms().erased()
        || draft.claimed().stream()
            .anyMatch(chunk -> parts.tenancy().retention().erased(chunk.key()));
  }

  private CommitResult store(
      Draft draft,
      CommitTerms terms,
      Optional<ObjectManifest> found,
      List<Extent> front,
      MemorySegment tail) {
    List<Extent> extents = new ArrayList<>(front);
    extents.addAll(draft.extents());
    if (extents.size() >= ObjectManifest.MAX_EXTENTS) {
      return new CommitResult.Dropped(
          "it would have "
              + extents.size()
              + " pieces, at most "
              + ObjectManifest.MAX_EXTENTS
              + " are possible: write it anew");
    }
    ObjectName name = draft.name();
    try (Pieces pieces = new Pieces(parts, draft.terms())) {
      if (tail.byteSize() > 0) {
        Optional<ChunkKey> before =
            extents.isEmpty() ? Optional.empty() : Optional.of(name.extent(extents.getLast()));
        Extent last = draft.next(Math.toIntExact(tail.byteSize()));
        pieces.add(name.extent(last), before, extents.size(), tail);
        extents.add(last);
      }
      ObjectManifest manifest =
          new ObjectManifest(
              name,
              draft.key(),
              parts.versions().next(),
              end(terms.lifetime(), found),
              group(draft, terms, found),
              extents);
      Placed placed = enter(manifest, pieces);
      return placed == Placed.STORED
          ? new CommitResult.Committed(manifest.info())
          : new CommitResult.Dropped(reason(placed, manifest.bytes()));
    }
  }

  private static long end(Lifetime lifetime, Optional<ObjectManifest> found) {
    return switch (lifetime) {
      case Lifetime.Endless() -> ObjectInfo.NEVER;
      case Lifetime.Until(long millis) -> millis;
      case Lifetime.AsBefore() ->
          found.map(ObjectManifest::expiresAtMillis).orElse(ObjectInfo.NEVER);
    };
  }

  private static Optional<Digest256> group(
      Draft draft, CommitTerms terms, Optional<ObjectManifest> found) {
    return draft.appends() && terms.group().isEmpty()
        ? found.flatMap(ObjectManifest::group)
        : terms.group();
  }

  /** Stores a manifest as the last of these pieces and shows it. */
  private Placed enter(ObjectManifest manifest, Pieces pieces) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(ManifestDescriptor.length(manifest));
      ManifestDescriptor.write(manifest, bytes);
      List<Extent> extents = manifest.extents();
      Optional<ChunkKey> before =
          extents.isEmpty()
              ? Optional.empty()
              : Optional.of(manifest.name().extent(extents.getLast()));
      pieces.add(manifest.chunk(), before, extents.size(), bytes);
      Placed placed = pieces.store();
      if (placed == Placed.STORED) {
        show(manifest, pieces);
      }
      return placed;
    }
  }

  private void show(ObjectManifest manifest, Pieces pieces) {
    List<ChunkKey> left = parts.index().enter(manifest);
    List<Chunk> stored = pieces.release();
    stored.subList(0, stored.size() - 1).forEach(Chunk::unclaim);
    if (left.isEmpty()) {
      stored.getLast().unclaim();
    } else {
      parts.retired().add(left, stored.getLast());
    }
  }

  /** See {@link ObjectSpace#expireAt}. */
  boolean expireAt(ObjectName name, long millis) {
    checkFuture(millis);
    boolean done = alone(name, () -> expireAlone(name, millis));
    parts.retired().sweepIfMany();
    return done;
  }

  private boolean expireAlone(ObjectName name, long millis) {
    Optional<ObjectManifest> found = parts.live(name);
    if (found.isEmpty()) {
      return false;
    }
    List<Chunk> held = new ArrayList<>();
    ObjectManifest manifest = found.get().expiringAt(millis, parts.versions().next());
    try (Pieces pieces = new Pieces(parts, new SealTerms())) {
      if (!Leases.claim(parts, found.get(), held)) {
        parts.lost(found.get());
        return false;
      }
      return enter(manifest, pieces) == Placed.STORED;
    } finally {
      held.forEach(Chunk::unclaim);
    }
  }
}
