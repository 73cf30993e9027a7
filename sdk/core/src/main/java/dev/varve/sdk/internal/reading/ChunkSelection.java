package dev.varve.sdk.internal.reading;

import dev.varve.attention.index.StepQueries;
import dev.varve.attention.select.Selection;
import dev.varve.attention.select.StepSelector;
import dev.varve.sdk.attention.ChosenTokens;
import dev.varve.sdk.attention.SelectionAnswer;
import dev.varve.sdk.attention.SelectionRequest;
import dev.varve.sdk.attention.SelectionService;
import dev.varve.sdk.attention.SelectionUsage;
import dev.varve.sdk.internal.CacheParts;
import dev.varve.sdk.internal.far.ChunkBlocks;
import dev.varve.sdk.internal.far.ClaimedChunks;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Chunk;
import dev.varve.store.ChunkKey;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Chooses among the tokens of claimed chunks: brings the index of their keys up to date, asks it as
 * a session's step would whose queries stand right behind the chunks, and looks at the chosen keys
 * where logits are wanted. Thread-safe; requests for one index wait for each other.
 */
public final class ChunkSelection implements SelectionService {

  private final CacheParts parts;
  private final Runnable checkOpen;
  private final ModelShape model;
  private final IndexShelf shelf;

  /**
   * @param checkOpen throws once the cache is closed
   * @param limitBytes most bytes of indices
   */
  public ChunkSelection(CacheParts parts, Runnable checkOpen, long limitBytes) {
    this.parts = parts;
    this.checkOpen = checkOpen;
    this.model = parts.tiers().geometry().shape();
    this.shelf = new IndexShelf(limitBytes);
  }

  @Override
  public SelectionUsage usage() {
    return shelf.usage();
  }

  /** Drops what was built from chunks that are gone. */
  public void removeIf(Predicate<ChunkKey> gone) {
    shelf.removeIf(chunks -> chunks.stream().anyMatch(gone));
  }

  /** Whether the last of them is stored: what hides a chunk hides those behind it. */
  private boolean stored(List<ChunkKey> chunks) {
    return ClaimedChunks.stored(parts, chunks.getLast());
  }

  @Override
  public SelectionAnswer select(SelectionRequest request, float[] queries) {
    checkOpen.run();
    LayerShape shape = check(request, queries);
    try (ClaimedChunks claimed = ClaimedChunks.of(parts, request.chunks())) {
      if (!claimed.missing().isEmpty()) {
        return new SelectionAnswer.Missing(claimed.missing());
      }
      if (claimed.chunks().isEmpty()) {
        ChosenTokens none = new ChosenTokens(new int[0], new float[0]);
        return new SelectionAnswer.Chosen(List.of(none), 0);
      }
      checkConsecutive(claimed.chunks());
      StepQueries step =
          new StepQueries(shape).set(queries, 0, tokens(claimed.chunks()), request.tokens());
      return select(request, shape, claimed.chunks(), step);
    }
  }

  private LayerShape check(SelectionRequest request, float[] queries) {
    if (request.layer() >= model.layerCount()) {
      throw new IllegalArgumentException(
          "layer must lie between 0 and %d: %d".formatted(model.layerCount() - 1, request.layer()));
    }
    LayerShape shape = model.layers().get(request.layer()).withoutWindow();
    long floats = (long) request.tokens() * shape.queryHeads() * shape.keyDim();
    if (queries.length < floats) {
      throw new IllegalArgumentException(
          "%d query tokens of layer %d are %d floats, %d are given"
              .formatted(request.tokens(), request.layer(), floats, queries.length));
    }
    return shape;
  }

  private static void checkConsecutive(List<Chunk> chunks) {
    for (int i = 1; i < chunks.size(); i++) {
      int end = chunks.get(i - 1).firstToken() + chunks.get(i - 1).tokens();
      if (chunks.get(i).firstToken() != end) {
        throw new IllegalArgumentException(
            "chunks to choose from are consecutive: one ends at %d, the next begins at %d"
                .formatted(end, chunks.get(i).firstToken()));
      }
    }
  }

  private int tokens(List<Chunk> chunks) {
    return Math.multiplyExact(chunks.size(), parts.tiers().geometry().blockTokens());
  }

  private SelectionAnswer select(
      SelectionRequest request, LayerShape shape, List<Chunk> chunks, StepQueries step) {
    int owner = model.ownerOf(request.layer());
    BlockGeometry block = parts.tiers().geometry().block(owner);
    List<ChunkKey> keys = chunks.stream().map(Chunk::key).toList();
    IndexShelf.Taken taken =
        shelf.take(
            request.method().index(),
            request.layer(),
            keys,
            block,
            () -> {
              shelf.removeIf(held -> !stored(held));
              return request.method().policy().index(shape, parts.backend());
            });
    boolean keep = false;
    List<BitSet> sets = new ArrayList<>();
    long scored = 0;
    taken.index().lock.lock();
    try (ChunkBlocks blocks = new ChunkBlocks(parts)) {
      Optional<SelectionAnswer> failure = complete(taken, chunks, owner, blocks);
      keep = !(failure.orElse(null) instanceof SelectionAnswer.NoRoom);
      if (failure.isPresent()) {
        return failure.get();
      }
      StepSelector selector =
          request.method().policy().open(shape, request.layer(), taken.index().index());
      Selection selection = selector.select(step);
      scored = selection.bytesScored();
      for (int set = 0; set < selection.groups(); set++) {
        sets.add((BitSet) selection.set(set).clone());
        sets.get(set).clear(step.firstPosition(), Integer.MAX_VALUE);
      }
    } finally {
      taken.index().lock.unlock();
      shelf.giveBack(taken, keep && stored(keys));
    }
    return new ChosenLogits(parts, request, shape, owner).answer(chunks, step, sets, scored);
  }

  /** Adds the keys that the index lacks; says why it cannot. */
  private Optional<SelectionAnswer> complete(
      IndexShelf.Taken taken, List<Chunk> chunks, int owner, ChunkBlocks blocks) {
    ShelvedIndex index = taken.index();
    int lacking = chunks.size() - index.blocks();
    if (lacking * index.nextBytes() > shelf.limit()) {
      return Optional.of(noRoom(chunks.size() * index.nextBytes()));
    }
    while (index.blocks() < chunks.size()) {
      if (!shelf.grow(taken, index.nextBytes())) {
        return Optional.of(noRoom(index.size() + index.nextBytes()));
      }
      long before = index.size() + index.nextBytes();
      Chunk chunk = chunks.get(index.blocks());
      if (!blocks.show(chunk, owner, index::append)) {
        shelf.grow(taken, -index.nextBytes());
        return Optional.of(new SelectionAnswer.Missing(List.of(chunk.key())));
      }
      if (!shelf.grow(taken, index.size() - before)) {
        return Optional.of(noRoom(index.size()));
      }
    }
    return Optional.empty();
  }

  private SelectionAnswer noRoom(long bytes) {
    return new SelectionAnswer.NoRoom(bytes, shelf.limit());
  }
}
