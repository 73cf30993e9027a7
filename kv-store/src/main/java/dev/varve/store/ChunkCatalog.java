package dev.varve.store;

import dev.varve.store.internal.ChainRows;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Every chunk that some tier holds, and where its blocks are: the truth for HOT, HOST and SSD.
 * Thread-safe.
 *
 * <p>Each chunk has a row of 48 bytes in one of many small tables, each behind its own lock. A
 * chunk that is claimed, hot, moving, or whose layers are in different tiers is live: it has an
 * object besides, which is found without a lock and knows where every layer is. When it comes to
 * rest its row takes that over.
 */
public final class ChunkCatalog {

  private static final int STRIPE_BITS = 10;
  private static final int OBJECT_BYTES = 48;

  private final long seed;
  private final ChainRows[] stripes = new ChainRows[1 << STRIPE_BITS];
  private final Map<ChunkKey, Chunk> live = new ConcurrentHashMap<>();
  private final ChunkOwners owners = new ChunkOwners();
  private final LayerPatterns patterns = new LayerPatterns();
  private final LongAdder size = new LongAdder();
  private final AtomicReference<@Nullable Chunk> lastFound = new AtomicReference<>();

  /** A catalog whose rows lie where anybody can predict. */
  public ChunkCatalog() {
    this(0);
  }

  /**
   * A catalog whose rows lie where only who knows {@code seed} can predict, so that nobody can
   * choose prompts that crowd one place.
   */
  public ChunkCatalog(long seed) {
    this.seed = seed;
    for (int i = 0; i < stripes.length; i++) {
      stripes[i] = new ChainRows(seed, STRIPE_BITS);
    }
  }

  /** The chunk with this key, claimed for the caller, or null. */
  public @Nullable Chunk claim(ChunkKey key) {
    @Nullable Chunk chunk = live.get(key);
    if (chunk != null && chunk.claim()) {
      return chunk;
    }
    ChainRows rows = stripe(key);
    synchronized (rows) {
      int row = find(rows, key);
      return row == ChainRows.ABSENT ? null : claim(rows, row, key);
    }
  }

  private Chunk claim(ChainRows rows, int row, ChunkKey key) {
    Chunk chunk = chunkOf(rows, row, key);
    wake(rows, row, chunk);
    return chunk;
  }

  /** The chunk with this key without a claim: what it says may be past a moment later. */
  public @Nullable Chunk peek(ChunkKey key) {
    @Nullable Chunk chunk = live.get(key);
    if (chunk != null) {
      return chunk;
    }
    ChainRows rows = stripe(key);
    synchronized (rows) {
      int row = find(rows, key);
      return row == ChainRows.ABSENT ? null : chunkOf(rows, row, key);
    }
  }

  /**
   * The chunks whose chain keys begin with {@code name}, see {@link Chunk#name}; without a claim,
   * and seldom more than one.
   */
  public List<Chunk> named(long name) {
    ChainRows rows = stripe(name);
    synchronized (rows) {
      List<Chunk> chunks = new ArrayList<>(1);
      for (int row = rows.named(name, ChainRows.ABSENT);
          row != ChainRows.ABSENT;
          row = rows.named(name, row)) {
        chunks.add(chunkAt(rows, row));
      }
      return chunks;
    }
  }

  /**
   * Enters {@code fresh}, or finds the chunk that was entered before; claimed for the caller.
   *
   * @throws IllegalArgumentException if a chunk of another tenant or model has the same chain key
   */
  public Chunk claimOrAdd(Chunk fresh) {
    ChunkKey key = fresh.key();
    @Nullable Chunk entered = live.get(key);
    if (entered != null && entered.claim()) {
      return entered;
    }
    ChainRows rows = stripe(key);
    synchronized (rows) {
      int row = find(rows, key);
      return row == ChainRows.ABSENT ? add(rows, fresh) : claim(rows, row, key);
    }
  }

