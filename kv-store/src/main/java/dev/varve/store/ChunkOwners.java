package dev.varve.store;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What all chunks of a tenant and a model have in common, by small numbers. An owner keeps its
 * number, about 200 bytes, for as long as the catalog lives. Thread-safe.
 */
final class ChunkOwners {

  /**
   * What need not stand in every row.
   *
   * @param tokens of a chunk
   * @param layers of the model
   */
  record Owner(Tenant tenant, Fingerprint fingerprint, int tokens, int layers) {}

  private final Map<Owner, Integer> numbers = new ConcurrentHashMap<>();
  private volatile Owner[] owners = new Owner[16];

  /** The number of an owner; {@link RestingWord#NO_OWNER} if none is left. */
  int number(Owner owner) {
    @Nullable Integer number = numbers.get(owner);
    return number != null ? number : add(owner);
  }

  private synchronized int add(Owner owner) {
    @Nullable Integer before = numbers.get(owner);
    int number = numbers.size() + 1;
    if (before != null || number > RestingWord.MAX_OWNER) {
      return before == null ? RestingWord.NO_OWNER : before;
    }
    Owner[] all = owners;
    if (number == all.length) {
      all = java.util.Arrays.copyOf(all, 2 * number);
    }
    all[number] = owner;
    owners = all;
    numbers.put(owner, number);
    return number;
  }

  /** The models that any chunk was of. */
  Set<Fingerprint> models() {
    return numbers.keySet().stream().map(Owner::fingerprint).collect(Collectors.toSet());
  }

  /** The owner of a number that {@link #number} gave. */
  Owner get(int number) {
    return owners[number];
  }
}
