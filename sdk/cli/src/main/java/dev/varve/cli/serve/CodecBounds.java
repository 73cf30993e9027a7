package dev.varve.cli.serve;

import dev.varve.compression.BlockCodec;
import dev.varve.compression.Codecs;
import dev.varve.compression.Encodings;
import dev.varve.compression.ErrorBound;
import dev.varve.compression.Section;
import dev.varve.store.ModelGeometry;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Backend;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What encodings declare of their error, for people. Thread-safe. */
final class CodecBounds {

  private final ModelGeometry geometry;
  private final Map<String, Double> fractions = new ConcurrentHashMap<>();

  CodecBounds(ModelGeometry geometry) {
    this.geometry = geometry;
  }

  /**
   * The larger of both sections' bounds, as a fraction; 0 where every bit comes back, not a number
   * where the encoding declares nothing without its tables.
   */
  double fraction(String encoding) {
    return fractions.computeIfAbsent(encoding, this::open);
  }

  private double open(String encoding) {
    try {
      BlockCodec codec =
          Codecs.open(
              Encodings.parse(encoding), geometry.block(0), RopeSpec.none(), Backend.SCALAR);
      return Math.max(fraction(codec.bound(Section.KEYS)), fraction(codec.bound(Section.VALUES)));
    } catch (IllegalArgumentException e) {
      return Double.NaN;
    }
  }

  private static double fraction(ErrorBound bound) {
    return switch (bound) {
      case ErrorBound.Exact _ -> 0;
      case ErrorBound.OfGroupPeak(double fraction, double _) -> fraction;
      case ErrorBound.OfRowNorm(double fraction, double _) -> fraction;
      case ErrorBound.OfSectionMean(double fraction, double _) -> fraction;
    };
  }
}