  private Chunk add(ChainRows rows, Chunk fresh) {
    ChunkKey key = fresh.key();
    if (rows.find(key.chain().digest()) != ChainRows.ABSENT) {
      throw new IllegalArgumentException(
          fresh
              + " has the chain key of a chunk of another tenant or model: seed each chain by"
              + " both");
    }
    if (!fresh.claim()) {
      throw new IllegalStateException(fresh + " was retired before it was entered");
    }
    fresh.enter(this);
    rows.insert(key.chain().digest(), fresh.parentName(), wordOf(fresh));
    live.put(key, fresh);
    size.increment();
    return fresh;
  }

  private long wordOf(Chunk chunk) {
    int tokens = chunk.tokens();
    boolean fits =
        tokens > 0
            && chunk.firstToken() >= 0
            && chunk.firstToken() % tokens == 0
            && chunk.firstToken() / tokens <= RestingWord.MAX_PLACE;
    if (!fits) {
      return RestingWord.live(RestingWord.NO_OWNER, 0);
    }
    ChunkKey key = chunk.key();
    ChunkOwners.Owner owner =
        new ChunkOwners.Owner(key.tenant(), key.fingerprint(), tokens, chunk.layers());
    return RestingWord.live(owners.number(owner), chunk.firstToken() / tokens);
  }

  /**
   * Notes a block found in a tier below HOT, entering its chunk if need be. A block whose chain key
   * belongs to a chunk of another tenant or model is passed over: nobody can ask for it.
   */
  public void found(BlockHeader header, Tier tier) {
    BlockKey key = header.key();
    @Nullable Chunk chunk = claim(key.chunk());
    if (chunk == null && takenByOthers(key.chunk())) {
      return;
    }
    if (chunk == null) {
      ChunkSpan span =
          new ChunkSpan(header.parent(), header.firstToken(), header.tokens(), header.layers());
      chunk = claimOrAdd(new Chunk(key.chunk(), span));
    }
    if (key.layer() < chunk.layers()) {
      chunk.place(key.layer(), tier);
    }
    chunk.unclaimAwake();
    // Blocks of a chunk come one after the other: it comes to rest when another one begins.
    @Nullable Chunk before = lastFound.getAndSet(chunk);
    if (before != null && before != chunk) {
      settle(before, before.state());
    }
  }

  private boolean takenByOthers(ChunkKey key) {
    ChainRows rows = stripe(key);
    synchronized (rows) {
      return find(rows, key) == ChainRows.ABSENT
          && rows.find(key.chain().digest()) != ChainRows.ABSENT;
    }
  }

  /**
   * Lets go of {@code chunk} unless somebody claims it. From then on nobody finds or claims it, and
   * the caller drops what the tiers still hold of it.
   */
  public boolean forget(Chunk chunk) {
    ChunkKey key = chunk.key();
    ChainRows rows = stripe(key);
    synchronized (rows) {
      int row = find(rows, key);
      if (row == ChainRows.ABSENT || chunk.retired()) {
        return false;
      }
      Chunk entered = chunkOf(rows, row, key);
      boolean rests = !RestingWord.isLive(rows.state(row));
      ChunkState state = rests ? read(rows.state(row), chunk.layers()) : entered.state();
      if (!state.retire()) {
        return false;
      }
      chunk.adopt(state);
      live.remove(key);
      rows.remove(row);
      size.decrement();
      return true;
    }
  }

  /** Shows every chunk, in no particular order. */
  public void forEach(Consumer<Chunk> consumer) {
    for (ChainRows rows : stripes) {
      List<Chunk> chunks;
      synchronized (rows) {
        chunks = new ArrayList<>(rows.size());
        for (int row = 0; row < rows.end(); row++) {
          if (rows.used(row)) {
            chunks.add(chunkAt(rows, row));
          }
        }
      }
      chunks.forEach(consumer);
    }
  }

  /** The models that any chunk is of, or was; chunks of odd places in their sequence aside. */
  public Set<Fingerprint> models() {
    return owners.models();
  }

  /** Chunks entered now. */
  public int size() {
    return size.intValue();
  }

  /** Of these, those that do not rest. */
  public int liveSize() {
    return live.size();
  }

  /** Bytes of the rows, the vacant ones included, and of the tables around them. */
  public long tableBytes() {
    long bytes = 0;
    for (ChainRows rows : stripes) {
      synchronized (rows) {
        bytes += OBJECT_BYTES + rows.bytes();
      }
    }
    return bytes;
  }

