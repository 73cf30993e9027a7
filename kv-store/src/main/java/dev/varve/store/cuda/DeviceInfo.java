package dev.varve.store.cuda;

/**
 * What a GPU is.
 *
 * @param name as its maker calls it
 * @param major compute capability, before the point
 * @param minor compute capability, after the point
 * @param processors streaming multiprocessors
 * @param memoryBytes memory of the device, all of it
 * @param driverVersion CUDA version of the driver
 */
public record DeviceInfo(
    String name, int major, int minor, int processors, long memoryBytes, int driverVersion) {

  /** The device in one line. */
  public String line() {
    return "%s, compute capability %d.%d, %d processors, %.1f GiB, driver of CUDA %s"
        .formatted(
            name,
            major,
            minor,
            processors,
            memoryBytes / (double) (1L << 30),
            CudaFinding.versionText(driverVersion));
  }
}
