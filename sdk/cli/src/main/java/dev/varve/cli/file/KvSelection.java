package dev.varve.cli.file;

import dev.varve.cli.file.IndexRanges.Range;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A part of keys and values; what is absent is taken whole.
 *
 * @param layers which layers, in the order in which they are written
 * @param heads one range of KV heads, the same in every layer
 * @param tokens one range of tokens
 */
public record KvSelection(
    Optional<IndexRanges> layers, Optional<IndexRanges> heads, Optional<IndexRanges> tokens) {

  /** Whether everything is meant. */
  public boolean whole() {
    return layers.isEmpty() && heads.isEmpty() && tokens.isEmpty();
  }

  /** The numbers of the layers of {@code of}. */
  List<Integer> layersOf(KvDescription of) {
    int count = of.shape().layerCount();
    return layers
        .map(ranges -> ranges.among(count, "layers"))
        .orElseGet(() -> List.of(new Range(0, count - 1)))
        .stream()
        .flatMapToInt(range -> IntStream.rangeClosed(range.first(), range.last()))
        .boxed()
        .toList();
  }

  /** The KV heads of a layer. */
  Range headsOf(LayerShape layer) {
    int count = layer.kvHeads();
    return heads
        .map(ranges -> ranges.only(count, "heads"))
        .orElseGet(() -> new Range(0, count - 1));
  }

  /** The tokens; none of a context without any. */
  Range tokensOf(KvDescription of) {
    return tokens
        .map(ranges -> ranges.only(of.tokens(), "tokens"))
        .orElseGet(() -> new Range(0, of.tokens() - 1));
  }

  /** What is left of {@code of}: layers, heads and tokens numbered anew from 0. */
  KvDescription applied(KvDescription of) {
    List<LayerShape> shapes = new ArrayList<>();
    for (int number : layersOf(of)) {
      LayerShape layer = of.shape().layers().get(number);
      int kept = headsOf(layer).count();
      shapes.add(
          new LayerShape(
              layer.group() * kept,
              kept,
              layer.keyDim(),
              layer.valueDim(),
              layer.scale(),
              layer.logitSoftCap(),
              layer.rope(),
              layer.window(),
              layer.valueIsPrefixOfKey(),
              java.util.OptionalInt.empty()));
    }
    return new KvDescription(
        new ModelShape(shapes, of.shape().dtype()), tokensOf(of).count(), false, of.model());
  }
}