  /** Holds the state of {@code chunk}, which it adopts; null if the chunk is not here any more. */
  @Nullable ChunkState wake(Chunk chunk) {
    ChainRows rows = stripe(chunk.key());
    synchronized (rows) {
      int row = find(rows, chunk.key());
      if (row == ChainRows.ABSENT) {
        chunk.adopt(ChunkState.gone(chunk.layers()));
        return null;
      }
      return wake(rows, row, chunk);
    }
  }

  private ChunkState wake(ChainRows rows, int row, Chunk chunk) {
    long word = rows.state(row);
    ChunkState state =
        RestingWord.isLive(word)
            ? chunkOf(rows, row, chunk.key()).state()
            : read(word, chunk.layers());
    if (!state.hold()) {
      throw new IllegalStateException(chunk + " is retired and in the catalog: report this");
    }
    chunk.adopt(state);
    if (!RestingWord.isLive(word)) {
      rows.setState(row, RestingWord.woken(word));
      live.put(chunk.key(), chunk);
    }
    return state;
  }

  /** Puts {@code chunk}, of which {@code state} speaks, to rest if it may. */
  void settle(Chunk chunk, ChunkState state) {
    if (tiersToRest(state) < 0) {
      return;
    }
    ChainRows rows = stripe(chunk.key());
    synchronized (rows) {
      int row = find(rows, chunk.key());
      if (row == ChainRows.ABSENT
          || RestingWord.owner(rows.state(row)) == RestingWord.NO_OWNER
          || !state.rest()) {
        return;
      }
      int tiers = tiersToRest(state);
      int pattern = tiers < 0 ? LayerPatterns.NONE : patterns.number(layersHeld(state));
      if (pattern == LayerPatterns.NONE) {
        state.stay();
        return;
      }
      rows.setState(row, RestingWord.resting(rows.state(row), pattern, tiers, state.listed()));
      live.remove(chunk.key());
    }
  }

  /** The tiers below HOT that hold every layer that any tier holds; -1 if layers differ. */
  private static int tiersToRest(ChunkState state) {
    long tiers = 0;
    for (int layer = 0; layer < state.layers(); layer++) {
      long word = state.word(layer);
      if (word != ResidenceWord.ABSENT && tiers == ResidenceWord.ABSENT) {
        tiers = word;
      } else if (word != ResidenceWord.ABSENT && word != tiers) {
        return -1;
      }
    }
    return ResidenceWord.onlyBelowHot(tiers) ? (int) tiers : -1;
  }

  private static BitSet layersHeld(ChunkState state) {
    BitSet layers = new BitSet();
    for (int layer = 0; layer < state.layers(); layer++) {
      layers.set(layer, state.word(layer) != ResidenceWord.ABSENT);
    }
    return layers;
  }

  private ChunkState read(long word, int layers) {
    ChunkState state = ChunkState.fresh(layers);
    BitSet held = patterns.layers(RestingWord.pattern(word));
    int tiers = RestingWord.tiers(word);
    for (int layer = held.nextSetBit(0); layer >= 0; layer = held.nextSetBit(layer + 1)) {
      state.fill(layer, tiers);
    }
    state.setListed(RestingWord.listed(word));
    return state;
  }

  private long layerWord(long word, int layer) {
    boolean held = patterns.layers(RestingWord.pattern(word)).get(layer);
    return held ? RestingWord.tiers(word) : ResidenceWord.ABSENT;
  }

  /** The residence word of a layer of a chunk that was seen resting. */
  long word(Chunk chunk, int layer) {
    ChainRows rows = stripe(chunk.key());
    synchronized (rows) {
      int row = find(rows, chunk.key());
      if (row == ChainRows.ABSENT) {
        return ResidenceWord.ABSENT;
      }
      long word = rows.state(row);
      return RestingWord.isLive(word)
          ? adoptLive(rows, row, chunk).word(layer)
          : layerWord(word, layer);
    }
  }

