package dev.varve.offload.object;

import dev.varve.store.ChunkKey;
import dev.varve.store.Digest256;
import dev.varve.store.Tenant;
import dev.varve.store.object.ObjectInfo;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The newest version of every object, in memory: some hundred bytes for each, its name, and some
 * hundred for each megabyte of it. Thread-safe; looking up takes no lock.
 */
final class ObjectIndex {

  private record Due(long millis, ObjectName name) {}

  private record Group(Tenant tenant, Digest256 digest) {}

  private final Map<Tenant, NameTable> tables = new ConcurrentHashMap<>();
  private final Map<ChunkKey, ObjectName> owners = new ConcurrentHashMap<>();
  private final Map<Group, Set<ObjectName>> groups = new HashMap<>();
  private final NavigableSet<Due> due =
      new TreeSet<>(
          Comparator.comparingLong(Due::millis)
              .thenComparing(each -> each.name().tenant(), Comparator.comparing(Tenant::hash))
              .thenComparing(each -> each.name().digest(), NameTable.ORDER));

  /** The objects of one tenant. */
  NameTable table(Tenant tenant) {
    NameTable table = tables.get(tenant);
    return table == null ? tables.computeIfAbsent(tenant, _ -> new NameTable()) : table;
  }

  /** The newest version of an object, expired or not. */
  Optional<ObjectManifest> find(ObjectName name) {
    NameTable table = tables.get(name.tenant());
    return table == null ? Optional.empty() : Optional.ofNullable(table.find(name.digest()));
  }

  /** The object of whose newest version a chunk is a piece. */
  Optional<ObjectName> ownerOf(ChunkKey piece) {
    return Optional.ofNullable(owners.get(piece));
  }

  /**
   * Enters a version that is newer than the one before.
   *
   * @return chunks of the version before that this one does not share
   */
  synchronized List<ChunkKey> enter(ObjectManifest fresh) {
    @Nullable ObjectManifest before = table(fresh.name().tenant()).enter(fresh);
    List<ChunkKey> now = fresh.chunks();
    now.forEach(chunk -> owners.put(chunk, fresh.name()));
    List<ChunkKey> left = new ArrayList<>();
    if (before != null) {
      leave(before);
      Set<ChunkKey> shared = new HashSet<>(now);
      before.chunks().stream().filter(chunk -> !shared.contains(chunk)).forEach(left::add);
      left.forEach(owners::remove);
    }
    join(fresh);
    return left;
  }

  private void join(ObjectManifest manifest) {
    if (manifest.expiresAtMillis() != ObjectInfo.NEVER) {
      due.add(new Due(manifest.expiresAtMillis(), manifest.name()));
    }
    group(manifest)
        .ifPresent(
            group -> groups.computeIfAbsent(group, _ -> new HashSet<>()).add(manifest.name()));
  }

  private void leave(ObjectManifest manifest) {
    due.remove(new Due(manifest.expiresAtMillis(), manifest.name()));
    group(manifest)
        .ifPresent(group ->
            groups.computeIfPresent(
                group,
                (_, names) -> {
                  names.remove(manifest.name());
                  return names.isEmpty() ? null : names;
                }));
  }

  private static Optional<Group> group(ObjectManifest manifest) {
    return manifest.group().map(digest -> new Group(manifest.name().tenant(), digest));
  }

  /** Strikes a version with those of its group; none if it is not the newest any more. */
  synchronized List<ObjectManifest> strike(ObjectManifest manifest) {
    List<ObjectManifest> struck = new ArrayList<>();
    Set<ObjectName> others =
        group(manifest).map(group -> groups.getOrDefault(group, Set.of())).orElse(Set.of());
    List<ObjectName> names = List.copyOf(others);
    if (strikeOne(manifest, struck)) {
      names.stream()
          .flatMap(name -> find(name).stream())
          .forEach(other -> strikeOne(other, struck));
    }
    return struck;
  }

  private boolean strikeOne(ObjectManifest manifest, List<ObjectManifest> struck) {
    boolean entered = table(manifest.name().tenant()).strike(manifest);
    if (entered) {
      leave(manifest);
      manifest.chunks().forEach(owners::remove);
      struck.add(manifest);
    }
    return entered;
  }

  /** Up to {@code most} objects that have expired. */
  synchronized List<ObjectManifest> expired(long now, int most) {
    return due.stream()
        .takeWhile(each -> each.millis() <= now)
        .limit(most)
        .flatMap(each -> find(each.name()).stream())
        .toList();
  }

  /** Every object, as of now or later. */
  List<ObjectManifest> all() {
    List<ObjectManifest> all = new ArrayList<>();
    tables.values().forEach(table -> table.all().forEach(all::add));
    return all;
  }

  /** Objects now. */
  long count() {
    return tables.values().stream().mapToLong(NameTable::count).sum();
  }

  /** Bytes of these objects. */
  long bytes() {
    return tables.values().stream().mapToLong(NameTable::bytes).sum();
  }
}
