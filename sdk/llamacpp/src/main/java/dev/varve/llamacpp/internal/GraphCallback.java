package dev.varve.llamacpp.internal;

import dev.varve.llamacpp.LlamaException;
import dev.varve.llamacpp.gguf.ModelDimensions;
import dev.varve.llamacpp.observe.LayerObserver;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The engine's evaluation callback: asks for the nodes that hold queries and keys after RoPE and
 * values, and copies them out, for their memory is used again by later nodes. It never throws into
 * the engine and never stops a graph, which would leave logits of rubbish; what failed is thrown
 * after the pass. For one decoding thread.
 */
public final class GraphCallback {

  private static final int ADD = 2;
  private static final int MUL_MAT = 27;
  private static final int ROPE = 45;
  private static final int NAME_BYTES = 64;

  private final ModelDimensions model;
  private final float[] @Nullable [] queries;
  private final float[] @Nullable [] keys;
  private final float[] @Nullable [] values;
  private Optional<LayerObserver> observer = Optional.empty();
  private Optional<Throwable> failure = Optional.empty();
  private int first;

  /** A callback for contexts of {@code model}. */
  public GraphCallback(ModelDimensions model) {
    this.model = model;
    this.queries = new float[model.layers()][];
    this.keys = new float[model.layers()][];
    this.values = new float[model.layers()][];
  }

  /** A function for the engine, valid as long as {@code arena}. */
  @SuppressWarnings("restricted") // the point of this class
  public MemorySegment stub(Arena arena) {
    try {
      return Linker.nativeLinker()
          .upcallStub(
              MethodHandles.lookup()
                  .bind(
                      this,
                      "node",
                      MethodType.methodType(
                          boolean.class, MemorySegment.class, boolean.class, MemorySegment.class)),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_BOOLEAN,
                  ValueLayout.ADDRESS,
                  ValueLayout.JAVA_BOOLEAN,
                  ValueLayout.ADDRESS),
              arena);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Who hears the passes to come. */
  public void observer(Optional<LayerObserver> next) {
    observer = next;
  }

  /** A pass begins whose first token has this position. */
  public void begin(int position) {
    first = position;
    failure = Optional.empty();
  }

  /** Tells the observer what the pass attended with. */
  public void end() {
    if (observer.isEmpty()) {
      return;
    }
    if (failure.isPresent()) {
      throw new LlamaException("what llama.cpp computes cannot be read", failure.get());
    }
    for (int layer = 0; layer < model.layers(); layer++) {
      float[] q = queries[layer];
      float[] k = keys[layer];
      float[] v = values[layer];
      if (q == null || k == null || v == null) {
        throw new LlamaException("llama.cpp shows no queries, keys and values of layer " + layer);
      }
      int tokens = q.length / (model.heads() * model.keyDim());
      observer.get().layer(layer, first, tokens, q, k, v);
      queries[layer] = null;
      keys[layer] = null;
      values[layer] = null;
    }
  }

  /** Called by the engine, before a node ({@code ask}) and after those that were asked for. */
  @SuppressWarnings({"restricted", "unused"})
  boolean node(MemorySegment address, boolean ask, MemorySegment none) {
    try {
      if (observer.isEmpty()) {
        return !ask;
      }
      MemorySegment tensor = address.reinterpret(Build.TENSOR_BYTES);
      byte kind = tensor.get(ValueLayout.JAVA_BYTE, Build.TENSOR_NAME);
      int operation = tensor.get(ValueLayout.JAVA_INT, Build.TENSOR_OPERATION);
      boolean wanted =
          switch (kind) {
            case 'Q', 'K' -> operation == ROPE && isNamed(tensor);
            case 'V' -> (operation == MUL_MAT || operation == ADD) && isNamed(tensor);
            default -> false;
          };
      if (ask) {
        return wanted;
      }
      if (wanted) {
        copy(tensor, kind);
      }
    } catch (Throwable e) {
      failure = Optional.of(e);
    }
    return true;
  }

  private static boolean isNamed(MemorySegment tensor) {
    long at = Build.TENSOR_NAME + 1;
    return tensor.get(ValueLayout.JAVA_BYTE, at) == 'c'
        && tensor.get(ValueLayout.JAVA_BYTE, at + 1) == 'u'
        && tensor.get(ValueLayout.JAVA_BYTE, at + 2) == 'r'
        && tensor.get(ValueLayout.JAVA_BYTE, at + 3) == '-';
  }

  @SuppressWarnings("restricted") // the engine's memory is read where it lies
  private void copy(MemorySegment tensor, byte kind) {
    int layer = layer(tensor);
    int width =
        switch (kind) {
          case 'Q' -> model.heads() * model.keyDim();
          case 'K' -> model.kvHeads() * model.keyDim();
          default -> model.kvHeads() * model.valueDim();
        };
    long numbers = 1;
    for (int axis = 0; axis < 4; axis++) {
      numbers *= tensor.get(ValueLayout.JAVA_LONG, Build.TENSOR_AXES + 8L * axis);
    }
    int type = tensor.get(ValueLayout.JAVA_INT, Build.TENSOR_TYPE);
    if (type != 0 || numbers < 1 || numbers % width != 0 || numbers > Integer.MAX_VALUE) {
      throw new IllegalStateException(
          "a node of layer %d has %d numbers of type %d".formatted(layer, numbers, type));
    }
    float[] copy =
        tensor
            .get(ValueLayout.ADDRESS, Build.TENSOR_DATA)
            .reinterpret(numbers * Float.BYTES)
            .toArray(ValueLayout.JAVA_FLOAT);
    switch (kind) {
      case 'Q' -> queries[layer] = copy;
      case 'K' -> keys[layer] = copy;
      default -> values[layer] = copy;
    }
  }

  private int layer(MemorySegment tensor) {
    int layer = 0;
    for (long at = Build.TENSOR_NAME + 5; at < Build.TENSOR_NAME + NAME_BYTES; at++) {
      byte digit = tensor.get(ValueLayout.JAVA_BYTE, at);
      if (digit < '0' || digit > '9') {
        break;
      }
      layer = 10 * layer + digit - '0';
    }
    if (layer >= model.layers()) {
      throw new IllegalStateException("a node is of layer " + layer);
    }
    return layer;
  }
}