  /** The state of a chunk that was seen resting, for looking only. */
  ChunkState current(Chunk chunk) {
    ChainRows rows = stripe(chunk.key());
    synchronized (rows) {
      int row = find(rows, chunk.key());
      return row != ChainRows.ABSENT && RestingWord.isLive(rows.state(row))
          ? adoptLive(rows, row, chunk)
          : ChunkState.RESTING;
    }
  }

  private ChunkState adoptLive(ChainRows rows, int row, Chunk chunk) {
    return chunk.adopt(chunkOf(rows, row, chunk.key()).state());
  }

  /** The tiers in whose orders a chunk stands that was seen resting. */
  int listed(Chunk chunk) {
    ChainRows rows = stripe(chunk.key());
    synchronized (rows) {
      int row = find(rows, chunk.key());
      if (row == ChainRows.ABSENT) {
        return 0;
      }
      long word = rows.state(row);
      return RestingWord.isLive(word)
          ? adoptLive(rows, row, chunk).listed()
          : RestingWord.listed(word);
    }
  }

  /** Whether a chunk that was seen resting still does, in {@code tier} among others. */
  boolean restsIn(Chunk chunk, Tier tier) {
    ChainRows rows = stripe(chunk.key());
    synchronized (rows) {
      int row = find(rows, chunk.key());
      return row != ChainRows.ABSENT
          && !RestingWord.isLive(rows.state(row))
          && (RestingWord.tiers(rows.state(row)) & tier.bit()) != 0;
    }
  }

  /** The parent's chain key; its first 64 bits and zeros if the parent is not known any more. */
  ChainKey parentOf(Chunk chunk) {
    long name = chunk.parentName();
    for (Chunk parent : named(name)) {
      ChunkKey key = parent.key();
      if (key.tenant().equals(chunk.key().tenant())
          && key.fingerprint().equals(chunk.key().fingerprint())) {
        return key.chain();
      }
    }
    ChainKey root = ChainKey.root(chunk.key().tenant(), chunk.key().fingerprint());
    return root.digest().first() == name ? root : new ChainKey(new Digest256(name, 0, 0, 0));
  }

  private ChainRows stripe(ChunkKey key) {
    return stripe(key.chain().digest().first());
  }

  private ChainRows stripe(long name) {
    return stripes[(int) (ChainRows.hash(name, seed) >>> (Long.SIZE - STRIPE_BITS))];
  }

  /** The row of {@code key}, whose tenant and model are compared too. */
  private int find(ChainRows rows, ChunkKey key) {
    int row = rows.find(key.chain().digest());
    if (row == ChainRows.ABSENT) {
      return row;
    }
    int number = RestingWord.owner(rows.state(row));
    if (number == RestingWord.NO_OWNER) {
      return live.containsKey(key) ? row : ChainRows.ABSENT;
    }
    ChunkOwners.Owner owner = owners.get(number);
    boolean same =
        owner.tenant().equals(key.tenant()) && owner.fingerprint().equals(key.fingerprint());
    return same ? row : ChainRows.ABSENT;
  }

  private Chunk chunkAt(ChainRows rows, int row) {
    ChainKey chain = new ChainKey(rows.digest(row));
    int number = RestingWord.owner(rows.state(row));
    if (number == RestingWord.NO_OWNER) {
      return live.values().stream()
          .filter(chunk -> chunk.key().chain().equals(chain))
          .findFirst()
          .orElseThrow();
    }
    ChunkOwners.Owner owner = owners.get(number);
    return chunkOf(rows, row, new ChunkKey(owner.tenant(), owner.fingerprint(), chain));
  }

  /** The object of a live chunk, or one for the chunk that rests in {@code row}. */
  private Chunk chunkOf(ChainRows rows, int row, ChunkKey key) {
    long word = rows.state(row);
    if (RestingWord.isLive(word)) {
      @Nullable Chunk chunk = live.get(key);
      if (chunk == null) {
        throw new IllegalStateException("chunk " + key.chain() + " is lost: report this");
      }
      return chunk;
    }
    ChunkOwners.Owner owner = owners.get(RestingWord.owner(word));
    return new Chunk(this, key, owner, RestingWord.place(word), rows.extra(row));
  }
}
