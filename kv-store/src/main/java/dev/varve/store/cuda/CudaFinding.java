package dev.varve.store.cuda;

/** What a look for a GPU found; {@link #line} says it in one line. */
public sealed interface CudaFinding {

  /**
   * A driver that runs and has GPUs.
   *
   * @param driverVersion CUDA version it speaks, 1000 times the major plus 10 times the minor
   * @param devices GPUs that it shows
   */
  record Found(int driverVersion, int devices) implements CudaFinding {
    @Override
    public String line() {
      return "%d GPU%s, driver of CUDA %s"
          .formatted(devices, devices == 1 ? "" : "s", versionText(driverVersion));
    }
  }

  /**
   * No GPU can be used.
   *
   * @param reason what is missing
   */
  record Missing(String reason) implements CudaFinding {
    @Override
    public String line() {
      return reason;
    }
  }

  /** The finding in one line. */
  String line();

  /** A CUDA version as it is written. */
  static String versionText(int version) {
    return version / 1000 + "." + version % 1000 / 10;
  }
}
