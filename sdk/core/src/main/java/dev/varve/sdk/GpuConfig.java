package dev.varve.sdk;

import dev.varve.store.cuda.CudaDevice;
import java.util.Objects;
import java.util.function.IntFunction;

/**
 * A hot tier in the memory of a GPU. Blocks that sessions fill, and those that the processor reads,
 * pass through pinned host memory. Sessions attend to blocks on the device with its kernels: their
 * outputs differ from the processor's by rounding, and depend on where blocks lie.
 *
 * @param devices opens a device by its number; {@link CudaDevice#open} for those of this machine
 * @param device number of the device, from 0
 * @param pinnedBytes host memory to pin; blocks beyond that pass through ordinary memory, slower
 * @param need what happens where the device cannot be used
 * @param kernels whether sessions attend with the kernels of the device; if not, the processor
 *     attends to copies: slowly, and with the bits of a hot tier in native memory
 */
public record GpuConfig(
    IntFunction<CudaDevice> devices, int device, long pinnedBytes, Need need, boolean kernels) {

  /** What happens where the device cannot be used. */
  public enum Need {
    /** No cache opens, and an exception says why. */
    REQUIRED,
    /** The hot tier lies in native memory, and a warning says why. */
    WANTED,
    /**
     * The hot tier lies in native memory, without a word where there is no GPU; and also where the
     * kernels do not attend every layer.
     */
    WELCOME
  }

  private static final long DEFAULT_PINNED_BYTES = 256L << 20;

  public GpuConfig {
    Objects.requireNonNull(devices, "devices");
    Objects.requireNonNull(need, "need");
    if (device < 0 || pinnedBytes < 0) {
      throw new IllegalArgumentException(
          "a GPU's number and the bytes to pin must not be negative: %d and %d"
              .formatted(device, pinnedBytes));
    }
  }

  /** The first GPU of this machine, and no cache without it. */
  public static GpuConfig first() {
    return new GpuConfig(CudaDevice::open, 0, DEFAULT_PINNED_BYTES, Need.REQUIRED, true);
  }

  /** The first GPU of this machine where there is one, else native memory. */
  public static GpuConfig firstIfPresent() {
    return new GpuConfig(CudaDevice::open, 0, DEFAULT_PINNED_BYTES, Need.WANTED, true);
  }

  /**
   * The first GPU of this machine where there is one that serves the whole model, else native
   * memory: what a cache has unless it is told.
   */
  public static GpuConfig welcome() {
    return new GpuConfig(CudaDevice::open, 0, DEFAULT_PINNED_BYTES, Need.WELCOME, true);
  }

  /** The same with another GPU of this machine. */
  public GpuConfig on(int other) {
    return new GpuConfig(devices, other, pinnedBytes, need, kernels);
  }

  /** The same with so much pinned host memory. */
  public GpuConfig pinning(long bytes) {
    return new GpuConfig(devices, device, bytes, need, kernels);
  }

  /** The same with attention on the processor, through copies. */
  public GpuConfig attendingOnProcessor() {
    return new GpuConfig(devices, device, pinnedBytes, need, false);
  }
}
