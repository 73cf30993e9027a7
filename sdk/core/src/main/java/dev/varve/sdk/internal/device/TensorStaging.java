package dev.varve.sdk.internal.device;

import dev.varve.sdk.EngineTensor;
import dev.varve.store.cuda.CudaStream;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Host copies of an engine's tensors that lie on a device. Tensors of the host pass as they are.
 * The memory is taken when the first tensor of a device comes, and grows. For one thread at a time.
 */
public final class TensorStaging implements AutoCloseable {
  private static final long ALIGNMENT = 64;

  private final Optional<DeviceHot> hot;
  private @Nullable EngineTensor keys;
  private @Nullable EngineTensor values;
  private @Nullable HostPages pages;
  private @Nullable CudaStream stream;

  /**
   * @param hot where tensors may lie; empty if nowhere but on the host
   */
  public TensorStaging(Optional<DeviceHot> hot) {
    this.hot = hot;
  }

  /** A tensor, or a host copy of it that is valid until the next call. */
  public EngineTensor fetched(EngineTensor tensor) {
    long bytes = bytes(tensor);
    if (bytes == 0) {
      return tensor;
    }
    EngineTensor copy = copy(tensor, pages(bytes), 0);
    stream().await();
    return copy;
  }

  /**
   * Makes keys and values of a step readable on the host, as {@link #keys} and {@link #values}
   * until the next call.
   */
  public void fetch(EngineTensor newKeys, EngineTensor newValues) {
    long keyBytes = bytes(newKeys);
    long valueBytes = bytes(newValues);
    keys = newKeys;
    values = newValues;
    if (keyBytes + valueBytes > 0) {
      MemorySegment host = pages(keyBytes + valueBytes);
      keys = copy(newKeys, host, 0);
      values = copy(newValues, host, keyBytes);
      stream().await();
    }
  }

  /** The keys that were fetched last. */
  public EngineTensor keys() {
    return Objects.requireNonNull(keys, "nothing was fetched");
  }

  /** The values that were fetched last. */
  public EngineTensor values() {
    return Objects.requireNonNull(values, "nothing was fetched");
  }

  /** A tensor of the host itself, or one over a copy that is on its way to {@code host}. */
  private EngineTensor copy(EngineTensor tensor, MemorySegment host, long at) {
    if (tensor.kind() == EngineTensor.Kind.HOST) {
      return tensor;
    }
    MemorySegment copy = host.asSlice(at, span(tensor));
    stream().copyToHost(copy, tensor.memory().address() + tensor.offset());
    return over(copy, tensor);
  }

  /** A tensor to write, or host memory for {@link #send}. */
  public EngineTensor target(EngineTensor tensor) {
    return bytes(tensor) == 0 ? tensor : fetched(tensor);
  }

  /** Copies what was written to {@link #target} to the tensor, if that lies on a device. */
  public void send(EngineTensor written, EngineTensor tensor) {
    if (tensor.kind() == EngineTensor.Kind.DEVICE) {
      stream().copyToDevice(tensor.memory().address() + tensor.offset(), written.memory());
      stream().await();
    }
  }

  private static EngineTensor over(MemorySegment copy, EngineTensor tensor) {
    return new EngineTensor(
        copy,
        0,
        tensor.dtype(),
        tensor.tokens(),
        tensor.heads(),
        tensor.dim(),
        tensor.tokenStride(),
        tensor.headStride());
  }

  /** Bytes from the first element to the last. */
  private static long span(EngineTensor tensor) {
    return tensor.offset(tensor.tokens() - 1, tensor.heads() - 1)
        - tensor.offset()
        + (long) tensor.dim() * tensor.dtype().bytes();
  }

  private static long bytes(EngineTensor tensor) {
    return tensor.kind() == EngineTensor.Kind.HOST
        ? 0
        : (span(tensor) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  private DeviceHot device() {
    return hot.orElseThrow(() ->
        new IllegalArgumentException(
            "a tensor lies on a device, and the hot tier of this cache in native memory: copy the"
                + " tensor to the host, or have the tier on the device"));
  }

  private CudaStream stream() {
    if (stream == null) {
      stream = new CudaStream(device().device().driver());
    }
    return stream;
  }

  private MemorySegment pages(long bytes) {
    HostPages known = pages;
    if (known == null || known.bytes().byteSize() < bytes) {
      HostPages more = new HostPages(device().device().driver(), bytes);
      if (known != null) {
        known.close();
      }
      pages = more;
      return more.bytes();
    }
    return known.bytes();
  }

  @Override
  public void close() {
    if (stream != null) {
      stream.close();
      stream = null;
    }
    if (pages != null) {
      pages.close();
      pages = null;
    }
  }
}
