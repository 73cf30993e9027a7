package dev.varve.store.cuda;

import dev.varve.store.Dtype;
import java.lang.foreign.Arena;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The kernels of a device, each file loaded when it is first asked for, and the native memory that
 * holds the arguments of a launch. For one thread at a time; closed after the work that it started.
 */
public final class CudaKernels implements AutoCloseable {
  private final CudaDriver driver;
  private final Arena arena = Arena.ofShared();
  private final LaunchArguments arguments = new LaunchArguments(arena);
  private final Map<KernelFile, CudaDriver.Module> modules = new EnumMap<>(KernelFile.class);
  private final Map<String, CudaDriver.Function> functions = new HashMap<>();

  /** Nothing is loaded yet. */
  public CudaKernels(CudaDriver driver) {
    this.driver = driver;
  }

  /** The calls of the driver. */
  CudaDriver driver() {
    return driver;
  }

  /** The arguments of the next launch, empty. */
  LaunchArguments arguments() {
    return arguments.start();
  }

  /** Starts a kernel with the arguments that were filled last. */
  void launch(KernelFile file, String name, LaunchGrid grid, CudaStream stream) {
    driver.launch(function(file, name), grid, arguments, stream.handle());
  }

  /** Has a kernel ready before it is started. */
  void load(KernelFile file, String name) {
    function(file, name);
  }

  private CudaDriver.Function function(KernelFile file, String name) {
    CudaDriver.Function known = functions.get(name);
    if (known == null) {
      CudaDriver.Module module = modules.get(file);
      if (module == null) {
        module = driver.load(file.ptx(), file.ptxName());
        modules.put(file, module);
      }
      known = driver.function(module, name);
      functions.put(name, known);
    }
    return known;
  }

  /** How the names of kernels say the type of their rows. */
  static String suffix(Dtype dtype) {
    return dtype.name().toLowerCase(Locale.ROOT);
  }

  /** Thread blocks for so much work, at least one and at most as many as keep a GPU busy. */
  static int blocks(long work, int each) {
    return (int) Math.clamp(Math.ceilDiv(work, each), 1L, 4096L);
  }

  @Override
  public void close() {
    modules.values().forEach(driver::unload);
    modules.clear();
    functions.clear();
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
