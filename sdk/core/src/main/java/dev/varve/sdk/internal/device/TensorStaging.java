package dev.varve.sdk.internal.device;

import dev.varve.sdk.EngineTensor;
import dev.varve.store.cuda.CudaStream;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Host copies of an engine's tensors that lie on a device. Tensors of the host pass as they are.
 * The memory is taken when the first tensor of a device comes, and grows. For one thread at a time.
 */
public final class TensorStaging implements AutoCloseable {
  private static final long ALIGNMENT = 64;

  private final Optional<DeviceHot> hot;
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
    return fetched(new EngineTensor[] {tensor})[0];
  }

  /** The same for two of a call. */
  public EngineTensor[] fetched(EngineTensor... tensors) {
    long bytes = 0;
    for (EngineTensor tensor : tensors) {
      bytes += bytes(tensor);
    }
    if (bytes == 0) {
      return tensors;
    }
    MemorySegment host = pages(bytes);
    EngineTensor[] copies = tensors.clone();
    long at = 0;
    for (int i = 0; i < tensors.length; i++) {
      long size = bytes(tensors[i]);
      if (size > 0) {
        MemorySegment copy = host.asSlice(at, span(tensors[i]));
        stream().copyToHost(copy, tensors[i].memory().address() + tensors[i].offset());
        copies[i] = over(copy, tensors[i]);
        at += size;
      }
    }
    stream().await();
    return copies;
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
