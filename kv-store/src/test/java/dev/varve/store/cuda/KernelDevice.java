package dev.varve.store.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** A device for tests of kernels: arrays go up, results come down, all is given back at the end. */
public final class KernelDevice implements AutoCloseable {
  private static final byte POISON = (byte) 0x7b;

  private final CudaDevice device;
  private final CudaKernels kernels;
  private final CudaStream stream;
  private final List<DeviceMemory> taken = new ArrayList<>();

  private KernelDevice(CudaDevice device) {
    this.device = device;
    this.kernels = new CudaKernels(device.driver());
    this.stream = new CudaStream(device.driver());
  }

  /** The processor in the place of a device; skips the test where g++ is missing. */
  public static KernelDevice emulated() {
    return new KernelDevice(new CudaDevice(FakeDriver.emulated(256 << 20)));
  }

  /** The first GPU of this machine. */
  public static KernelDevice gpu() {
    return new KernelDevice(CudaDevice.open(0));
  }

  /** The device. */
  public CudaDevice device() {
    return device;
  }

  /** Its kernels. */
  public CudaKernels kernels() {
    return kernels;
  }

  /** The stream on which tests work. */
  public CudaStream stream() {
    return stream;
  }

  /** Device memory that holds nothing to rely on. */
  public long space(long bytes) {
    DeviceMemory memory = new DeviceMemory(device.driver(), bytes);
    taken.add(memory);
    device.driver().fill(memory.address(), POISON, bytes, stream.handle());
    stream.await();
    return memory.address();
  }

  /** Device memory that holds these bytes. */
  public long upload(MemorySegment bytes) {
    long address = space(bytes.byteSize());
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment copy = arena.allocate(bytes.byteSize(), 64);
      copy.copyFrom(bytes);
      stream.copyToDevice(address, copy);
      stream.await();
    }
    return address;
  }

  /** Device memory that holds these values. */
  public long upload(float... values) {
    return upload(MemorySegment.ofArray(values));
  }

  /** Device memory that holds these values. */
  public long upload(int... values) {
    return upload(MemorySegment.ofArray(values));
  }

  /** Device memory that holds these values. */
  public long upload(long... values) {
    return upload(MemorySegment.ofArray(values));
  }

  /** Device memory that holds these values. */
  public long upload(byte... values) {
    return upload(MemorySegment.ofArray(values));
  }

  /** Waits for the work so far and reads bytes. */
  public byte[] bytes(long address, int count) {
    stream.await();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment copy = arena.allocate(count, 64);
      stream.copyToHost(copy, address);
      stream.await();
      return copy.toArray(ValueLayout.JAVA_BYTE);
    }
  }

  /** Waits for the work so far and reads floats. */
  public float[] floats(long address, int count) {
    float[] values = new float[count];
    MemorySegment.ofArray(values).copyFrom(MemorySegment.ofArray(bytes(address, 4 * count)));
    return values;
  }

  /** Waits for the work so far and reads integers. */
  public int[] integers(long address, int count) {
    int[] values = new int[count];
    MemorySegment.ofArray(values).copyFrom(MemorySegment.ofArray(bytes(address, 4 * count)));
    return values;
  }

  @Override
  public void close() {
    stream.close();
    kernels.close();
    for (DeviceMemory memory : taken) {
      memory.close();
    }
    device.close();
  }
}
