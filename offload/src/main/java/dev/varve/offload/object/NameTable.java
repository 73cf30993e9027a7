package dev.varve.offload.object;

import dev.varve.store.Digest256;
import dev.varve.store.object.ObjectPage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The objects of one tenant in the order of their digests, so that a cursor of 64 bits says where a
 * scan goes on, whatever came and went meanwhile. Thread-safe.
 */
final class NameTable {

  /** Digests as unsigned numbers. */
  static final Comparator<Digest256> ORDER =
      ((Comparator<Digest256>) (a, b) -> Long.compareUnsigned(a.first(), b.first()))
          .thenComparing(Digest256::second, Long::compareUnsigned)
          .thenComparing(Digest256::third, Long::compareUnsigned)
          .thenComparing(Digest256::fourth, Long::compareUnsigned);

  private final ConcurrentNavigableMap<Digest256, ObjectManifest> manifests =
      new ConcurrentSkipListMap<>(ORDER);
  private final AtomicLong count = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();

  @Nullable ObjectManifest find(Digest256 digest) {
    return manifests.get(digest);
  }

  /** Enters a manifest and returns the one that it replaces. */
  @Nullable ObjectManifest enter(ObjectManifest fresh) {
    ObjectManifest before = manifests.put(fresh.name().digest(), fresh);
    bytes.addAndGet(fresh.bytes() - (before == null ? 0 : before.bytes()));
    count.addAndGet(before == null ? 1 : 0);
    return before;
  }

  /** Strikes this version; false if it is not the one that is entered. */
  boolean strike(ObjectManifest manifest) {
    ObjectManifest entered = manifests.get(manifest.name().digest());
    if (entered == null || entered.version() != manifest.version()) {
      return false;
    }
    manifests.remove(manifest.name().digest());
    bytes.addAndGet(-manifest.bytes());
    count.decrementAndGet();
    return true;
  }

  /** Those of the objects from the cursor on that may be shown; see {@code ObjectSpace.scan}. */
  ObjectPage page(long cursor, int names, Predicate<ObjectManifest> shown) {
    List<byte[]> page = new ArrayList<>();
    Optional<Long> last = Optional.empty();
    for (Map.Entry<Digest256, ObjectManifest> entry :
        manifests.tailMap(new Digest256(cursor, 0, 0, 0), true).entrySet()) {
      long first = entry.getKey().first();
      // Those that share their first 64 bits are of one page: no cursor stands between them.
      if (page.size() >= names && last.isPresent() && last.get() != first) {
        return new ObjectPage(page, last.get() + 1);
      }
      if (shown.test(entry.getValue())) {
        page.add(entry.getValue().keyBytes());
      }
      last = Optional.of(first);
    }
    return new ObjectPage(page, 0);
  }

  /** Every manifest, as of now or later. */
  Iterable<ObjectManifest> all() {
    return manifests.values();
  }

  long count() {
    return count.get();
  }

  long bytes() {
    return bytes.get();
  }
}
