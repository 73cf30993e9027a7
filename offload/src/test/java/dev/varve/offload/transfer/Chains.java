package dev.varve.offload.transfer;

import dev.varve.store.ChainKey;
import dev.varve.store.Chunk;
import dev.varve.store.ChunkKey;
import dev.varve.store.ChunkSpan;
import dev.varve.store.Dtype;
import dev.varve.store.Fingerprint;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelGeometry;
import dev.varve.store.ModelShape;
import dev.varve.store.RopeSpec;
import dev.varve.store.Tenant;
import dev.varve.store.Tier;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.SplittableRandom;

/** Chunks that say where they are and hold nothing. */
final class Chains {

  static final int SPAN = 32;
  static final int LAYERS = 3;

  private static final RopeSpec ROPE = RopeSpec.of(16, 10_000, RopeSpec.Pairing.HALVES);
  private static final LayerShape LAYER = LayerShape.grouped(4, 2, 16, ROPE);

  static final ModelShape SHAPE = ModelShape.uniform(LAYERS, LAYER, Dtype.F16);
  static final ModelGeometry PLAIN = ModelGeometry.of(SHAPE, SPAN);
  static final ModelGeometry WINDOWED =
      ModelGeometry.of(
          new ModelShape(
              List.of(
                  LAYER,
                  new LayerShape(4, 2, 16, 16, 0.25f, 0f, ROPE, 40, false, OptionalInt.empty())),
              Dtype.F16),
          SPAN);
  static final Fingerprint MODEL = Fingerprint.of("model", SHAPE, SPAN);

  private Chains() {}

  /** A chunk all of whose blocks are in {@code tier} only. */
  static Chunk chunk(int index, Tier tier) {
    ChainKey root = ChainKey.root(Tenant.NONE, MODEL);
    ChunkKey key = new ChunkKey(Tenant.NONE, MODEL, root.next(new int[] {index}, 0, 1));
    Chunk chunk = new Chunk(key, new ChunkSpan(root, index * SPAN, SPAN, LAYERS));
    for (int layer = 0; layer < LAYERS; layer++) {
      if (tier == Tier.HOT) {
        chunk.placeHot(layer, layer);
      } else {
        chunk.place(layer, tier);
      }
    }
    return chunk;
  }

  /** A table of up to 20 chunks in any tiers. */
  static FetchTable random(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Tier[] tiers = {Tier.HOT, Tier.HOST, Tier.SSD};
    List<Chunk> chain = new ArrayList<>();
    int chunks = random.nextInt(1, 21);
    for (int i = 0; i < chunks; i++) {
      chain.add(chunk(i, tiers[random.nextInt(tiers.length)]));
    }
    return FetchTable.of(chain, PLAIN);
  }
}
