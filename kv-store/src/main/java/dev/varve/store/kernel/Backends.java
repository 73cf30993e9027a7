package dev.varve.store.kernel;

import java.util.Optional;

/** Chooses the backend once and says why. */
public final class Backends {
  private static final String MODULE = "jdk.incubator.vector";
  private static final String FLAG = "--add-modules " + MODULE;

  /** Below this width a lane-wise kernel is slower than plain Java. */
  private static final int NARROWEST_USEFUL_BITS = 128;

  private Backends() {}

  /**
   * What was chosen.
   *
   * @param backend the backend to run
   * @param reason one line: the lane width, or why a better backend was refused
   */
  public record Choice(Backend backend, String reason) {}

  /**
   * The best backend of this JVM, or the forced one.
   *
   * @throws IllegalStateException if the forced backend is missing; names the flag that brings it
   */
  public static Choice choose(Optional<Backend> forced) {
    return choose(forced, ModuleLayer.boot().findModule(MODULE).isPresent());
  }

  static Choice choose(Optional<Backend> forced, boolean vectorModule) {
    if (forced.isPresent()) {
      return switch (forced.get()) {
        case SCALAR -> new Choice(Backend.SCALAR, "scalar: forced");
        case VECTOR -> new Choice(Backend.VECTOR, describeVector(requireVector(vectorModule)));
      };
    }
    if (!vectorModule) {
      return new Choice(
          Backend.SCALAR,
          "scalar: vector refused, module " + MODULE + " is not present (add " + FLAG + ")");
    }
    int bits = VectorLanes.bits();
    return bits < NARROWEST_USEFUL_BITS
        ? new Choice(Backend.SCALAR, "scalar: vector refused, lanes of only " + bits + " bits")
        : new Choice(Backend.VECTOR, describeVector(bits));
  }

  private static int requireVector(boolean vectorModule) {
    if (!vectorModule) {
      throw new IllegalStateException(
          "backend VECTOR was forced but module "
              + MODULE
              + " is not present: start Java with "
              + FLAG);
    }
    return VectorLanes.bits();
  }

  private static String describeVector(int bits) {
    return "vector: " + bits + "-bit lanes, " + bits / Float.SIZE + " floats at a time";
  }
}
