package dev.varve.sidecar.model;

import dev.varve.sdk.wire.WireBlocks;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Encoding;
import dev.varve.store.ModelGeometry;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.Backends;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;

/**
 * Coders of one model's frames, each with memory for one raw block: as many as were ever used at
 * once. Thread-safe.
 */
public final class BlockPool {

  /** A coder and the memory of a raw block, for one thread at a time. */
  public record Bench(WireBlocks blocks, MemorySegment block) {}

  private final ModelGeometry model;
  private final Backend backend = Backends.choose(Optional.empty()).backend();
  private final Queue<Bench> idle = new ConcurrentLinkedQueue<>();

  public BlockPool(ModelGeometry model) {
    this.model = model;
  }

  /**
   * Whether blocks of all layers can be written so.
   *
   * @throws IllegalArgumentException if not: says which layer and why
   */
  public void check(Encoding encoding) {
    with(bench -> {
      bench.blocks.check(encoding);
      return encoding;
    });
  }

  /** Does something with a coder. */
  public <T> T with(Function<Bench, T> use) {
    Bench bench = idle.poll();
    if (bench == null) {
      MemorySegment block = Arena.ofAuto().allocate(model.largestBlock(), BlockGeometry.ALIGNMENT);
      bench = new Bench(new WireBlocks(model, backend), block);
    }
    try {
      return use.apply(bench);
    } finally {
      idle.add(bench);
    }
  }
}
