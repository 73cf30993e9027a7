package dev.varve.store;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random calls on the catalog and on a plain map give the same answers. */
class ChunkCatalogModelTest {

  private static final int STEPS = 20_000;
  private static final int KEYS = 300;
  private static final int LAYERS = 3;
  private static final int TOKENS = 32;
  private static final Fingerprint MODEL = fingerprint("model");
  private static final Tenant OTHER = Tenant.of(new byte[] {1}, new byte[] {2});

  private final ChunkCatalog catalog = new ChunkCatalog(42);
  private final Map<ChunkKey, Known> model = new HashMap<>();
  private final List<ChunkKey> keys = new ArrayList<>();
  private final Map<ChunkKey, List<Chunk>> claims = new HashMap<>();
  private final Map<ChunkKey, Chunk> oldObjects = new HashMap<>();

  /** What a plain map knows of one chunk. */
  private static final class Known {
    private final List<Set<Tier>> tiers = new ArrayList<>();
    private final long[] handles = new long[LAYERS];
    private final boolean[] moving = new boolean[LAYERS];
    private final Set<Tier> listed = EnumSet.noneOf(Tier.class);

    Known() {
      for (int layer = 0; layer < LAYERS; layer++) {
        tiers.add(EnumSet.noneOf(Tier.class));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void answersLikeAMap(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < KEYS; i++) {
      keys.add(key(random, i));
    }
    for (int step = 0; step < STEPS; step++) {
      ChunkKey key = keys.get(random.nextInt(KEYS));
      act(random, key);
      assertThat(answer(key)).as("seed %d, step %d", seed, step).isEqualTo(expected(key));
      if (step % 2000 == 0) {
        compareAll("seed %d, step %d".formatted(seed, step));
      }
    }
    compareAll("seed " + seed);
  }

  private void act(Random random, ChunkKey key) {
    int layer = random.nextInt(LAYERS);
    Tier tier = random.nextBoolean() ? Tier.HOST : Tier.SSD;
    switch (random.nextInt(14)) {
      case 0 -> claimOrAdd(key);
      case 1, 2 -> claim(key);
      case 3, 4, 5, 6, 7 -> unclaim(key);
      case 8 -> forget(key);
      default -> {
        Known known = model.get(key);
        if (known != null) {
          change(random, object(random, key), known, layer, tier);
        }
      }
    }
  }

  private void claimOrAdd(ChunkKey key) {
    Chunk fresh = new Chunk(key, span(key));
    Chunk entered = catalog.claimOrAdd(fresh);
    assertThat(entered == fresh).isEqualTo(!model.containsKey(key));
    model.computeIfAbsent(key, _ -> new Known());
    claims.computeIfAbsent(key, _ -> new ArrayList<>()).add(entered);
    oldObjects.put(key, entered);
  }

  private void claim(ChunkKey key) {
    Chunk chunk = catalog.claim(key);
    assertThat(chunk != null).isEqualTo(model.containsKey(key));
    if (chunk != null) {
      List<Chunk> held = claims.computeIfAbsent(key, _ -> new ArrayList<>());
      assertThat(held).allMatch(each -> each.claimed());
      held.add(chunk);
      oldObjects.putIfAbsent(key, chunk);
    }
  }

  private void unclaim(ChunkKey key) {
    List<Chunk> held = claims.getOrDefault(key, List.of());
    if (!held.isEmpty()) {
      held.removeLast().unclaim();
    }
  }

  private void forget(ChunkKey key) {
    Chunk chunk = catalog.peek(key);
    if (chunk == null) {
      return;
    }
    boolean claimed = !claims.getOrDefault(key, List.of()).isEmpty();
    assertThat(catalog.forget(chunk)).isEqualTo(!claimed);
    if (!claimed) {
      for (int layer = 0; layer < LAYERS; layer++) {
        assertThat(tiersOf(chunk, layer)).isEqualTo(known(key).tiers.get(layer));
      }
      model.remove(key);
      oldObjects.remove(key);
      assertThat(chunk.claim()).isFalse();
    }
  }

  /** Any object that stands for the chunk must do. */
  private Chunk object(Random random, ChunkKey key) {
    Chunk old = oldObjects.get(key);
    return random.nextBoolean() && old != null ? old : requireNonNull(catalog.peek(key));
  }

  private static void change(Random random, Chunk chunk, Known known, int layer, Tier tier) {
    switch (random.nextInt(12)) {
      case 0, 1, 2 -> place(chunk, known, layer, tier);
      case 3 -> {
        for (int each = 0; each < LAYERS; each++) {
          place(chunk, known, each, tier);
        }
      }
      case 4, 5 -> {
        chunk.drop(layer, tier);
        known.tiers.get(layer).remove(tier);
      }
      case 6 -> {
        long handle = random.nextLong() >>> 8;
        assertThat(chunk.placeHot(layer, handle)).isEqualTo(known.tiers.get(layer).add(Tier.HOT));
        if (chunk.hotHandle(layer) == handle) {
          known.handles[layer] = handle;
        }
      }
      case 7, 8, 9 -> {
        for (int each = 0; each < LAYERS; each++) {
          chunk.dropHot(each, known.handles[each]);
          known.tiers.get(each).remove(Tier.HOT);
          chunk.endMove(each);
          known.moving[each] = false;
        }
      }
      case 10 -> {
        chunk.startMove(layer, Tier.REMOTE);
        known.moving[layer] = true;
      }
      default -> {
        assertThat(chunk.enlist(tier)).isEqualTo(known.listed.add(tier));
        Tier other = tier == Tier.SSD ? Tier.HOST : Tier.SSD;
        assertThat(chunk.delist(other)).isEqualTo(known.listed.remove(other));
      }
    }
  }

  private static void place(Chunk chunk, Known known, int layer, Tier tier) {
    chunk.place(layer, tier);
    known.tiers.get(layer).add(tier);
  }

  private String answer(ChunkKey key) {
    Chunk chunk = catalog.peek(key);
    if (chunk == null) {
      return "absent";
    }
    assertThat(chunk.span()).isEqualTo(span(key));
    assertThat(catalog.named(chunk.name())).extracting(Chunk::key).contains(key);
    StringBuilder text = new StringBuilder(chunk.claimed() ? "claimed" : "free");
    for (int layer = 0; layer < LAYERS; layer++) {
      boolean moves = chunk.residence(layer) instanceof Residence.Moving;
      text.append(tiersOf(chunk, layer)).append(chunk.hotHandle(layer)).append(moves);
    }
    return text.append(chunk.listed(Tier.HOST)).append(chunk.listed(Tier.SSD)).toString();
  }

  private String expected(ChunkKey key) {
    Known known = model.get(key);
    if (known == null) {
      return "absent";
    }
    boolean claimed = !claims.getOrDefault(key, List.of()).isEmpty();
    StringBuilder text = new StringBuilder(claimed ? "claimed" : "free");
    for (int layer = 0; layer < LAYERS; layer++) {
      Set<Tier> tiers = known.tiers.get(layer);
      long handle = tiers.contains(Tier.HOT) ? known.handles[layer] : Chunk.NOT_HOT;
      text.append(tiers).append(handle).append(known.moving[layer]);
    }
    return text.append(known.listed.contains(Tier.HOST))
        .append(known.listed.contains(Tier.SSD))
        .toString();
  }

  private static Set<Tier> tiersOf(Chunk chunk, int layer) {
    Set<Tier> tiers = EnumSet.noneOf(Tier.class);
    for (Tier tier : Tier.values()) {
      if (chunk.in(tier, layer)) {
        tiers.add(tier);
      }
    }
    return tiers;
  }

  private boolean mayRest(ChunkKey key) {
    Known known = known(key);
    Set<Tier> tiers = EnumSet.noneOf(Tier.class);
    known.tiers.forEach(tiers::addAll);
    boolean alike = known.tiers.stream().allMatch(each -> each.isEmpty() || each.equals(tiers));
    boolean moves = known.moving[0] || known.moving[1] || known.moving[2];
    return alike
        && !moves
        && !tiers.contains(Tier.HOT)
        && claims.getOrDefault(key, List.of()).isEmpty();
  }

  private Known known(ChunkKey key) {
    return requireNonNull(model.get(key));
  }

  private void compareAll(String when) {
    Set<ChunkKey> seen = new HashSet<>();
    catalog.forEach(chunk -> assertThat(seen.add(chunk.key())).as(when).isTrue());
    assertThat(seen).as(when).isEqualTo(model.keySet());
    assertThat(catalog.size()).as(when).isEqualTo(model.size());
    long live = model.keySet().stream().filter(key -> !mayRest(key)).count();
    assertThat(catalog.liveSize()).as(when).isEqualTo((int) live);
  }

  /** Few first and second words, so that keys agree in 64 and in 128 bits; two tenants. */
  private static ChunkKey key(Random random, int i) {
    Digest256 digest =
        new Digest256(random.nextInt(100) * 0x3333_0000_0000_0001L, random.nextInt(2), i, i);
    return new ChunkKey(i % 2 == 0 ? Tenant.NONE : OTHER, MODEL, new ChainKey(digest));
  }

  /** A parent whose first 64 bits are all that is known of it. */
  private static ChunkSpan span(ChunkKey key) {
    long place = key.chain().digest().third();
    ChainKey parent = new ChainKey(new Digest256(~place, 0, 0, 0));
    return new ChunkSpan(parent, (int) (place % 5) * TOKENS, TOKENS, LAYERS);
  }

  private static Fingerprint fingerprint(String name) {
    return Fingerprint.of(
        name,
        ModelShape.uniform(LAYERS, LayerShape.grouped(4, 2, 8, RopeSpec.none()), Dtype.F16),
        TOKENS);
  }
}
