package dev.varve.sdk.internal;

import dev.varve.store.Chunk;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelGeometry;
import dev.varve.store.ModelShape;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;

/** Which blocks of a prefix the next token reads: a layer with a window reads its last ones. */
final class NeededBlocks {

  private final int blockTokens;
  private final int[] owners;
  private final List<LayerShape> widest = new ArrayList<>();

  NeededBlocks(ModelGeometry geometry) {
    ModelShape shape = geometry.shape();
    this.blockTokens = geometry.blockTokens();
    this.owners = new int[geometry.owningLayers()];
    for (int layer = 0; layer < shape.layerCount(); layer++) {
      if (shape.owns(layer)) {
        owners[widest.size()] = layer;
        widest.add(widestReader(shape, layer));
      }
    }
  }

  /** Of the layers that read the blocks of {@code owner} the one that looks back farthest. */
  private static LayerShape widestReader(ModelShape shape, int owner) {
    LayerShape widest = shape.layers().get(owner);
    for (int layer = owner; layer < shape.layerCount(); layer++) {
      LayerShape reader = shape.layers().get(layer);
      boolean farther =
          reader.firstVisible(Integer.MAX_VALUE) < widest.firstVisible(Integer.MAX_VALUE);
      if (farther && shape.ownerOf(layer) == owner) {
        widest = reader;
      }
    }
    return widest;
  }

  /** The layers, rising, whose block of chunk {@code at} the token after {@code chunks} reads. */
  List<Integer> layers(int at, int chunks) {
    return IntStream.range(0, owners.length)
        .filter(owner -> at >= first(owner, chunks))
        .mapToObj(owner -> owners[owner])
        .toList();
  }

  /** The first chunk that a token right after {@code chunks} chunks reads. */
  private int first(int owner, int chunks) {
    return widest.get(owner).firstVisible(chunks * blockTokens - 1) / blockTokens;
  }

  /** Whether some tier holds every block of {@code chunk}. */
  boolean whole(Chunk chunk) {
    for (int layer : owners) {
      if (!chunk.anywhere(layer)) {
        return false;
      }
    }
    return true;
  }

  /** The longest front of {@code chain} of which some tier holds every block that is needed. */
  int longestWhole(List<Chunk> chain) {
    BitSet broken = new BitSet();
    for (int owner = 0; owner < owners.length; owner++) {
      int held = 0;
      for (int chunks = 1; chunks <= chain.size(); chunks++) {
        held = chain.get(chunks - 1).anywhere(owners[owner]) ? held + 1 : 0;
        if (held < chunks - first(owner, chunks)) {
          broken.set(chunks);
        }
      }
    }
    return Math.max(0, broken.previousClearBit(chain.size()));
  }
}
