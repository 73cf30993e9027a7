package dev.varve.offload;

import dev.varve.offload.replacement.ReplacementPolicy;
import dev.varve.offload.replacement.Visit;
import dev.varve.store.Chunk;
import dev.varve.store.ChunkCatalog;
import dev.varve.store.Tier;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Which chunks of one tier leave first: a replacement policy, told of what the tier holds. It keeps
 * no chunk: the policy deals in names, the catalog finds the chunk of a name and remembers which
 * chunks stand in the order. A chunk counts as held while any of its layers is. Thread-safe.
 */
final class TierOrder {

  private final ReplacementPolicy policy;
  private final ChunkCatalog catalog;
  private final Tier tier;
  private final LongSupplier millis;
  private int held;

  TierOrder(ReplacementPolicy policy, ChunkCatalog catalog, Tier tier, LongSupplier millis) {
    this.policy = policy;
    this.catalog = catalog;
    this.tier = tier;
    this.millis = millis;
  }

  /** A prompt of {@code chunks} whole chunks came, of which {@code found} are the first. */
  synchronized void requested(List<Chunk> found, int chunks) {
    long[] names = new long[Math.max(chunks, found.size())];
    for (int i = 0; i < found.size(); i++) {
      names[i] = found.get(i).name();
    }
    policy.begin(millis.getAsLong(), names);
    for (Chunk chunk : found) {
      if (chunk.listed(tier)) {
        policy.hit(visit(chunk));
      }
    }
  }

  /** The tier holds a block of {@code chunk} now. */
  synchronized void entered(Chunk chunk) {
    if (chunk.enlist(tier)) {
      held++;
      policy.admitted(visit(chunk));
    }
  }

  /** The chunk that leaves first; it counts as gone from here on. Empty if the tier holds none. */
  synchronized Optional<Chunk> leaver() {
    while (held > 0) {
      List<Chunk> leaving = catalog.named(policy.evict()).stream().filter(this::strike).toList();
      leaving.stream().skip(1).forEach(this::entered);
      if (!leaving.isEmpty()) {
        return Optional.of(leaving.getFirst());
      }
      // The chunk of that name was forgotten, and nobody told this order.
      held--;
    }
    return Optional.empty();
  }

  /** The tier holds no block of {@code chunk} any more, for a reason of its own. */
  synchronized void left(Chunk chunk) {
    if (strike(chunk)) {
      policy.removed(chunk.name());
      // The policy took those that share the name for one chunk.
      catalog.named(chunk.name()).stream()
          .filter(other -> other.listed(tier))
          .forEach(other -> policy.admitted(visit(other)));
    }
  }

  private boolean strike(Chunk chunk) {
    boolean struck = chunk.delist(tier);
    held -= struck ? 1 : 0;
    return struck;
  }

  private static Visit visit(Chunk chunk) {
    long parent = chunk.firstToken() == 0 ? ReplacementPolicy.NONE : chunk.parentName();
    return new Visit(chunk.name(), parent, true, 1);
  }
}
