package dev.varve.offload;

import dev.varve.offload.replacement.ReplacementPolicy;
import dev.varve.offload.replacement.Visit;
import dev.varve.store.Chunk;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Which chunks of one tier leave first: a replacement policy, told of what the tier holds, and the
 * chunks behind the names it deals in. A chunk counts as held while any of its layers is.
 * Thread-safe.
 */
final class TierOrder {

  private final ReplacementPolicy policy;
  private final LongSupplier millis;
  private final Map<Long, Chunk> held = new HashMap<>();

  TierOrder(ReplacementPolicy policy, LongSupplier millis) {
    this.policy = policy;
    this.millis = millis;
  }

  /** A prompt of {@code chunks} whole chunks came, of which {@code found} are the first. */
  synchronized void requested(List<Chunk> found, int chunks) {
    long[] names = new long[Math.max(chunks, found.size())];
    for (int i = 0; i < found.size(); i++) {
      names[i] = name(found.get(i));
    }
    policy.begin(millis.getAsLong(), names);
    for (Chunk chunk : found) {
      if (held.get(name(chunk)) == chunk) {
        policy.hit(visit(chunk));
      }
    }
  }

  /** The tier holds a block of {@code chunk} now. */
  synchronized void entered(Chunk chunk) {
    if (held.put(name(chunk), chunk) != chunk) {
      policy.admitted(visit(chunk));
    }
  }

  /** The chunk that leaves first; it counts as gone from here on. Empty if the tier holds none. */
  synchronized Optional<Chunk> leaver() {
    return held.isEmpty() ? Optional.empty() : Optional.ofNullable(held.remove(policy.evict()));
  }

  /** The tier holds no block of {@code chunk} any more, for a reason of its own. */
  synchronized void left(Chunk chunk) {
    if (held.remove(name(chunk), chunk)) {
      policy.removed(name(chunk));
    }
  }

  private static Visit visit(Chunk chunk) {
    boolean first = chunk.span().firstToken() == 0;
    long parent = first ? ReplacementPolicy.NONE : chunk.span().parent().digest().first();
    return new Visit(name(chunk), parent, true, 1);
  }

  private static long name(Chunk chunk) {
    return chunk.key().chain().digest().first();
  }
}
