package dev.varve.compression.container;

import dev.varve.store.BlockGeometry;
import dev.varve.store.ChainKey;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import java.util.List;
import java.util.Optional;

/**
 * What a container says of itself before its blocks.
 *
 * @param shape layers and original element type
 * @param chunkTokens tokens of a full block, a multiple of 32 up to 4,096
 * @param tokens tokens of the context; the last chunk may be short
 * @param positionBase position of the first token
 * @param createdMillis when it was written, in milliseconds since 1970 UTC; 0 for not said
 * @param alignment records begin at multiples of it: a power of two from 64 to 65,536
 * @param model whose keys and values
 * @param source the file that was compressed
 * @param tokenIds ids of all tokens, if they are told
 * @param chain the key of each chunk, if they are told: one for each, or none
 * @param plan levels, and encodings by layer
 */
public record ContainerHeader(
    ModelShape shape,
    int chunkTokens,
    long tokens,
    long positionBase,
    long createdMillis,
    int alignment,
    ModelIdentity model,
    SourceDescription source,
    Optional<TokenIds> tokenIds,
    List<ChainKey> chain,
    EncodingPlan plan) {

  /** Tokens of a block unless the writer chooses: as in the tiers. */
  public static final int DEFAULT_CHUNK_TOKENS = BlockGeometry.DEFAULT_TOKENS;

  /** Where records begin unless the writer chooses: pages of memory and of an SSD. */
  public static final int DEFAULT_ALIGNMENT = 4096;

  /** Most tokens of a context, position base included: positions are 32-bit in blocks. */
  public static final long MAX_TOKENS = Integer.MAX_VALUE;

  public ContainerHeader {
    chain = List.copyOf(chain);
    if (tokens < 0 || positionBase < 0 || tokens > MAX_TOKENS - positionBase) {
      throw new IllegalArgumentException(
          "%d tokens from position %d on: positions must lie between 0 and %d"
              .formatted(tokens, positionBase, MAX_TOKENS));
    }
    if (Integer.bitCount(alignment) != 1 || alignment < 64 || alignment > 65_536) {
      throw new IllegalArgumentException(
          "alignment must be a power of two between 64 and 65536: " + alignment);
    }
    for (LayerShape layer : shape.layers()) {
      BlockGeometry.of(layer, shape.dtype(), chunkTokens);
    }
    if (tokenIds.isPresent() && tokenIds.get().count() != tokens) {
      throw new IllegalArgumentException(
          "%d token ids for %d tokens".formatted(tokenIds.get().count(), tokens));
    }
    int chunks = Math.toIntExact((tokens + chunkTokens - 1) / chunkTokens);
    if (!chain.isEmpty() && chain.size() != chunks) {
      throw new IllegalArgumentException(
          "%d chain keys for %d chunks".formatted(chain.size(), chunks));
    }
    if (!plan.encodings().isEmpty() && plan.encodings().size() != shape.layerCount()) {
      throw new IllegalArgumentException(
          "the plan is of %d layers, the shape has %d"
              .formatted(plan.encodings().size(), shape.layerCount()));
    }
  }

  /** The least that a container needs; more is added by the other methods. */
  public static ContainerHeader of(ModelShape shape, int chunkTokens, long tokens) {
    return new ContainerHeader(
        shape,
        chunkTokens,
        tokens,
        0,
        0,
        DEFAULT_ALIGNMENT,
        ModelIdentity.UNKNOWN,
        SourceDescription.NONE,
        Optional.empty(),
        List.of(),
        EncodingPlan.NONE);
  }

  /** Chunks of the context. */
  public int chunks() {
    return Math.toIntExact((tokens + chunkTokens - 1) / chunkTokens);
  }

  /** Tokens that {@code chunk} holds. */
  public int tokensOf(int chunk) {
    return (int) Math.min(chunkTokens, tokens - (long) chunk * chunkTokens);
  }

  /** Position of the first token of {@code chunk}. */
  public int positionOf(int chunk) {
    return Math.toIntExact(positionBase + (long) chunk * chunkTokens);
  }

  /** The uncompressed blocks of {@code layer}. */
  public BlockGeometry geometry(int layer) {
    return BlockGeometry.of(shape.layers().get(layer), shape.dtype(), chunkTokens);
  }

  /** The same, written at this time. */
  public ContainerHeader createdAt(long millis) {
    return new ContainerHeader(
        shape,
        chunkTokens,
        tokens,
        positionBase,
        millis,
        alignment,
        model,
        source,
        tokenIds,
        chain,
        plan);
  }

  /** The same with the first token at this position. */
  public ContainerHeader from(long position) {
    return new ContainerHeader(
        shape,
        chunkTokens,
        tokens,
        position,
        createdMillis,
        alignment,
        model,
        source,
        tokenIds,
        chain,
        plan);
  }

  /** The same with records at multiples of {@code newAlignment}. */
  public ContainerHeader alignedTo(int newAlignment) {
    return new ContainerHeader(
        shape,
        chunkTokens,
        tokens,
        positionBase,
        createdMillis,
        newAlignment,
        model,
        source,
        tokenIds,
        chain,
        plan);
  }

  /** The same of this model. */
  public ContainerHeader of(ModelIdentity newModel) {
    return new ContainerHeader(
        shape,
        chunkTokens,
        tokens,
        positionBase,
        createdMillis,
        alignment,
        newModel,
        source,
        tokenIds,
        chain,
        plan);
  }

  /** The same from this file. */
  public ContainerHeader from(SourceDescription newSource) {
    return new ContainerHeader(
        shape,
        chunkTokens,
        tokens,
        positionBase,
        createdMillis,
        alignment,
        model,
        newSource,
        tokenIds,
        chain,
        plan);
  }

  /** The same with these ids. */
  public ContainerHeader withTokens(TokenIds ids) {
    return new ContainerHeader(
        shape,
        chunkTokens,
        tokens,
        positionBase,
        createdMillis,
        alignment,
        model,
        source,
        Optional.of(ids),
        chain,
        plan);
  }

  /** The same with a key for each chunk. */
  public ContainerHeader withChain(List<ChainKey> keys) {
    return new ContainerHeader(
        shape,
        chunkTokens,
        tokens,
        positionBase,
        createdMillis,
        alignment,
        model,
        source,
        tokenIds,
        keys,
        plan);
  }

  /** The same with this plan. */
  public ContainerHeader planned(EncodingPlan newPlan) {
    return new ContainerHeader(
        shape,
        chunkTokens,
        tokens,
        positionBase,
        createdMillis,
        alignment,
        model,
        source,
        tokenIds,
        chain,
        newPlan);
  }
}
