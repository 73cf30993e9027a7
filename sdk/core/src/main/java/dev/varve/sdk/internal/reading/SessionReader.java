package dev.varve.sdk.internal.reading;

import dev.varve.attention.AttentionKernel;
import dev.varve.attention.RaggedAttention;
import dev.varve.attention.policy.PrefixPolicy;
import dev.varve.attention.select.RowSets;
import dev.varve.attention.select.Selection;
import dev.varve.offload.Place;
import dev.varve.offload.tenancy.RetentionRules;
import dev.varve.sdk.internal.CacheParts;
import dev.varve.sdk.internal.HotSlots;
import dev.varve.sdk.internal.OpenTail;
import dev.varve.sdk.internal.memory.QueryRings;
import dev.varve.sdk.internal.memory.RowSource;
import dev.varve.sdk.reading.SelectiveReading;
import dev.varve.store.Chunk;
import dev.varve.store.ChunkKey;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelGeometry;
import dev.varve.store.Tier;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads little on behalf of one session: keeps an index of each layer, chooses rows for a step, and
 * attends to them alone. Where it cannot choose, the session attends exactly and shows the blocks
 * it reads, from which a lagging index is completed. For one thread at a time.
 */
public final class SessionReader implements AutoCloseable {

  /** Looks from one bound of what was missed to the next: a bound reads the whole summary again. */
  private static final int LOOKS_PER_BOUND = 32;

  private final CacheParts parts;
  private final HotSlots slots;
  private final SelectiveReading reading;
  private final ModelGeometry geometry;
  private final ReadingCounters counters;
  private final @Nullable LayerIndex[] layers;
  private final @Nullable ChosenRows[] rows;
  private final RaggedAttention attention;
  private final ChosenBlocks blocks;
  private final QueryRings queries;
  private final ParkedChoice parkedChoice = new ParkedChoice();
  private final List<Place> far = new ArrayList<>();
  private @Nullable Selection chosen;
  private long looks;
  private boolean leftOut;

  /** Reads for a session that holds nothing yet. */
  public SessionReader(CacheParts parts, HotSlots slots, SelectiveReading reading) {
    this(parts, slots, reading, QueryRings.of(parts.tiers().geometry().shape(), reading.queries()));
  }

  private SessionReader(
      CacheParts parts, HotSlots slots, SelectiveReading reading, QueryRings queries) {
    this.parts = parts;
    this.slots = slots;
    this.reading = reading;
    this.geometry = parts.tiers().geometry();
    this.counters = new ReadingCounters(parts.reading());
    int count = geometry.shape().layerCount();
    this.layers = new LayerIndex[count];
    this.rows = new ChosenRows[count];
    for (int layer = 0; layer < count; layer++) {
      if (reading.covers(geometry.shape(), layer)) {
        layers[layer] = newIndex(layer);
        rows[layer] = new ChosenRows(geometry.block(layer));
      }
    }
    this.attention = new RaggedAttention(AttentionKernel.of(parts.backend()));
    this.blocks = new ChosenBlocks(parts, slots, reading.deadline(), counters);
    this.queries = queries;
  }

  private LayerIndex newIndex(int layer) {
    return new LayerIndex(
        reading.policy(),
        geometry.shape().layers().get(layer),
        geometry.block(layer),
        layer,
        parts.backend(),
        counters);
  }

  /** What the session read so far. */
  public ReadingCounters counters() {
    return counters;
  }

  /** How it reads. */
  public SelectiveReading reading() {
    return reading;
  }

  /**
   * Chooses what {@code layer} reads at a step, for {@link #attend} right after.
   *
   * @param queries {@code [tokens][queryHeads][keyDim]}
   * @param position of the step's first token
   * @param sealed tokens in sealed blocks
   * @return false if everything is to be read
   */
  public boolean chooses(int layer, float[] queries, int position, int tokens, int sealed) {
    LayerIndex index = layers[layer];
    if (index == null || (tokens > 1 && !reading.prompts())) {
      return false;
    }
    if (!index.covers(sealed)) {
      counters.building();
      return false;
    }
    Selection selection = index.select(queries, position, tokens);
    if (selection.origin() == Selection.Origin.WHOLE) {
      counters.whole();
      return false;
    }
    chosen = selection;
    return true;
  }

