package dev.varve.cli.serve;

import dev.varve.cli.text.ByteSize;
import dev.varve.offload.transfer.PrefillCost;
import dev.varve.store.Encoding;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import dev.varve.store.RopeSpec;
import java.util.List;
import java.util.Optional;

/**
 * A model as the file of models describes it.
 *
 * @param name that clients use
 * @param revision tells apart weights of the same name
 * @param shape layers and element type
 * @param chunkTokens tokens of a chunk
 * @param hot memory that blocks pass through
 * @param host tier below it
 * @param ssd tier below that, where the server has a folder for it
 * @param index memory for indices of its contexts
 * @param levels encodings that a stream may choose from
 * @param lmcache how LMCache's values are stored; empty for as they are
 * @param encodings how the tiers write blocks; empty for raw
 * @param quota most bytes of a tenant
 * @param prefill what the engine's prefill takes
 */
public record ModelLine(
    String name,
    String revision,
    ModelShape shape,
    int chunkTokens,
    ByteSize hot,
    ByteSize host,
    ByteSize ssd,
    ByteSize index,
    List<Encoding> levels,
    Optional<Encoding> lmcache,
    String encodings,
    Optional<ByteSize> quota,
    Optional<PrefillCost> prefill) {

  public ModelLine {
    levels = List.copyOf(levels);
  }

  /** Layers that are all alike. */
  static ModelShape shape(ModelWords words) {
    int kvHeads = words.integer("kv-heads");
    int headDim = words.integer("head-dim");
    RopeSpec rope =
        words
            .decimal("rope-theta")
            .map(theta -> RopeSpec.of(headDim, theta, RopeSpec.Pairing.HALVES))
            .orElse(RopeSpec.none());
    int queryHeads = words.integer("query-heads", kvHeads);
    LayerShape layer = LayerShape.grouped(queryHeads, kvHeads, headDim, rope);
    return ModelShape.uniform(words.integer("layers"), layer, words.dtype());
  }
}
