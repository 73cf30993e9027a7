package dev.varve.cli.pack;

import dev.varve.cli.file.KvSource;
import dev.varve.compression.Codecs;
import dev.varve.compression.Encodings;
import dev.varve.compression.error.AttentionError;
import dev.varve.store.Encoding;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;

/**
 * Finds an encoding for each layer. Every encoding that can write a layer is measured on it once,
 * but for those that predict it from another layer; then layers step down from exact to smaller
 * encodings, always where a saved byte costs the least error, until the bytes suffice. For one
 * thread.
 */
public final class PlanSearch {

  private final KvSource source;
  private final PackOptions options;
  private final Protection protection;
  private final List<List<LayerMeasure>> measures = new ArrayList<>();

  /** A search for {@code source}. */
  public PlanSearch(KvSource source, PackOptions options, Protection protection) {
    this.source = source;
    this.options = options;
    this.protection = protection;
  }

  /**
   * A plan.
   *
   * @param encodings one for each layer
   * @param bytes of all blocks in a container, estimated
   * @param error largest error of a layer
   */
  public record Found(List<Encoding> encodings, long bytes, double error) {}

  /**
   * Measures all candidates.
   *
   * @param progress hears how many layers are done
   */
  public void measure(IntConsumer progress) throws IOException {
    int layers = source.description().shape().layerCount();
    if (source.description().tokens() == 0) {
      AttentionError none = new AttentionError(0, 0, 0, 0, 0);
      for (int layer = 0; layer < layers; layer++) {
        measures.add(List.of(new LayerMeasure(layer, BlockSlot.EXACT, 0, none, false)));
      }
      return;
    }
    Sample sample =
        Sample.of(source.description().tokens(), options.blockTokens(), options.sampleTokens());
    for (int layer = 0; layer < layers; layer++) {
      try (Arena arena = Arena.ofShared()) {
        BlockSlot slot = new BlockSlot(source, options, List.of(), arena);
        LayerMeter meter = new LayerMeter(source, layer, options.blockTokens(), sample, slot);
        measures.add(measured(layer, layers, meter));
      }
      progress.accept(layer + 1);
    }
  }

  private List<LayerMeasure> measured(int layer, int layers, LayerMeter meter) throws IOException {
    List<LayerMeasure> found = new ArrayList<>();
    for (Encoding encoding : Encodings.known().values()) {
      if (encoding.equals(Encoding.RAW)
          || Codecs.dependent(encoding)
          || !allowed(encoding, layer, layers)
          || options.tables().lacking(encoding, layer, source.description()).isPresent()) {
        continue;
      }
      Optional<LayerMeasure> measure = measured(encoding, meter);
      measure.ifPresent(found::add);
    }
    return frontier(found);
  }

  private boolean allowed(Encoding encoding, int layer, int layers) {
    return !protection.covers(layer, layers)
        || Protection.enough(encoding, source.description().shape(), layer, options.blockTokens());
  }

  private static Optional<LayerMeasure> measured(Encoding encoding, LayerMeter meter)
      throws IOException {
    try {
      return Optional.of(meter.measure(encoding));
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // its groups do not divide these rows
    }
  }

  /**
   * Those that no other beats in both bytes and error, and the exact one, from the largest to the
   * smallest.
   */
  private static List<LayerMeasure> frontier(List<LayerMeasure> all) {
    List<LayerMeasure> sorted = new ArrayList<>(all);
    sorted.sort(
        Comparator.comparingLong(LayerMeasure::bytes).thenComparingDouble(LayerMeasure::judged));
    List<LayerMeasure> kept = new ArrayList<>();
    double best = Double.POSITIVE_INFINITY;
    for (LayerMeasure measure : sorted) {
      if (measure.judged() < best || measure.encoding().exact()) {
        kept.add(measure);
        best = measure.judged();
      }
    }
    return new ArrayList<>(kept.reversed());
  }

  /** The smallest encoding of each layer whose error is at most {@code limit}. */
  public Found smallest(double limit) {
    List<LayerMeasure> plan = new ArrayList<>();
    for (List<LayerMeasure> layer : measures) {
      LayerMeasure chosen = layer.getFirst();
      for (LayerMeasure measure : layer) {
        chosen = measure.judged() <= limit ? measure : chosen;
      }
      plan.add(chosen);
    }
    return found(plan);
  }

  /**
   * The plan of the least error in a file of {@code most} bytes, of which {@code overhead} are not
   * blocks, no layer above {@code limit}; the smallest such plan if any size is right; none if even
   * that takes more.
   */
  public Optional<Found> within(long most, long overhead, double limit) {
    if (most == Long.MAX_VALUE) {
      return Optional.of(smallest(limit));
    }
    long budget = most - overhead;
    int[] at = new int[measures.size()];
    while (true) {
      List<LayerMeasure> plan = new ArrayList<>();
      for (int layer = 0; layer < at.length; layer++) {
        plan.add(measures.get(layer).get(at[layer]));
      }
      Found found = found(plan);
      if (found.bytes <= budget) {
        return Optional.of(found);
      }
      if (!step(at, limit)) {
        return Optional.empty();
      }
    }
  }

  /**
   * Holds what came of a plan against a limit, where the whole file tells it: keys are compared in
   * every block, attention output only on the sample. A measure that was too good is replaced.
   *
   * @param exact whether a layer that was above the limit is to be written exactly from now on
   * @return whether no layer was above the limit
   */
  boolean correct(List<LayerReport> reports, double limit, boolean exact) {
    boolean bound = true;
    for (LayerReport report : reports) {
      List<LayerMeasure> choices = measures.get(report.layer());
      boolean judgedByKeys = choices.stream().noneMatch(LayerMeasure::realQueries);
      if (judgedByKeys && report.keyError() > limit) {
        bound = false;
        choices.removeIf(measure ->
            exact
                ? !measure.encoding().exact()
                : Encodings.name(measure.encoding()).equals(report.codec()));
      }
    }
    return bound;
  }

  /** Bytes of all blocks under a plan of this search, estimated. */
  public long bytes(List<Encoding> plan) {
    long sum = 0;
    for (int layer = 0; layer < plan.size(); layer++) {
      Encoding encoding = plan.get(layer);
      sum +=
          measures.get(layer).stream()
              .filter(measure -> measure.encoding().equals(encoding))
              .mapToLong(LayerMeasure::bytes)
              .findFirst()
              .orElseThrow();
    }
    return sum;
  }

  /** Takes the step that costs the least error by saved byte. */
  private boolean step(int[] at, double limit) {
    double least = Double.POSITIVE_INFINITY;
    int bestLayer = -1;
    int bestTo = -1;
    for (int layer = 0; layer < at.length; layer++) {
      List<LayerMeasure> choices = measures.get(layer);
      LayerMeasure now = choices.get(at[layer]);
      for (int to = at[layer] + 1; to < choices.size(); to++) {
        LayerMeasure next = choices.get(to);
        double cost = (next.judged() - now.judged()) / (now.bytes() - next.bytes());
        if (next.judged() <= limit && cost < least) {
          least = cost;
          bestLayer = layer;
          bestTo = to;
        }
      }
    }
    if (bestLayer < 0) {
      return false;
    }
    at[bestLayer] = bestTo;
    return true;
  }

  private static Found found(List<LayerMeasure> plan) {
    return new Found(
        plan.stream().map(LayerMeasure::encoding).toList(),
        plan.stream().mapToLong(LayerMeasure::bytes).sum(),
        plan.stream().mapToDouble(LayerMeasure::judged).max().orElse(0));
  }
}
