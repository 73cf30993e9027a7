package dev.varve.sdk.internal;

import dev.varve.offload.tenancy.SealTerms;
import dev.varve.sdk.EngineTensor;
import dev.varve.store.BlockGeometry;
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
import java.util.function.ObjIntConsumer;

/**
 * The tokens of one session and the blocks that hold their keys and values: sealed chunks first,
 * the growing tail behind them. Changes only as a whole: a step writes behind the committed length,
 * and {@link #commit} moves that length or nothing happens. For one thread at a time.
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
  private final LayerAttention attention;
  private final RowTranslator translator;
  private final Sealer sealer;

  /** Whether rows of the tail were copied from blocks that may be approximations. */
  private boolean tailIsCopy;

  /**
   * @param lineage of the chunks that the session seals
   */
  public SessionState(CacheParts parts, Tenant tenant, Fingerprint lineage) {
    this(parts, tenant, lineage, new SealTerms());
  }

  private SessionState(CacheParts parts, Tenant tenant, Fingerprint lineage, SealTerms terms) {
    this.parts = parts;
    this.tenant = tenant;
    this.lineage = lineage;
    this.terms = terms;
    this.geometry = parts.tiers().geometry();
    HotSlots slots = new HotSlots(parts);
    this.tail = new OpenTail(parts, slots);
    this.view = new BlockView(parts, slots);
    this.ahead = new LayersAhead(geometry, view.ahead());
    this.translator = new RowTranslator(parts.backend());
    this.attention = new LayerAttention(parts, translator);
    this.sealer = new Sealer(parts, terms);
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
      tokens.append(tokenIds);
    }
  }

  /** Takes the hot slots that {@code count} more tokens need, or throws and changes nothing. */
  public void reserve(int count) {
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
    int span = geometry.blockTokens();
    int base = sealed.size() * span;
    for (int done = 0; done < keys.tokens(); ) {
      int at = length() + done - base;
      int count = Math.min(keys.tokens() - done, span - at % span);
      RowTranslator.Block block =
          new RowTranslator.Block(tail.block(at / span, layer), geometry.block(layer));
      translator.writeKeys(keys, done, count, block, at % span);
      if (!shape.valueIsPrefixOfKey()) {
        translator.writeValues(values, done, count, block, at % span);
      }
      done += count;
    }
  }

  /** Attends the queries of the tokens behind the committed length, causally. */
  public void attend(int layer, EngineTensor queries, EngineTensor out) {
    LayerShape shape = geometry.shape().layers().get(layer);
    int owner = geometry.shape().ownerOf(layer);
    BlockGeometry block = geometry.block(owner);
    int span = geometry.blockTokens();
    int end = length() + queries.tokens();
    attention.start(layer, shape, queries, out, length());
    ahead.attending(layer, sealed, length());
    for (int i = 0; i < sealed.size(); i++) {
      if (attention.reads(i * span, span)) {
        attendSealed(sealed.get(i), owner, i * span);
      }
    }
    for (int first = sealed.size() * span; first < end; first += span) {
      int count = Math.min(span, end - first);
      if (attention.reads(first, count)) {
        MemorySegment bytes = tail.block(first / span - sealed.size(), owner);
        attention.add(bytes, block, first, count);
      }
    }
    attention.finish(out);
  }

  private void attendSealed(Chunk chunk, int layer, int first) {
    try {
      MemorySegment bytes = view.show(chunk, layer);
      attention.add(bytes, geometry.block(layer), first, geometry.blockTokens());
    } finally {
      view.end();
    }
  }

  /** Makes the tokens that were written part of the session and seals the blocks they filled. */
  public void commit(int[] tokenIds) {
    ahead.stepOver();
    tokens.append(tokenIds);
    int span = geometry.blockTokens();
    while ((sealed.size() + 1) * span <= length()) {
      int first = sealed.size() * span;
      ChainKey parent = lastKey();
      ChainKey key = parent.next(tokens.ids(), first, first + span);
      ChunkKey chunk = new ChunkKey(tenant, lineage, key);
      sealed.add(sealer.seal(chunk, parent, first, tail.takeFirst(), tailIsCopy));
      tailIsCopy = false;
    }
    shrinkTail();
  }

  /** Gives back what a step reserved beyond the committed length. */
  public void abort() {
    ahead.stepOver();
    view.end();
    shrinkTail();
  }

  /**
   * Forgets the tokens from {@code length} on. If the block that the cut goes through cannot be
   * copied, all of that block is forgotten and the exception says why.
   */
  public void truncate(int length) {
    int span = geometry.blockTokens();
    int keep = length / span;
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
    SessionState copy = new SessionState(parts, tenant, lineage, terms.copy());
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

  /** Key of the last sealed chunk; the chain's root if there is none. */
  ChainKey lastKey() {
    return sealed.isEmpty() ? ChainKey.root(tenant, lineage) : sealed.getLast().key().chain();
  }

  private void shrinkTail() {
    int span = geometry.blockTokens();
    tail.shrink((length() + span - 1) / span - sealed.size());
  }

  /** Ends the session's claims and gives its slots back. */
  @Override
  public void close() {
    tail.shrink(0);
    sealed.forEach(Chunk::unclaim);
    sealed.clear();
    view.close();
  }
}
