package dev.varve.cli.pack;

import dev.varve.cli.file.KvDescription;
import dev.varve.cli.file.KvSource;
import dev.varve.compression.Section;
import dev.varve.compression.error.AttentionErrorMeter;
import dev.varve.compression.error.AttentionErrorMeter.Cache;
import dev.varve.compression.error.Queries;
import dev.varve.store.Encoding;
import dev.varve.store.LayerShape;
import java.io.IOException;
import java.util.Optional;
import java.util.SplittableRandom;

/** Measures encodings on one layer of a source. Holds the floats of the sample. For one thread. */
final class LayerMeter {

  private static final int SAMPLED_QUERIES = 8;
  private static final double SPREAD = 2;
  private static final long SEED = 0x7a7a_5eed;

  private final KvSource source;
  private final int layer;
  private final int blockTokens;
  private final Sample sample;
  private final BlockSlot slot;
  private final LayerShape shape;
  private final float[] keys;
  private final float[] values;
  private final float[] decodedKeys;
  private final float[] decodedValues;
  private Optional<Queries> queries = Optional.empty();
  private boolean realQueries;
  private boolean loaded;

  LayerMeter(KvSource source, int layer, int blockTokens, Sample sample, BlockSlot slot) {
    KvDescription of = source.description();
    this.source = source;
    this.layer = layer;
    this.blockTokens = blockTokens;
    this.sample = sample;
    this.slot = slot;
    this.shape = of.shape().layers().get(layer);
    this.keys = new float[shape.kvHeads() * sample.tokens() * shape.keyDim()];
    this.values = new float[shape.kvHeads() * sample.tokens() * shape.valueDim()];
    this.decodedKeys = new float[keys.length];
    this.decodedValues = new float[values.length];
  }

  /**
   * Writes and reads the sample.
   *
   * @throws IllegalArgumentException if the encoding cannot write blocks of this shape
   */
  LayerMeasure measure(Encoding encoding) throws IOException {
    slot.check(layer, encoding);
    long bytes = 0;
    long inner = 0;
    int innerBlocks = 0;
    int at = 0;
    for (int i = 0; i < sample.chunks().size(); i++) {
      BlockSlot.Written written = slot.write(layer, sample.chunks().get(i), encoding);
      long stored = StoredSize.ofBlock(written.payload().byteSize());
      bytes += stored;
      if (i > 0 && i < sample.chunks().size() - 1) {
        inner += stored;
        innerBlocks++;
      }
      load(written.tokens(), at);
      at += written.tokens();
    }
    loaded = true;
    bytes += innerBlocks == 0 ? 0 : sample.skipped() * inner / innerBlocks;
    return new LayerMeasure(
        layer,
        encoding,
        bytes,
        new AttentionErrorMeter(shape)
            .measure(
                new Cache(keys, values),
                new Cache(decodedKeys, decodedValues),
                sample.tokens(),
                queries()),
        realQueries);
  }

  private void load(int tokens, int at) {
    int stride = sample.tokens();
    if (!loaded) {
      slot.loadExact(Section.KEYS, layer, tokens, keys, stride, at);
      slot.loadExact(Section.VALUES, layer, tokens, values, stride, at);
    }
    slot.loadDecoded(Section.KEYS, layer, tokens, decodedKeys, stride, at);
    slot.loadDecoded(Section.VALUES, layer, tokens, decodedValues, stride, at);
  }

  private Queries queries() throws IOException {
    if (queries.isEmpty()) {
      queries = NewestQueries.of(source, layer, sample, blockTokens);
      realQueries = queries.isPresent();
      if (queries.isEmpty()) {
        queries =
            Optional.of(
                Queries.sampled(
                    shape,
                    keys,
                    sample.tokens(),
                    SAMPLED_QUERIES,
                    SPREAD,
                    new SplittableRandom(SEED)));
      }
    }
    return queries.orElseThrow();
  }
}
