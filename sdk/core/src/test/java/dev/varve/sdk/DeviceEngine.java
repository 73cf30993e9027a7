package dev.varve.sdk;

import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import dev.varve.store.cuda.CudaDevice;
import dev.varve.store.cuda.CudaStream;
import dev.varve.store.cuda.DeviceMemory;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DtypeKernel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** The synthetic engine with all of its tensors on a device. */
final class DeviceEngine implements AutoCloseable {
  private final ModelShape shape;
  private final SyntheticEngine engine;
  private final CudaDevice device;
  private final Dtype stored;
  private final CudaStream stream;
  private final Arena arena = Arena.ofShared();
  private final List<DeviceMemory> taken = new ArrayList<>();

  /** Keys and values are of the type {@code stored}. */
  DeviceEngine(ModelShape shape, CudaDevice device, Dtype stored) {
    this.shape = shape;
    this.engine = new SyntheticEngine(shape);
    this.device = device;
    this.stored = stored;
    this.stream = new CudaStream(device.driver());
  }

  /** Runs {@code tokenIds} through all layers in one step; the outputs of the last token. */
  float[][] step(KvSession session, int[] tokenIds) {
    float[][] last = new float[shape.layerCount()][];
    int position = session.length();
    try (Step step = session.begin(tokenIds, true)) {
      for (int layer = 0; layer < last.length; layer++) {
        LayerShape of = shape.layers().get(layer);
        step.append(
            layer,
            up(engine.keys(layer, tokenIds, position), stored),
            up(engine.values(layer, tokenIds, position), stored));
        EngineTensor out =
            EngineTensor.onDevice(
                space(4L * tokenIds.length * of.queryHeads() * of.valueDim()),
                Dtype.F32,
                tokenIds.length,
                of.queryHeads(),
                of.valueDim());
        step.attend(layer, up(engine.queries(layer, tokenIds, position), Dtype.F32), out);
        last[layer] = lastRow(out);
      }
      step.end();
    }
    return last;
  }

  private long space(long bytes) {
    DeviceMemory memory = new DeviceMemory(device.driver(), bytes);
    taken.add(memory);
    return memory.address();
  }

  private EngineTensor up(EngineTensor host, Dtype dtype) {
    int count = host.tokens() * host.heads() * host.dim();
    float[] values = new float[count];
    MemorySegment.copy(host.memory(), 0, MemorySegment.ofArray(values), 0, 4L * count);
    MemorySegment copy = arena.allocate((long) count * dtype.bytes(), 64);
    DtypeKernel.of(Backend.SCALAR, dtype).store(values, 0, count, copy, 0);
    long address = space(copy.byteSize());
    stream.copyToDevice(address, copy);
    stream.await();
    return EngineTensor.onDevice(address, dtype, host.tokens(), host.heads(), host.dim());
  }

  private float[] lastRow(EngineTensor tensor) {
    int row = tensor.heads() * tensor.dim();
    MemorySegment copy = arena.allocate(4L * row, 64);
    stream.copyToHost(copy, tensor.memory().address() + tensor.offset(tensor.tokens() - 1, 0));
    stream.await();
    return copy.toArray(ValueLayout.JAVA_FLOAT);
  }

  @Override
  public void close() {
    stream.close();
    taken.forEach(DeviceMemory::close);
    arena.close();
  }
}