  /**
   * Attends the queries that were chosen for to what was chosen.
   *
   * @param sealed the session's sealed chunks
   * @param tail what lies behind them
   * @param out {@code [tokens][queryHeads][valueDim]}, written
   */
  public void attend(
      int layer,
      List<Chunk> sealed,
      OpenTail tail,
      float[] queries,
      int position,
      int tokens,
      float[] out) {
    Selection selection = chosen;
    LayerIndex index = layers[layer];
    ChosenRows of = rows[layer];
    if (selection == null || index == null || of == null) {
      throw new IllegalStateException("layer " + layer + " attends before it chose");
    }
    chosen = null;
    leftOut = true;
    LayerShape shape = index.shape();
    int owner = geometry.shape().ownerOf(layer);
    int span = geometry.blockTokens();
    int end = position + tokens;
    long attended = 0;
    long skipped = 0;
    attention.start(shape, queries, 0, position, tokens);
    blocks.begin();
    nameFar(selection, sealed, owner);
    for (int i = 0; i < sealed.size(); i++) {
      if (ChosenRows.any(selection, i * span, span)) {
        try {
          MemorySegment bytes = blocks.take(sealed.get(i), owner);
          if (bytes == null) {
            skipped += strike(selection, shape.kvHeads(), i * span, span);
          } else {
            attended += of.attend(attention, selection, bytes, i * span, span);
          }
        } finally {
          blocks.end();
        }
      }
    }
    for (int first = sealed.size() * span; first < end; first += span) {
      MemorySegment bytes = tail.block(first / span - sealed.size(), owner);
      attended += of.attend(attention, selection, bytes, first, Math.min(span, end - first));
    }
    attention.finish(out, 0);
    counters.selected(attended, (long) shape.kvHeads() * end, skipped, selection.bytesScored());
    if (looks++ % LOOKS_PER_BOUND == 0 && tokens == 1) {
      bound(index, selection);
    }
  }

  /**
   * Attends, beside the rows that a session kept, to what is chosen of the chunks that it parked.
   * Where nothing can be chosen all of them are read, and the index takes the keys that it lacks.
   *
   * @param attention has been shown the rows that were kept
   * @param held those rows, and where they lie
   * @param announced rows of each head that this step brings
   * @param parked the first chunks of the session
   * @param ids of the session's tokens
   */
  public void attendParked(
      int layer,
      RaggedAttention attention,
      RowSource held,
      int announced,
      List<Chunk> parked,
      int[] ids,
      float[] asked,
      int position,
      int tokens) {
    LayerIndex index = layers[layer];
    ChosenRows of = rows[layer];
    if (index == null || of == null || parked.isEmpty()) {
      return;
    }
    int span = geometry.blockTokens();
    int owner = geometry.shape().ownerOf(layer);
    int kvHeads = index.shape().kvHeads();
    boolean behind = !index.covers(parked.size() * span);
    Selection selection = null;
    if (behind) {
      counters.building();
    } else if (tokens == 1 || reading.prompts()) {
      selection = index.select(asked, position, tokens);
    }
    parkedChoice.set(selection, held, owner, kvHeads, parked.size() * span);
    long kept = 0;
    for (int head = 0; head < kvHeads; head++) {
      kept += held.rows(owner, head) + announced;
    }
    blocks.begin();
    nameFar(parkedChoice, parked, owner);
    long attended = 0;
    long skipped = 0;
    for (int i = 0; i < parked.size(); i++) {
      if (ChosenRows.any(parkedChoice, i * span, span) || (behind && index.awaits(i * span))) {
        try {
          MemorySegment bytes = blocks.take(parked.get(i), owner);
          if (bytes == null) {
            skipped += strike(parkedChoice, kvHeads, i * span, span);
          } else {
            attended += of.attendAside(attention, parkedChoice, bytes, i * span, span);
            show(owner, bytes, i * span, ids);
          }
        } finally {
          blocks.end();
        }
      }
    }
    counters.parked(attended);
    if (selection != null && selection.origin() == Selection.Origin.WHOLE) {
      counters.whole();
    } else if (selection != null) {
      long all = kept + parkedChoice.forgotten();
      counters.selected(kept + attended, all, skipped, selection.bytesScored());
    }
  }

  private void nameFar(RowSets sets, List<Chunk> sealed, int owner) {
    if (!blocks.readsAhead()) {
      return;
    }
    int span = geometry.blockTokens();
    for (int i = 0; i < sealed.size(); i++) {
      if (!sealed.get(i).in(Tier.HOT, owner) && ChosenRows.any(sets, i * span, span)) {
        far.add(new Place(sealed.get(i), owner));
      }
    }
    // The first is read at once by the step itself.
    if (far.size() > 1) {
      blocks.expect(far.subList(1, far.size()));
    }
    far.clear();
  }

  /** Takes tokens that were too late out of what is read; returns how many rows that were. */
  private static long strike(RowSets selection, int kvHeads, int first, int count) {
    long rows = 0;
    for (int head = 0; head < kvHeads; head++) {
      int next = selection.set(head).nextSetBit(first);
      while (next >= 0 && next < first + count) {
        rows++;
        next = selection.set(head).nextSetBit(next + 1);
      }
    }
    for (int head = 0; head < kvHeads; head++) {
      selection.set(head).clear(first, first + count);
    }
    return rows;
  }

