package dev.varve.compression.container;

import dev.varve.store.LayerShape;
import dev.varve.store.RopeSpec;
import java.lang.foreign.MemorySegment;
import java.util.OptionalInt;

/** The bytes of a {@link LayerShape} with its rotary embedding. */
final class LayerDescriptor {
  /** Bytes of a layer. */
  static final int LENGTH = 80;

  static final int QUERY_HEADS_OFFSET = 0;
  static final int KV_HEADS_OFFSET = 4;
  static final int KEY_DIM_OFFSET = 8;
  static final int VALUE_DIM_OFFSET = 12;
  static final int SCALE_OFFSET = 16;
  static final int SOFT_CAP_OFFSET = 20;
  static final int WINDOW_OFFSET = 24;
  static final int SHARED_WITH_OFFSET = 28;
  static final int PREFIX_OFFSET = 32;
  static final int PAIRING_OFFSET = 33;
  static final int STORED_OFFSET = 34;
  static final int SCALING_OFFSET = 35;
  static final int ROPE_DIMS_OFFSET = 36;
  static final int THETA_OFFSET = 40;
  static final int FACTOR_OFFSET = 48;
  static final int LOW_OFFSET = 56;
  static final int HIGH_OFFSET = 64;
  static final int CONTEXT_OFFSET = 72;

  private static final int UNSCALED = 0;
  private static final int LINEAR = 1;
  private static final int LLAMA3 = 2;
  private static final int NOT_SHARED = -1;

  private LayerDescriptor() {}

  static void write(LayerShape layer, MemorySegment target, long at) {
    RopeSpec rope = layer.rope();
    target.asSlice(at, LENGTH).fill((byte) 0);
    target.set(Layouts.INT, at + QUERY_HEADS_OFFSET, layer.queryHeads());
    target.set(Layouts.INT, at + KV_HEADS_OFFSET, layer.kvHeads());
    target.set(Layouts.INT, at + KEY_DIM_OFFSET, layer.keyDim());
    target.set(Layouts.INT, at + VALUE_DIM_OFFSET, layer.valueDim());
    target.set(Layouts.FLOAT, at + SCALE_OFFSET, layer.scale());
    target.set(Layouts.FLOAT, at + SOFT_CAP_OFFSET, layer.logitSoftCap());
    target.set(Layouts.INT, at + WINDOW_OFFSET, layer.window());
    target.set(Layouts.INT, at + SHARED_WITH_OFFSET, layer.sharedWith().orElse(NOT_SHARED));
    flag(target, at + PREFIX_OFFSET, layer.valueIsPrefixOfKey());
    flag(target, at + PAIRING_OFFSET, rope.pairing() == RopeSpec.Pairing.INTERLEAVED);
    flag(target, at + STORED_OFFSET, rope.stored() == RopeSpec.Stored.PRE_ROPE);
    target.set(Layouts.INT, at + ROPE_DIMS_OFFSET, rope.dims());
    target.set(Layouts.DOUBLE, at + THETA_OFFSET, rope.theta());
    switch (rope.scaling()) {
      case RopeSpec.Scaling.None() ->
          target.set(Layouts.BYTE, at + SCALING_OFFSET, (byte) UNSCALED);
      case RopeSpec.Scaling.Linear(double factor) -> {
        target.set(Layouts.BYTE, at + SCALING_OFFSET, (byte) LINEAR);
        target.set(Layouts.DOUBLE, at + FACTOR_OFFSET, factor);
      }
      case RopeSpec.Scaling.Llama3(double factor, double low, double high, int context) -> {
        target.set(Layouts.BYTE, at + SCALING_OFFSET, (byte) LLAMA3);
        target.set(Layouts.DOUBLE, at + FACTOR_OFFSET, factor);
        target.set(Layouts.DOUBLE, at + LOW_OFFSET, low);
        target.set(Layouts.DOUBLE, at + HIGH_OFFSET, high);
        target.set(Layouts.INT, at + CONTEXT_OFFSET, context);
      }
    }
  }

  /**
   * Reads a layer.
   *
   * @throws IllegalArgumentException if there can be no such layer
   */
  static LayerShape read(MemorySegment source, long at) throws FaultException {
    int shared = source.get(Layouts.INT, at + SHARED_WITH_OFFSET);
    return new LayerShape(
        source.get(Layouts.INT, at + QUERY_HEADS_OFFSET),
        source.get(Layouts.INT, at + KV_HEADS_OFFSET),
        source.get(Layouts.INT, at + KEY_DIM_OFFSET),
        source.get(Layouts.INT, at + VALUE_DIM_OFFSET),
        source.get(Layouts.FLOAT, at + SCALE_OFFSET),
        source.get(Layouts.FLOAT, at + SOFT_CAP_OFFSET),
        rope(source, at),
        source.get(Layouts.INT, at + WINDOW_OFFSET),
        isSet(source, at + PREFIX_OFFSET),
        shared == NOT_SHARED ? OptionalInt.empty() : OptionalInt.of(shared));
  }

  private static RopeSpec rope(MemorySegment source, long at) throws FaultException {
    RopeSpec.Pairing pairing =
        isSet(source, at + PAIRING_OFFSET) ? RopeSpec.Pairing.INTERLEAVED : RopeSpec.Pairing.HALVES;
    RopeSpec.Stored stored =
        isSet(source, at + STORED_OFFSET) ? RopeSpec.Stored.PRE_ROPE : RopeSpec.Stored.POST_ROPE;
    return new RopeSpec(
        source.get(Layouts.INT, at + ROPE_DIMS_OFFSET),
        source.get(Layouts.DOUBLE, at + THETA_OFFSET),
        pairing,
        stored,
        scaling(source, at));
  }

  private static RopeSpec.Scaling scaling(MemorySegment source, long at) throws FaultException {
    double factor = source.get(Layouts.DOUBLE, at + FACTOR_OFFSET);
    int kind = source.get(Layouts.BYTE, at + SCALING_OFFSET);
    return switch (kind) {
      case UNSCALED -> new RopeSpec.Scaling.None();
      case LINEAR -> new RopeSpec.Scaling.Linear(factor);
      case LLAMA3 ->
          new RopeSpec.Scaling.Llama3(
              factor,
              source.get(Layouts.DOUBLE, at + LOW_OFFSET),
              source.get(Layouts.DOUBLE, at + HIGH_OFFSET),
              source.get(Layouts.INT, at + CONTEXT_OFFSET));
      default ->
          throw FaultException.corrupt("rope scaling of kind %d is not known".formatted(kind));
    };
  }

  private static void flag(MemorySegment target, long at, boolean set) {
    target.set(Layouts.BYTE, at, (byte) (set ? 1 : 0));
  }

  private static boolean isSet(MemorySegment source, long at) throws FaultException {
    int value = source.get(Layouts.BYTE, at);
    if (value != 0 && value != 1) {
      throw FaultException.corrupt("a flag must be 0 or 1: %d".formatted(value));
    }
    return value == 1;
  }
}
