package dev.varve.sdk.internal;

import dev.varve.attention.RaggedAttention;
import dev.varve.offload.tenancy.SealTerms;
import dev.varve.sdk.EngineTensor;
import dev.varve.sdk.ReadingStats;
import dev.varve.sdk.forgetting.Forgetting;
import dev.varve.sdk.forgetting.KeepSets;
import dev.varve.sdk.internal.device.DeviceAttentions;
import dev.varve.sdk.internal.device.DeviceHot;
import dev.varve.sdk.internal.device.TensorStaging;
import dev.varve.sdk.internal.memory.GivenSignals;
import dev.varve.sdk.internal.memory.PrivateRows;
import dev.varve.sdk.internal.memory.RowSource;
import dev.varve.sdk.internal.reading.SessionReader;
import dev.varve.store.ChainKey;
import dev.varve.store.Chunk;
import dev.varve.store.ChunkKey;
import dev.varve.store.Fingerprint;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelGeometry;
import dev.varve.store.Tenant;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ObjIntConsumer;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The tokens of one session and the blocks that hold their keys and values: sealed chunks first,
 * the growing tail behind them; or, once something was forgotten, private rows of every head.
 * Changes only as a whole: a step writes behind the committed length, and {@link #commit} moves
 * that length or nothing happens. For one thread at a time.
 */
public final class SessionState implements AutoCloseable {

  private final CacheParts parts;
  private final Tenant tenant;
  private Fingerprint lineage;
  private final SealTerms terms;
  private final ModelGeometry geometry;
  private final TokenList tokens = new TokenList();
  private final List<Chunk> sealed = new ArrayList<>();
  private final OpenTail tail;
  private final BlockView view;
  private final LayersAhead ahead;
  private final SharedBlocks blocks;
  private final LayerAttention attention;
  private final SharedAttention exact;
  private final TensorStaging staging;
  private final TailWriter writer;
  private final RowTranslator translator;
  private final Sealer sealer;
  private final SessionMemory memory;
  private final SharedRows shared;
  private final ReadingState reading;

  /** Whether rows of the tail were copied from blocks that may be approximations. */
  private boolean tailIsCopy;

  /**
   * @param lineage of the chunks that the session seals
   * @param policies decide what is forgotten and what is read
   */
  public SessionState(
      CacheParts parts, Tenant tenant, Fingerprint lineage, SessionPolicies policies) {
    this(
        parts,
        tenant,
        lineage,
        new SealTerms(),
        new SessionMemory(parts, new HotSlots(parts), policies.forgetting()),
        new ReadingState(
            policies.reading().map(how -> new SessionReader(parts, new HotSlots(parts), how)),
            parts.tiers().geometry().blockTokens()));
  }

  private SessionState(
      CacheParts parts,
      Tenant tenant,
      Fingerprint lineage,
      SealTerms terms,
      SessionMemory memory,
      ReadingState reading) {
    this.reading = reading;
    this.parts = parts;
    this.tenant = tenant;
    this.lineage = lineage;
    this.terms = terms;
    this.memory = memory;
    this.geometry = parts.tiers().geometry();
    HotSlots slots = new HotSlots(parts);
    this.tail = new OpenTail(parts, slots);
    this.view = new BlockView(parts, slots);
    this.ahead = new LayersAhead(geometry, view.ahead());
    this.blocks =
        new SharedBlocks(
            geometry, sealed, tail, view, ahead, reading.mayChoose() ? this::show : null);
    this.translator = new RowTranslator(parts.backend());
    this.attention = new LayerAttention(parts, translator);
    Optional<DeviceAttentions> device = parts.device().flatMap(DeviceHot::attentions);
    this.exact = new SharedAttention(geometry, blocks, attention, device);
    this.staging = new TensorStaging(parts.device());
    this.writer = new TailWriter(geometry, tail, translator, staging, device);
    this.sealer = new Sealer(parts, terms);
    this.shared = new SharedRows(geometry, sealed, tail, view, memory.sums());
  }

  /** Committed tokens. */
  public int length() {
    return tokens.size();
  }

  /** Copy of the committed token ids. */
  public int[] tokenIds() {
    return tokens.toArray();
  }

  public Tenant tenant() {
    return tenant;
  }

  /** Identity under which the session's chunks are stored. */
  public Fingerprint lineage() {
    return lineage;
  }

  /** Whether what it seals comes back bit by bit. */
  public boolean exact() {
    return parts.tiers().variants().lineages().exact(lineage);
  }

  /** Identities of the session's chunks, from the first to those that it is going to seal. */
  public ChainLineages lineages() {
    return reading.lineages(lineage, length());
  }

  /** What is held was computed as a saved session says. */
  public void approximateFrom(ChainLineages lineages) {
    reading.restore(lineages, length());
  }

  /** What holds for the chunks that this session seals. */
  public SealTerms terms() {
    return terms;
  }

  /** The sealed chunks, in token order. */
  public List<Chunk> sealed() {
    return List.copyOf(sealed);
  }

  /** Takes over a chain, and its lineage unless it is empty; only while the session is empty. */
  public void adopt(ClaimedChain chain, int[] tokenIds) {
    if (!chain.chunks().isEmpty()) {
      lineage = chain.lineage();
      sealed.addAll(chain.chunks());
      reading.adopted(sealed);
      tokens.append(tokenIds);
    }
  }

  /** Takes the hot slots that {@code count} more tokens need, or throws and changes nothing. */
  public void reserve(int count) {
    PrivateRows own = memory.own();
    if (own != null) {
      own.reserve(length(), count);
      return;
    }
    int end = Math.addExact(length(), count);
    int spans = (end + geometry.blockTokens() - 1) / geometry.blockTokens();
    tail.grow(spans - sealed.size());
  }

  /** Writes the keys and values of the tokens behind the committed length. */
  public void write(int layer, EngineTensor keys, EngineTensor values) {
    LayerShape shape = geometry.shape().layers().get(layer);
    TensorChecks.shape(keys, "keys", layer, keys.tokens(), shape.kvHeads(), shape.keyDim());
    if (!shape.valueIsPrefixOfKey()) {
      TensorChecks.shape(values, "values", layer, keys.tokens(), shape.kvHeads(), shape.valueDim());
    }
    PrivateRows own = memory.own();
    if (own != null) {
      staging.fetch(keys, values);
      own.write(layer, staging.keys(), staging.values(), translator);
      return;
    }
    int first = length() - sealed.size() * geometry.blockTokens();
    boolean stays = memory.policy().isEmpty() && exact.onDevice(layer);
    writer.write(layer, keys, values, first, stays);
  }

  /** Attends the queries of the tokens behind the committed length, causally. */
  public void attend(int layer, EngineTensor queries, EngineTensor out) {
    LayerShape shape = geometry.shape().layers().get(layer);
    float[] gathered = attention.gather(layer, shape, staging.fetched(queries), out);
    memory.queries().note(layer, gathered, length(), queries.tokens());
    PrivateRows own = memory.own();
    if (own == null) {
      int count = queries.tokens();
      if (!reading.attend(layer, gathered, length(), count, sealed, tail, attention.out())) {
        exact.attend(layer, length(), count);
      }
      scatter(out);
    } else {
      int count = queries.tokens();
      RaggedAttention ragged = own.attend(layer, gathered, length(), count);
      reading.attendParked(
          layer, ragged, own, memory.parked(), tokens.ids(), gathered, length(), count);
      ragged.finish(attention.out(), 0);
      scatter(out);
    }
    memory.follow(layer, gathered, length(), queries.tokens(), shared);
  }

  private void scatter(EngineTensor out) {
    EngineTensor target = staging.target(out);
    attention.scatter(target);
    staging.send(target, out);
  }

  /** Whether a step reads every block, on the processor, and nobody but attention looks at them. */
  boolean readsEverything() {
    return memory.own() == null
        && memory.policy().isEmpty()
        && !reading.mayChoose()
        && parts.device().flatMap(DeviceHot::attentions).isEmpty();
  }

  /** The blocks of a session that forgot nothing. */
  SharedBlocks blocks() {
    return blocks;
  }

  private void show(int layer, MemorySegment block, int position) {
    reading.show(layer, block, position, tokens.ids());
  }

  /** Makes the tokens that were written part of the session and seals the blocks they filled. */
  public void commit(int[] tokenIds) {
    ahead.stepOver();
    reading.stepEnds(length());
    tokens.append(tokenIds);
    PrivateRows own = memory.own();
    if (own == null) {
      memory.commitShared(length() - tokenIds.length, tokenIds.length);
      seal();
    } else {
      own.commit(tokenIds.length);
      continueTrail();
    }
  }

  private void seal() {
    int span = geometry.blockTokens();
    while ((sealed.size() + 1) * span <= length()) {
      int first = sealed.size() * span;
      ChainKey parent = lastKey();
      ChainLineages lineages = lineages();
      ChainKey key = lineages.key(tenant, sealed.size(), parent, tokens.ids(), span);
      ChunkKey chunk = new ChunkKey(tenant, lineages.of(sealed.size()), key);
      if (reading.mayChoose()) {
        tail.forEachBlock(0, (block, layer) -> reading.show(layer, block, first, tokens.ids()));
      }
      sealed.add(sealer.seal(chunk, parent, first, tail.takeFirst(), tailIsCopy));
      tailIsCopy = false;
    }
    shrinkTail();
  }

  /** Names the blocks that private rows filled: nobody finds them, but they can be erased. */
  private void continueTrail() {
    int span = geometry.blockTokens();
    while ((memory.trailLength() + 1) * span <= length()) {
      int first = memory.trailLength() * span;
      ChainKey key = lastKey().next(tokens.ids(), first, first + span);
      memory.continueTrail(new ChunkKey(tenant, lineage, key));
    }
  }

  /**
   * Does what the policies do behind a step, after {@code stepTokens} were committed. A policy that
   * fails to forget leaves the session as it is.
   */
  public void decideIfDue(int stepTokens, boolean lastOfPrompt) {
    if (lastOfPrompt && memory.own() == null) {
      reading.promptEnded(this::rows, length());
    }
    if (memory.policy().isEmpty() || !memory.failures().asks(length(), lastOfPrompt)) {
      return;
    }
    PrivateRows own = memory.own();
    int rows = own == null ? length() : own.mostRows();
    try {
      if (stepTokens == 1 && !lastOfPrompt && memory.evictsOnline()) {
        memory.evictOnline(length());
        return;
      }
      if (memory.policy().get().due(length(), stepTokens, lastOfPrompt, rows)) {
        forget();
      }
    } catch (RuntimeException e) {
      memory.failures().failed(e, length());
    }
  }

  /** Why the policy did not decide when it was due last; empty if it did. */
  public Optional<RuntimeException> forgettingFailure() {
    return memory.failures().last();
  }

  /**
   * Forgets what the policy does not keep: the session changes to private rows and ends its claims
   * on shared chunks, or stays as it is and an exception says why.
   *
   * @return whether anything was forgotten
   */
  public boolean forget() {
    return apply(memory.decide(memory, rows(), length(), 0));
  }

  /**
   * Forgets what the policy does not keep, which sees the fork {@code ahead} with some more tokens.
   */
  public boolean forget(SessionState ahead) {
    int drafted = ahead.length() - length();
    return apply(memory.decide(ahead.memory, ahead.rows(), ahead.length(), drafted));
  }

  private boolean apply(KeepSets keep) {
    Optional<PrivateRows> left = memory.compact(rows(), keep, length());
    left.ifPresent(this::change);
    memory.failures().over();
    return left.isPresent();
  }

  private void change(PrivateRows rows) {
    if (memory.own() == null) {
      boolean erased = parts.tenancy().retention().whileNoErasureBegins(this::leaveTrail);
      if (erased) {
        terms.erase();
      }
    }
    memory.hold(rows);
    tail.shrink(0);
    tailIsCopy = false;
    if (memory.policy().filter(Forgetting::parks).isPresent()) {
      memory.park(sealed);
    } else {
      sealed.forEach(Chunk::unclaim);
    }
    sealed.clear();
  }

  /** Keeps the names of the sealed chunks; returns whether they were erased. */
  private boolean leaveTrail() {
    memory.remember(sealed);
    return !sealed.isEmpty() && parts.tenancy().retention().erased(sealed.getLast().key());
  }

  /**
   * Has {@code writer} write what the session sealed, also what it no longer reads; returns what
   * that says.
   */
  public int persist(ToIntFunction<List<Chunk>> writer) {
    if (memory.own() == null) {
      reading.persist(sealed);
      return writer.applyAsInt(sealed());
    }
    List<Chunk> claimed = memory.claimShared();
    try {
      return writer.applyAsInt(claimed);
    } finally {
      claimed.forEach(Chunk::unclaim);
    }
  }

  /** What the engine told about the tokens. */
  public GivenSignals signals() {
    return memory.signals();
  }

  /** The rows that the session holds now. */
  public RowSource rows() {
    PrivateRows own = memory.own();
    if (own != null) {
      return own;
    }
    return shared.upTo(length(), length());
  }

  /** Private rows; null as long as nothing was forgotten. */
  public @Nullable PrivateRows own() {
    return memory.own();
  }

  /** Chunks that are no longer read and stay stored for this session, in token order. */
  public List<Chunk> parked() {
    return List.copyOf(memory.parked());
  }

  /** What was read so far. */
  public ReadingStats reading() {
    return reading.stats();
  }

  /** Hot slots that nobody else reads: private rows, and the growing tail. */
  public int ownSlots() {
    PrivateRows own = memory.own();
    return own == null ? tail.spans() * geometry.owningLayers() : own.slots();
  }

  /** Queries that must be seen before the policy can decide. */
  public int queriesWanted() {
    return Math.max(memory.queriesWanted(), reading.queriesWanted());
  }

  /** Whether private rows came from this chunk; thread-safe. */
  boolean cameFrom(ChunkKey key) {
    return memory.cameFrom(key);
  }

  /** The last whole block of the session, shared or not. */
  public Optional<ChunkKey> lastChunk() {
    return memory.own() != null || sealed.isEmpty()
        ? memory.lastChunk()
        : Optional.of(sealed.getLast().key());
  }

  /** Gives back what a step reserved beyond the committed length. */
  public void abort() {
    ahead.stepOver();
    reading.abort();
    view.end();
    PrivateRows own = memory.own();
    if (own == null) {
      memory.abortShared();
      shrinkTail();
    } else {
      own.abort();
    }
  }

  /**
   * Forgets the tokens from {@code length} on. If the block that the cut goes through cannot be
   * copied, all of that block is forgotten and the exception says why.
   */
  public void truncate(int length) {
    if (memory.own() != null) {
      int parked = memory.parked().size();
      memory.truncate(length);
      reading.truncate(length, parked);
      tokens.truncate(length);
      return;
    }
    memory.cut(length);
    int span = geometry.blockTokens();
    int keep = length / span;
    reading.truncate(length, sealed.size());
    if (keep == sealed.size()) {
      tokens.truncate(length);
      tailIsCopy &= tailTokens() > 0;
      shrinkTail();
      return;
    }
    List<Chunk> dropped = List.copyOf(sealed.subList(keep, sealed.size()));
    sealed.subList(keep, sealed.size()).clear();
    tokens.truncate(keep * span);
    try {
      tailIsCopy = !exact() && length % span > 0;
      if (length % span == 0) {
        tail.shrink(0);
      } else {
        tail.restart((block, layer) -> copy(dropped.getFirst(), layer, block));
        tokens.restore(length);
      }
    } finally {
      dropped.forEach(Chunk::unclaim);
    }
  }

  private void copy(Chunk chunk, int layer, MemorySegment target) {
    try {
      target.copyFrom(view.show(chunk, layer));
    } finally {
      view.end();
    }
  }

  /** A session with the same tokens: sealed chunks are shared, the growing tail is copied. */
  public SessionState fork() {
    return fork(memory.fork());
  }

  /** The same for another policy, which sees the queries of steps to come. */
  public SessionState fork(Optional<Forgetting> policy) {
    return fork(memory.fork(policy));
  }

  private SessionState fork(SessionMemory forked) {
    SessionState copy =
        new SessionState(parts, tenant, lineage, terms.copy(), forked, reading.fork());
    copy.tailIsCopy = tailIsCopy;
    try {
      copy.tail.grow(tail.spans());
    } catch (RuntimeException e) {
      copy.close();
      throw e;
    }
    for (Chunk chunk : sealed) {
      if (!chunk.claim()) {
        throw new IllegalStateException(chunk + " was retired while a session claimed it");
      }
      copy.sealed.add(chunk);
    }
    copy.tokens.append(tokens.toArray());
    if (tail.spans() > 0) {
      tail.copyFirst(copy.tail);
    }
    return copy;
  }

  /** Tokens behind the last whole block. */
  int tailTokens() {
    return length() - sealed.size() * geometry.blockTokens();
  }

  /** Shows the growing block of every layer that stores blocks, in order of layers, if any. */
  void showTail(ObjIntConsumer<MemorySegment> visitor) {
    if (tailTokens() > 0) {
      tail.forEachBlock(0, visitor);
    }
  }

  /**
   * Appends tokens that fill no block and whose rows {@code fill} writes, given each growing block
   * and its layer; nothing is appended if that throws.
   */
  public void restoreTail(int[] tokenIds, ObjIntConsumer<MemorySegment> fill) {
    if (tokenIds.length > 0) {
      tail.restart(fill);
      tokens.append(tokenIds);
      tailIsCopy = !exact();
    }
  }

  /**
   * Takes over the rows of a session that forgot something; only while the session is empty, and
   * nothing is taken over if there is no room.
   */
  public void restorePrivate(int[] tokenIds, RowSource rows) {
    memory.restore(rows, tokenIds.length);
    tokens.append(tokenIds);
    continueTrail();
  }

  /** Keeps chunks stored that the caller claimed and that the session does not read. */
  public void park(List<Chunk> chunks) {
    memory.park(chunks);
  }

  /** Key of the last sealed chunk; the chain's root if there is none. */
  ChainKey lastKey() {
    if (memory.own() != null) {
      return memory.lastKey(ChainKey.root(tenant, lineage));
    }
    return sealed.isEmpty() ? ChainKey.root(tenant, lineage) : sealed.getLast().key().chain();
  }

  private void shrinkTail() {
    int span = geometry.blockTokens();
    tail.shrink((length() + span - 1) / span - sealed.size());
  }

  /** Ends the session's claims and gives its slots back. */
  @Override
  public void close() {
    memory.close();
    reading.close();
    staging.close();
    tail.shrink(0);
    sealed.forEach(Chunk::unclaim);
    sealed.clear();
    view.close();
  }
}
