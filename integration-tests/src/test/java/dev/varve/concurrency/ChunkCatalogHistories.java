package dev.varve.concurrency;

import dev.varve.store.ChainKey;
import dev.varve.store.Chunk;
import dev.varve.store.ChunkCatalog;
import dev.varve.store.ChunkKey;
import dev.varve.store.ChunkSpan;
import dev.varve.store.Dtype;
import dev.varve.store.Fingerprint;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import dev.varve.store.RopeSpec;
import dev.varve.store.Tenant;
import dev.varve.store.Tier;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.ThreadIdGen;
import org.jspecify.annotations.Nullable;

/**
 * One chunk of two layers, which threads enter, claim, make hot, let go of, and forget: it rests
 * and wakes all the time.
 */
@Param(name = "thread", gen = ThreadIdGen.class)
public class ChunkCatalogHistories {

  private static final int THREADS = 8;
  private static final int LAYERS = 2;
  private static final Fingerprint MODEL =
      Fingerprint.of(
          "model",
          ModelShape.uniform(LAYERS, LayerShape.grouped(1, 1, 8, RopeSpec.none()), Dtype.F16),
          32);
  private static final ChainKey ROOT = ChainKey.root(Tenant.NONE, MODEL);
  private static final ChunkKey KEY =
      new ChunkKey(Tenant.NONE, MODEL, ROOT.next(new int[] {1}, 0, 1));

  private final ChunkCatalog catalog = new ChunkCatalog();
  private final List<Deque<Chunk>> claims = new ArrayList<>();

  public ChunkCatalogHistories() {
    for (int thread = 0; thread < THREADS; thread++) {
      claims.add(new ArrayDeque<>());
    }
  }

  @Operation
  public void enter(@Param(name = "thread") int thread) {
    claims.get(thread).add(catalog.claimOrAdd(new Chunk(KEY, new ChunkSpan(ROOT, 0, 32, LAYERS))));
  }

  @Operation
  public boolean claim(@Param(name = "thread") int thread) {
    @Nullable Chunk chunk = catalog.claim(KEY);
    if (chunk != null) {
      claims.get(thread).add(chunk);
    }
    return chunk != null;
  }

  @Operation
  public void letGo(@Param(name = "thread") int thread) {
    @Nullable Chunk chunk = claims.get(thread).poll();
    if (chunk != null) {
      chunk.unclaim();
    }
  }

  @Operation
  public boolean forget() {
    @Nullable Chunk chunk = catalog.peek(KEY);
    return chunk != null && catalog.forget(chunk);
  }

  /** The chunk is in two places afterwards: while one layer is hot it stays awake. */
  @Operation
  public void placeOnSsd(@Param(name = "thread") int thread) {
    @Nullable Chunk chunk = claims.get(thread).peek();
    if (chunk != null) {
      chunk.place(0, Tier.SSD);
    }
  }

  @Operation
  public boolean placeHot(@Param(name = "thread") int thread) {
    @Nullable Chunk chunk = claims.get(thread).peek();
    return chunk != null && chunk.placeHot(1, 7);
  }

  @Operation
  public void dropHot(@Param(name = "thread") int thread) {
    @Nullable Chunk chunk = claims.get(thread).peek();
    if (chunk != null) {
      chunk.dropHot(1, 7);
    }
  }

  @Operation
  public boolean onSsd(@Param(name = "thread") int thread) {
    @Nullable Chunk chunk = claims.get(thread).peek();
    return chunk != null && chunk.in(Tier.SSD, 0);
  }

  @Operation
  public boolean hot(@Param(name = "thread") int thread) {
    @Nullable Chunk chunk = claims.get(thread).peek();
    return chunk != null && chunk.hotHandle(1) == 7;
  }
}
