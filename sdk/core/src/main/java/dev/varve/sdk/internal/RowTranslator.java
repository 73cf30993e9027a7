package dev.varve.sdk.internal;

import dev.varve.sdk.EngineTensor;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Dtype;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DtypeKernel;
import java.lang.foreign.MemorySegment;
import java.util.EnumMap;

/**
 * Translates between the strides and element type of an engine and the layout of blocks: the only
 * place where either is turned into the other. Rows of equal type are copied as they are. For one
 * thread at a time.
 */
public final class RowTranslator {

  private final EnumMap<Dtype, DtypeKernel> kernels = new EnumMap<>(Dtype.class);
  private float[] row = {};

  RowTranslator(Backend backend) {
    for (Dtype dtype : Dtype.values()) {
      kernels.put(dtype, DtypeKernel.of(backend, dtype));
    }
  }

  /** Writes rows {@code [from, from + count)} of {@code keys} as tokens {@code at} and up. */
  void writeKeys(
      EngineTensor keys, int from, int count, MemorySegment block, BlockGeometry geometry, int at) {
    for (int head = 0; head < keys.heads(); head++) {
      for (int i = 0; i < count; i++) {
        write(keys, from + i, head, geometry.dtype(), block, geometry.keyOffset(head, at + i));
      }
    }
  }

  /** Writes rows {@code [from, from + count)} of {@code values} as tokens {@code at} and up. */
  void writeValues(
      EngineTensor values,
      int from,
      int count,
      MemorySegment block,
      BlockGeometry geometry,
      int at) {
    for (int head = 0; head < values.heads(); head++) {
      for (int i = 0; i < count; i++) {
        write(values, from + i, head, geometry.dtype(), block, geometry.valueOffset(head, at + i));
      }
    }
  }

  /** Reads tokens {@code at} and up into rows {@code [from, from + count)} of {@code keys}. */
  void readKeys(Block block, int at, int count, EngineTensor keys, int from) {
    for (int head = 0; head < keys.heads(); head++) {
      for (int i = 0; i < count; i++) {
        read(block, block.geometry().keyOffset(head, at + i), keys, from + i, head);
      }
    }
  }

  /** Reads tokens {@code at} and up into rows {@code [from, from + count)} of {@code values}. */
  void readValues(Block block, int at, int count, EngineTensor values, int from) {
    for (int head = 0; head < values.heads(); head++) {
      for (int i = 0; i < count; i++) {
        read(block, block.geometry().valueOffset(head, at + i), values, from + i, head);
      }
    }
  }

  /**
   * Gathers {@code tensor} as floats {@code [tokens][heads][dim]} at the front of {@code target}.
   */
  void gather(EngineTensor tensor, float[] target) {
    onHost(tensor);
    DtypeKernel kernel = kernel(tensor.dtype());
    int at = 0;
    for (int token = 0; token < tensor.tokens(); token++) {
      for (int head = 0; head < tensor.heads(); head++) {
        kernel.load(tensor.memory(), tensor.offset(token, head), target, at, tensor.dim());
        at += tensor.dim();
      }
    }
  }

  /** Scatters floats {@code [tokens][heads][dim]} from the front of {@code source}. */
  void scatter(float[] source, EngineTensor tensor) {
    scatter(source, tensor, 0, tensor.tokens());
  }

  /** Scatters floats {@code [count][heads][dim]} to the rows from {@code from} on. */
  void scatter(float[] source, EngineTensor tensor, int from, int count) {
    onHost(tensor);
    DtypeKernel kernel = kernel(tensor.dtype());
    int at = 0;
    for (int token = from; token < from + count; token++) {
      for (int head = 0; head < tensor.heads(); head++) {
        kernel.store(source, at, tensor.dim(), tensor.memory(), tensor.offset(token, head));
        at += tensor.dim();
      }
    }
  }

  /** Writes one head of one token to {@code offset} of {@code target}, as {@code dtype}. */
  public void write(
      EngineTensor from, int token, int head, Dtype dtype, MemorySegment target, long offset) {
    onHost(from);
    convert(
        from.dtype(), from.memory(), from.offset(token, head), dtype, target, offset, from.dim());
  }

  private void read(Block block, long offset, EngineTensor to, int token, int head) {
    onHost(to);
    convert(
        block.geometry().dtype(),
        block.bytes(),
        offset,
        to.dtype(),
        to.memory(),
        to.offset(token, head),
        to.dim());
  }

  private static void onHost(EngineTensor tensor) {
    if (tensor.kind() != EngineTensor.Kind.HOST) {
      throw new IllegalArgumentException(
          "this call takes tensors of the host only: copy the one on the device there first");
    }
  }

  private void convert(
      Dtype sourceType,
      MemorySegment source,
      long sourceOffset,
      Dtype targetType,
      MemorySegment target,
      long targetOffset,
      int count) {
    if (sourceType == targetType) {
      long bytes = (long) count * sourceType.bytes();
      MemorySegment.copy(source, sourceOffset, target, targetOffset, bytes);
      return;
    }
    if (row.length < count) {
      row = new float[count];
    }
    kernel(sourceType).load(source, sourceOffset, row, 0, count);
    kernel(targetType).store(row, 0, count, target, targetOffset);
  }

  private DtypeKernel kernel(Dtype dtype) {
    DtypeKernel kernel = kernels.get(dtype);
    if (kernel == null) {
      throw new IllegalStateException("no kernel converts " + dtype);
    }
    return kernel;
  }

  /** A raw block and its layout. */
  record Block(MemorySegment bytes, BlockGeometry geometry) {}
}
