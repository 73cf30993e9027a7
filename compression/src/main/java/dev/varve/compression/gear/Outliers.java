package dev.varve.compression.gear;

import dev.varve.compression.Section;
import dev.varve.compression.SectionFloats;
import dev.varve.compression.SectionShape;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DtypeKernel;
import dev.varve.store.kernel.DtypeLayouts;
import java.lang.foreign.MemorySegment;

/**
 * Where outliers are stored. Each vector has the same number of them, ascending by place: the place
 * in 16 bits, then the element in the type of the block. Vectors of keys are {@code [heads][dim]}
 * with places in the tokens, vectors of values {@code [tokens]} with places in {@code heads * dim}.
 */
final class Outliers {
  private final SectionShape shape;
  private final int entryBytes;
  private final DtypeKernel kernel;
  private final float[] element = new float[1];

  Outliers(SectionShape shape) {
    this.shape = shape;
    this.entryBytes = entryBytes(shape);
    this.kernel = DtypeKernel.of(Backend.SCALAR, shape.dtype());
  }

  /** What is done with an outlier that was read. */
  interface Visitor {
    void outlier(int head, int token, int channel, float value);
  }

  /** Bytes of one outlier. */
  static int entryBytes(SectionShape shape) {
    return Short.BYTES + shape.dtype().bytes();
  }

  /** Vectors of {@code tokens} tokens. */
  int vectors(int tokens) {
    return shape.section() == Section.KEYS ? shape.channels() : tokens;
  }

  /** Bytes of all outliers of {@code tokens} tokens. */
  long bytes(int tokens, int perVector) {
    return (long) vectors(tokens) * perVector * entryBytes;
  }

  /** Takes the outliers out of {@code floats} and writes them from {@code offset}. */
  void extract(SectionFloats floats, OutlierFilter filter, MemorySegment target, long offset) {
    int length = GearFormat.vectorLength(shape, floats.tokens());
    float[] vector = new float[length];
    long at = offset;
    for (int v = 0; v < vectors(floats.tokens()); v++) {
      for (int i = 0; i < length; i++) {
        vector[i] = floats.values()[index(floats, v, i)];
      }
      filter.filter(vector, length);
      for (int k = 0; k < filter.places().length; k++) {
        target.set(DtypeLayouts.SHORT, at, (short) filter.places()[k]);
        element[0] = filter.entries()[k];
        kernel.store(element, 0, 1, target, at + Short.BYTES);
        at += entryBytes;
        floats.values()[index(floats, v, filter.places()[k])] = vector[filter.places()[k]];
      }
    }
  }

  /** Reads all outliers; false, and nothing visited from there on, where a place lies outside. */
  boolean visit(MemorySegment source, long offset, int tokens, int perVector, Visitor visitor) {
    int length = GearFormat.vectorLength(shape, tokens);
    boolean keys = shape.section() == Section.KEYS;
    long at = offset;
    for (int v = 0; v < vectors(tokens); v++) {
      for (int k = 0; k < perVector; k++) {
        int place = Short.toUnsignedInt(source.get(DtypeLayouts.SHORT, at));
        if (place >= length) {
          return false;
        }
        kernel.load(source, at + Short.BYTES, element, 0, 1);
        at += entryBytes;
        int channel = keys ? v : place;
        int token = keys ? place : v;
        visitor.outlier(channel / shape.dim(), token, channel % shape.dim(), element[0]);
      }
    }
    return true;
  }

  private int index(SectionFloats floats, int vector, int place) {
    boolean keys = shape.section() == Section.KEYS;
    int channel = keys ? vector : place;
    int token = keys ? place : vector;
    return floats.at(channel / shape.dim(), token) + channel % shape.dim();
  }
}
