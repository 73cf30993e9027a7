package dev.varve.sidecar.model;

import dev.varve.sdk.LoadResult;
import dev.varve.sdk.PrefixMatch;
import dev.varve.sdk.wire.BlockTensors;
import dev.varve.store.ChunkKey;
import dev.varve.store.Encoding;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * A stored context that several replies are made of; it is let go when all of them are done. For
 * one thread at a time.
 */
public final class HeldContext {

  private final ServedModel model;
  private final PrefixMatch match;
  private final Runnable released;
  private int users = 1;

  /**
   * Takes over the match, for one user.
   *
   * @param released run when the last user is gone
   */
  public HeldContext(ServedModel model, PrefixMatch match, Runnable released) {
    this.model = model;
    this.match = match;
    this.released = released;
  }

  /** Tokens that are stored. */
  public int tokens() {
    return match.tokens();
  }

  /** Names of the chunks that are stored, in token order. */
  public List<ChunkKey> chunks() {
    return match.chunks();
  }

  /** The model whose context it is. */
  public ServedModel model() {
    return model;
  }

  /** One more user. */
  public void retain() {
    users++;
  }

  /** One user less. */
  public void release() {
    if (--users == 0) {
      match.close();
      released.run();
    }
  }

  /**
   * Reads a block and writes it as a frame.
   *
   * @param use is shown the frame, which is borrowed until it returns
   * @return empty if every copy of the block is lost
   */
  public <T> Optional<T> frame(
      int chunk, int layer, Encoding encoding, Function<MemorySegment, T> use) {
    int from = chunk * model.chunkTokens();
    return model
        .blocks()
        .with(bench ->
            load(chunk, layer, bench.block())
                ? Optional.of(
                    use.apply(bench.blocks().encode(layer, from, encoding, bench.block())))
                : Optional.empty());
  }

  /**
   * Reads a raw block.
   *
   * @param block written whole, at least as long as the block
   * @return false if every copy of the block is lost
   */
  public boolean load(int chunk, int layer, MemorySegment block) {
    int from = chunk * model.chunkTokens();
    int to = from + model.chunkTokens();
    // Padding is no row, so that loading leaves in it what was there.
    block.fill((byte) 0);
    LoadResult loaded =
        match.load(layer, from, to, BlockTensors.of(model.geometry().block(layer), block));
    return loaded instanceof LoadResult.Complete;
  }
}
