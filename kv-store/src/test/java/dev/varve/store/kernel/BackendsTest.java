package dev.varve.store.kernel;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.store.Dtype;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BackendsTest {

  @Test
  void saysWhyItChoseWhatItChose() {
    Backends.Choice choice = Backends.choose(Optional.empty(), true);
    assertThat(choice.reason())
        .startsWith(choice.backend() == Backend.VECTOR ? "vector: " : "scalar: ")
        .contains("bit")
        .contains(Integer.toString(VectorLanes.bits()));
  }

  @Test
  void obeysWhenForced() {
    assertThat(Backends.choose(Optional.of(Backend.SCALAR), true))
        .isEqualTo(new Backends.Choice(Backend.SCALAR, "scalar: forced"));
    assertThat(Backends.choose(Optional.of(Backend.VECTOR), true).backend())
        .isEqualTo(Backend.VECTOR);
  }

  @Test
  void namesTheFlagWhenAForcedBackendIsMissing() {
    assertThatThrownBy(() -> Backends.choose(Optional.of(Backend.VECTOR), false))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("--add-modules jdk.incubator.vector");
  }

  @Test
  void runsScalarKernelsInAJvmWithoutTheVectorModule() throws Exception {
    String output = java(WithoutModule.class);
    assertThat(output)
        .contains("SCALAR scalar: vector refused, module jdk.incubator.vector is not present")
        .contains("dot 11.0")
        .contains("forced: backend VECTOR was forced");
  }

  private static String java(Class<?> main) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                main.getName())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }

  /** The main class of the JVM without the module. */
  static final class WithoutModule {
    public static void main(String[] args) {
      Backends.Choice choice = Backends.choose(Optional.empty());
      System.out.println(choice.backend() + " " + choice.reason());
      var bytes = MemorySegment.ofArray(new byte[8]);
      DtypeKernel.of(choice.backend(), Dtype.F32).store(new float[] {1, 2}, 0, 2, bytes, 0);
      float[] out = new float[1];
      DotKernel.of(choice.backend())
          .multiply(
              new StoredRows().layout(Dtype.F32, 2).at(bytes, 0, 1),
              new FloatRows().at(new float[] {3, 4}, 0, 2, 1),
              new FloatRows().at(out, 0, 1, 1));
      System.out.println("dot " + out[0]);
      try {
        Backends.choose(Optional.of(Backend.VECTOR));
      } catch (IllegalStateException e) {
        System.out.println("forced: " + e.getMessage());
      }
    }
  }
}
