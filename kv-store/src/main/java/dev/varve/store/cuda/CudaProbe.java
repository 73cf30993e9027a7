package dev.varve.store.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.NoSuchElementException;

/**
 * Looks for a GPU without loading anything but the driver's own library: on a machine without one
 * nothing is unpacked and nothing is thrown.
 */
public final class CudaProbe {
  /** The library that the driver installs. */
  public static final String LIBRARY = "libcuda.so.1";

  /** Oldest driver, by the CUDA version it speaks, that takes the kernels that are shipped. */
  public static final int OLDEST_VERSION = 12_000;

  private CudaProbe() {}

  /** What there is on this machine. */
  public static CudaFinding look() {
    return look(LIBRARY);
  }

  /**
   * The same with another library.
   *
   * @param library its name, or its path
   */
  @SuppressWarnings("restricted") // the driver is what it is about
  static CudaFinding look(String library) {
    try (Arena arena = Arena.ofConfined()) {
      return ask(SymbolLookup.libraryLookup(library, arena), arena);
    } catch (IllegalArgumentException e) {
      return new CudaFinding.Missing("no NVIDIA driver here: " + library + " cannot be loaded");
    } catch (NoSuchElementException e) {
      return new CudaFinding.Missing(library + " is no CUDA driver: " + e.getMessage());
    }
  }

  private static CudaFinding ask(SymbolLookup driver, Arena arena) {
    MemorySegment number = arena.allocate(ValueLayout.JAVA_INT);
    int code = call(find(driver, "cuDriverGetVersion", ValueLayout.ADDRESS), number);
    int version = number.get(ValueLayout.JAVA_INT, 0);
    if (code != 0) {
      return refused("cuDriverGetVersion", code);
    }
    if (version < OLDEST_VERSION) {
      return new CudaFinding.Missing(
          "the NVIDIA driver speaks CUDA "
              + CudaFinding.versionText(version)
              + ", below the "
              + CudaFinding.versionText(OLDEST_VERSION)
              + " that the kernels need: update it to branch 525 or later");
    }
    code = call(find(driver, "cuInit", ValueLayout.JAVA_INT), 0);
    if (code != 0) {
      return refused("cuInit", code);
    }
    code = call(find(driver, "cuDeviceGetCount", ValueLayout.ADDRESS), number);
    int devices = number.get(ValueLayout.JAVA_INT, 0);
    if (code != 0) {
      return refused("cuDeviceGetCount", code);
    }
    return devices > 0
        ? new CudaFinding.Found(version, devices)
        : new CudaFinding.Missing("an NVIDIA driver but no GPU that it may use");
  }

  private static CudaFinding refused(String call, int code) {
    return new CudaFinding.Missing(
        "the NVIDIA driver does not start: " + call + " says " + CudaError.describe(code));
  }

  @SuppressWarnings("restricted") // the same
  private static MethodHandle find(SymbolLookup driver, String name, ValueLayout argument) {
    MemorySegment address =
        driver.find(name).orElseThrow(() -> new NoSuchElementException("it has no " + name));
    FunctionDescriptor types = FunctionDescriptor.of(ValueLayout.JAVA_INT, argument);
    return Linker.nativeLinker().downcallHandle(address, types);
  }

  private static int call(MethodHandle function, Object argument) {
    try {
      return (int) function.invoke(argument);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
