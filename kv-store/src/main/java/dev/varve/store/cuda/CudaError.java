package dev.varve.store.cuda;

import java.util.Map;
import java.util.Set;

/** Codes of the CUDA driver that say more than that something failed. */
public final class CudaError {
  /** No memory is left. */
  public static final int OUT_OF_MEMORY = 2;

  /** Asked too early: not an error. */
  public static final int NOT_READY = 600;

  private static final Map<Integer, String> NAMES =
      Map.ofEntries(
          Map.entry(1, "invalid value"),
          Map.entry(OUT_OF_MEMORY, "out of memory"),
          Map.entry(3, "not initialized"),
          Map.entry(4, "deinitialized"),
          Map.entry(46, "device unavailable: another process may hold it alone"),
          Map.entry(100, "no device"),
          Map.entry(101, "invalid device"),
          Map.entry(200, "invalid kernel image"),
          Map.entry(201, "invalid context"),
          Map.entry(209, "no kernel image for this GPU"),
          Map.entry(214, "uncorrectable memory error"),
          Map.entry(218, "invalid PTX"),
          Map.entry(222, "PTX newer than the driver"),
          Map.entry(400, "invalid handle"),
          Map.entry(500, "not found"),
          Map.entry(NOT_READY, "not ready"),
          Map.entry(700, "illegal address"),
          Map.entry(701, "launch out of resources"),
          Map.entry(702, "launch timed out"),
          Map.entry(710, "assertion in a kernel"),
          Map.entry(712, "host memory already registered"),
          Map.entry(713, "host memory not registered"),
          Map.entry(714, "hardware stack error"),
          Map.entry(715, "illegal instruction"),
          Map.entry(716, "misaligned address"),
          Map.entry(717, "invalid address space"),
          Map.entry(718, "invalid program counter"),
          Map.entry(719, "launch failed"),
          Map.entry(801, "not supported"),
          Map.entry(803, "driver and kernel module differ"),
          Map.entry(999, "unknown error"));

  /** After one of these the context is lost: every later call fails too. */
  private static final Set<Integer> STICKY =
      Set.of(4, 214, 700, 702, 710, 714, 715, 716, 717, 718, 719, 999);

  private CudaError() {}

  /** The code and what it means. */
  public static String describe(int code) {
    return code + " (" + NAMES.getOrDefault(code, "see CUresult in cuda.h") + ")";
  }

  /** Whether the device can be used no more by this process. */
  public static boolean sticky(int code) {
    return STICKY.contains(code);
  }

  /**
   * Returns if {@code code} is 0.
   *
   * @param what the call, and what it was for
   * @throws LostDeviceException if the device is lost
   * @throws CudaException if the call failed otherwise
   */
  public static void check(int code, String what) {
    if (code != 0) {
      throw sticky(code) ? new LostDeviceException(code, what) : new CudaException(code, what);
    }
  }
}
