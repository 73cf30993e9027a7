package dev.varve.cli.capture;

import dev.varve.sdk.EngineTensor;
import dev.varve.store.safetensors.SafetensorsWriter;
import dev.varve.store.safetensors.TensorSpec;
import dev.varve.store.safetensors.TensorType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * A tensor {@code [heads][tokens][dim]} of f32 that is filled step by step.
 *
 * @param name in the file
 * @param heads heads
 * @param first position of the first token kept
 * @param tokens tokens kept
 * @param dim elements of a head
 * @param offset where it lies in the spool
 */
record CapturedTensor(String name, int heads, int first, int tokens, int dim, long offset) {

  TensorSpec spec() {
    return TensorSpec.of(name, TensorType.F32, heads, tokens, dim);
  }

  long end() {
    return offset + spec().byteSize();
  }

  /** Keeps what falls into this tensor of the rows of the tokens from {@code position} on. */
  void write(Spool spool, EngineTensor rows, int position) throws IOException {
    int from = Math.max(first, position);
    int to = Math.min(first + tokens, position + rows.tokens());
    if (from >= to) {
      return;
    }
    long rowBytes = (long) dim * Float.BYTES;
    MemorySegment gathered = MemorySegment.ofArray(new float[(to - from) * dim]);
    for (int head = 0; head < heads; head++) {
      for (int token = from; token < to; token++) {
        MemorySegment.copy(
            rows.memory(),
            rows.offset(token - position, head),
            gathered,
            (token - from) * rowBytes,
            rowBytes);
      }
      spool.write(offset + ((long) head * tokens + from - first) * rowBytes, bytes(gathered));
    }
  }

  private static MemorySegment bytes(MemorySegment floats) {
    return MemorySegment.ofArray(floats.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE));
  }

  void copy(Spool spool, SafetensorsWriter target) throws IOException {
    spool.copy(offset, spec().byteSize(), target, name);
  }
}
