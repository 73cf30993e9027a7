package dev.varve.offload;

import dev.varve.store.hot.HotPool;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Far blocks that one step is about to read, in the order of need, and the hot slots that some of
 * them have been copied to already. The step's thread {@linkplain #expect names} and {@linkplain
 * #take takes} blocks; whoever steps the {@link Prefetcher} fills. A block that is not there in
 * time is left to the step, so a step never waits for another block than the one it asked for.
 */
public final class ReadAhead implements AutoCloseable {

  private enum State {
    WAITING,
    READING,
    READY,
    ABANDONED
  }

  private static final class Block {
    private State state = State.WAITING;
    private long slot = HotPool.NO_SLOT;
  }

  private final Prefetcher prefetcher;
  private final HotPool hot;
  private final int limit;
  private final Map<Place, Block> blocks = new LinkedHashMap<>();
  private int slots;
  private boolean entered;

  ReadAhead(Prefetcher prefetcher, HotPool hot, int limit) {
    this.prefetcher = prefetcher;
    this.hot = hot;
    this.limit = limit;
  }

  /** Whether blocks are read ahead at all. */
  public boolean enabled() {
    return limit > 0;
  }

  /** Blocks that will be needed, after those named before. */
  public void expect(Iterable<Place> places) {
    if (!enabled()) {
      return;
    }
    synchronized (this) {
      for (Place place : places) {
        blocks.putIfAbsent(place, new Block());
      }
      entered = true;
      prefetcher.enter(this);
    }
  }

  /**
   * Takes over the slot that {@code place} was copied to; blocks named before it are not needed any
   * more. Waits if it is being read just now.
   *
   * @return a filled slot for the caller to discard, or {@link HotPool#NO_SLOT} if the caller has
   *     to read the block itself
   */
  public synchronized long take(Place place) {
    Block block = blocks.get(place);
    if (block == null) {
      return HotPool.NO_SLOT;
    }
    dropBefore(block);
    blocks.remove(place);
    boolean interrupted = false;
    while (block.state == State.READING) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (block.state != State.READY) {
      return HotPool.NO_SLOT;
    }
    slots--;
    return block.slot;
  }

  private void dropBefore(Block block) {
    Iterator<Block> earlier = blocks.values().iterator();
    while (earlier.hasNext()) {
      Block dropped = earlier.next();
      if (dropped == block) {
        return;
      }
      drop(dropped);
      earlier.remove();
    }
  }

  private void drop(Block block) {
    if (block.state == State.READY) {
      hot.discard(block.slot);
      slots--;
    }
    block.state = State.ABANDONED;
  }

  /** Forgets all blocks and gives their slots back, that of a block being read once it was. */
  public synchronized void clear() {
    if (entered) {
      blocks.values().forEach(this::drop);
      blocks.clear();
      prefetcher.leave(this);
      entered = false;
    }
  }

  /** The same as {@link #clear}. */
  @Override
  public void close() {
    clear();
  }

  /** Reads the next block if a slot may be taken for it; false if there was nothing to do. */
  boolean step() {
    Map.@Nullable Entry<Place, Block> next = begin();
    if (next == null) {
      return false;
    }
    boolean filled = false;
    try {
      filled = prefetcher.read(next.getKey(), next.getValue().slot);
    } finally {
      end(next.getValue(), filled);
    }
    return true;
  }

  private synchronized Map.@Nullable Entry<Place, Block> begin() {
    if (slots == limit) {
      return null;
    }
    for (Map.Entry<Place, Block> entry : blocks.entrySet()) {
      Block block = entry.getValue();
      if (block.state == State.WAITING) {
        block.slot = prefetcher.freeSlot();
        if (block.slot == HotPool.NO_SLOT) {
          return null;
        }
        block.state = State.READING;
        slots++;
        return Map.entry(entry.getKey(), block);
      }
    }
    return null;
  }

  private synchronized void end(Block block, boolean filled) {
    if (block.state == State.READING && filled) {
      block.state = State.READY;
    } else {
      hot.discard(block.slot);
      slots--;
      block.state = State.ABANDONED;
    }
    notifyAll();
  }
}