  /** Notes the mean over query heads of the share of attention that was missed at most. */
  private void bound(LayerIndex index, Selection read) {
    int heads = index.shape().queryHeads();
    double sum = 0;
    for (int head = 0; head < heads; head++) {
      double missed = index.logRestBound(head, read);
      sum += 1 / (1 + Math.exp(attention.logSumExp(0, head) - missed));
    }
    if (!Double.isNaN(sum)) {
      counters.bounded(sum / heads);
    }
  }

  /** Remembers the newest queries, where an index is built from them. */
  public void note(int layer, float[] packed, int position, int tokens) {
    queries.note(layer, packed, position, tokens);
  }

  /** Queries at the end of a prompt that an index is built from; 0 if none has to be built. */
  public int queriesWanted() {
    return reading.queries();
  }

  /** A prompt has ended: an index that is built ahead is built from what the session holds. */
  public void promptEnded(RowSource held, int tokens) {
    if (reading.policy() instanceof PrefixPolicy policy) {
      List<LayerIndex> missing = new ArrayList<>();
      for (LayerIndex index : layers) {
        if (index != null && !index.covers(0)) {
          missing.add(index);
        }
      }
      new PrefixIndexBuild(policy, geometry, queries, parts.backend()).serve(missing, held, tokens);
    }
  }

  /** Whether the step left anything out of what its tokens should see; asked at its end. */
  public boolean stepOver() {
    boolean left = leftOut;
    leftOut = false;
    chosen = null;
    blocks.stepOver();
    return left;
  }

  /**
   * A whole sealed block was read, or is being sealed: an index that waits for it takes its keys.
   *
   * @param layer that stores it
   * @param position of its first token
   * @param ids of the session's tokens
   */
  public void show(int layer, MemorySegment block, int position, int[] ids) {
    for (int reader = layer; reader < layers.length; reader++) {
      LayerIndex index = layers[reader];
      if (index != null && geometry.shape().ownerOf(reader) == layer && index.awaits(position)) {
        index.append(
            block, position, Arrays.copyOfRange(ids, position, position + geometry.blockTokens()));
      }
    }
  }

  /**
   * Keeps the index beside the first {@code count} chunks, unless it is there, or has nothing to
   * store or no block of its own in them.
   */
  public void persist(List<Chunk> sealed, int count) {
    Optional<StoredIndices> store = parts.indices();
    List<LayerIndex> kept = covered();
    int tokens = count * geometry.blockTokens();
    for (LayerIndex index : kept) {
      tokens = Math.min(tokens, index.storable());
    }
    int whole = tokens / geometry.blockTokens();
    if (store.isEmpty() || kept.isEmpty() || whole == 0) {
      return;
    }
    boolean cuts = reading.policy() instanceof PrefixPolicy;
    if (cuts && kept.getFirst().storable() != tokens) {
      return;
    }
    ChunkKey last = sealed.get(whole - 1).key();
    RetentionRules retention = parts.tenancy().retention();
    retention.whileNoErasureBegins(() -> {
      boolean stays = !retention.hidden(last);
      if (stays) {
        store.get().write(last, whole * geometry.blockTokens(), reading, kept);
      }
      return stays;
    });
  }

  /** Takes the longest index that is kept beside chunks that the session took over. */
  public void restore(List<Chunk> taken) {
    parts
        .indices()
        .ifPresent(
            store -> store.restore(taken, geometry.blockTokens(), reading, covered(), counters));
  }

  private List<LayerIndex> covered() {
    List<LayerIndex> covered = new ArrayList<>();
    for (LayerIndex index : layers) {
      if (index != null) {
        covered.add(index);
      }
    }
    return covered;
  }

  /** Forgets what lies behind the first {@code tokens}, a whole number of blocks. */
  public void truncate(int tokens) {
    for (LayerIndex index : layers) {
      if (index != null) {
        index.truncate(tokens);
      }
    }
  }

  /** Reads for a session with the same tokens. */
  public SessionReader fork() {
    SessionReader copy = new SessionReader(parts, slots, reading, queries.fork());
    for (int layer = 0; layer < layers.length; layer++) {
      LayerIndex index = layers[layer];
      if (index != null) {
        copy.layers[layer] = index.fork();
      }
    }
    return copy;
  }

  @Override
  public void close() {
    for (LayerIndex index : layers) {
      if (index != null) {
        index.close();
      }
    }
    blocks.close();
  }
}
