package dev.varve.cli.pack;

import dev.varve.cli.CommandFailure;
import dev.varve.cli.ExitCode;
import dev.varve.cli.file.KvDescription;
import dev.varve.cli.file.KvSource;
import dev.varve.compression.Section;
import dev.varve.compression.error.AttentionError;
import dev.varve.compression.error.AttentionErrorMeter;
import dev.varve.compression.error.AttentionErrorMeter.Cache;
import dev.varve.compression.error.Queries;
import dev.varve.store.LayerShape;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DtypeKernel;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;

/** Compares the keys and values of two sources of the same shape, span by span. For one thread. */
public final class Difference {

  private final KvSource exact;
  private final KvSource other;
  private final int sampleTokens;
  private final Backend backend;

  /**
   * A comparison.
   *
   * @param exact what errors are relative to, and whose queries count first
   * @param sampleTokens tokens on which attention is compared
   * @throws CommandFailure if the two have another shape, with the reason
   */
  public Difference(KvSource exact, KvSource other, int sampleTokens, Backend backend) {
    this.exact = exact;
    this.other = other;
    this.sampleTokens = sampleTokens;
    this.backend = backend;
    check(exact.description(), other.description());
  }

  private static void check(KvDescription one, KvDescription two) {
    boolean alike =
        one.tokens() == two.tokens() && one.shape().layerCount() == two.shape().layerCount();
    for (int layer = 0; alike && layer < one.shape().layerCount(); layer++) {
      LayerShape a = one.shape().layers().get(layer);
      LayerShape b = two.shape().layers().get(layer);
      alike =
          a.kvHeads() == b.kvHeads() && a.keyDim() == b.keyDim() && a.valueDim() == b.valueDim();
    }
    if (!alike) {
      throw new CommandFailure(
          ExitCode.NO,
          "the first holds %s, the second %s: only files of one shape can be compared"
              .formatted(one.summary(), two.summary()));
    }
  }

  /**
   * Compares all layers.
   *
   * @param progress hears how many bytes of the first are done
   */
  public List<LayerDifference> run(LongConsumer progress) throws IOException {
    KvDescription of = exact.description();
    List<LayerDifference> layers = new ArrayList<>();
    long done = 0;
    for (int layer = 0; layer < of.shape().layerCount(); layer++) {
      SectionError keys = compare(layer, Section.KEYS, done, progress);
      done += of.tokens() * of.tokenBytes(layer, Section.KEYS);
      SectionError values = compare(layer, Section.VALUES, done, progress);
      done += of.tokens() * of.tokenBytes(layer, Section.VALUES);
      layers.add(difference(layer, keys, values));
    }
    return layers;
  }

  private SectionError compare(int layer, Section section, long before, LongConsumer progress)
      throws IOException {
    SectionError error = new SectionError();
    int tokens = exact.description().tokens();
    for (long at = 0; at < tokens; at += other.span()) {
      int first = (int) at;
      int count = Math.min(other.span(), tokens - first);
      error.add(
          rows(exact, layer, section, first, count), rows(other, layer, section, first, count));
      progress.accept(before + (first + count) * exact.description().tokenBytes(layer, section));
    }
    return error;
  }

  private LayerDifference difference(int layer, SectionError keys, SectionError values)
      throws IOException {
    boolean differs = keys.different() + values.different() > 0;
    Optional<AttentionError> attention = differs ? attention(layer) : Optional.empty();
    return new LayerDifference(
        layer,
        LayerDifference.SectionDifference.of(keys),
        LayerDifference.SectionDifference.of(values),
        attention.map(AttentionError::logits),
        attention.map(AttentionError::output));
  }

  private Optional<AttentionError> attention(int layer) throws IOException {
    int tokens = exact.description().tokens();
    int span = other.span();
    Sample sample = Sample.of(tokens, span, sampleTokens);
    Optional<Queries> queries = NewestQueries.of(exact, layer, sample, span);
    if (queries.isEmpty()) {
      queries = NewestQueries.of(other, layer, sample, span);
    }
    if (queries.isEmpty()) {
      return Optional.empty();
    }
    KvSource told = exact.description().complete() ? exact : other;
    LayerShape shape = told.description().shape().layers().get(layer);
    return Optional.of(
        new AttentionErrorMeter(shape)
            .measure(
                cache(exact, layer, sample, span),
                cache(other, layer, sample, span),
                sample.tokens(),
                queries.get()));
  }

  private Cache cache(KvSource source, int layer, Sample sample, int span) throws IOException {
    return new Cache(
        sampled(source, layer, Section.KEYS, sample, span),
        sampled(source, layer, Section.VALUES, sample, span));
  }

  private float[] sampled(KvSource source, int layer, Section section, Sample sample, int span)
      throws IOException {
    KvDescription of = source.description();
    int dim = of.dim(layer, section);
    int heads = of.shape().layers().get(layer).kvHeads();
    float[] all = new float[heads * sample.tokens() * dim];
    int at = 0;
    for (int chunk : sample.chunks()) {
      int first = chunk * span;
      int count = Math.min(span, of.tokens() - first);
      float[] rows = rows(source, layer, section, first, count);
      for (int head = 0; head < heads; head++) {
        System.arraycopy(
            rows, head * count * dim, all, (head * sample.tokens() + at) * dim, count * dim);
      }
      at += count;
    }
    return all;
  }

  private float[] rows(KvSource source, int layer, Section section, int first, int tokens)
      throws IOException {
    KvDescription of = source.description();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory =
          arena.allocate(Math.max(1, tokens * of.tokenBytes(layer, section)), Long.BYTES);
      source.read(layer, section, Spans.dense(of, layer, section, first, tokens, memory));
      float[] values =
          new float[(int) (tokens * of.tokenBytes(layer, section) / of.shape().dtype().bytes())];
      DtypeKernel.of(backend, of.shape().dtype()).load(memory, 0, values, 0, values.length);
      return values;
    }
  }
}
