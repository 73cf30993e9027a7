package dev.varve.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LibraryEdgesTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "dev.varve.store.Far, net.openhft.chronicle.map.ChronicleMap",
    "dev.varve.store.ssd.Far, net.openhft.chronicle.map.ChronicleMap",
    "dev.varve.store.hostile.Far, net.openhft.chronicle.map.ChronicleMap",
    "dev.varve.store.host.Far, org.lmdbjava.Env",
    "dev.varve.sdk.Far, org.lmdbjava.Env",
    "dev.varve.store.ssd.Far, io.lettuce.core.RedisClient",
    "dev.varve.store.kernel.ScalarFar, jcuda.driver.CUcontext",
    "dev.varve.store.kernel.NotVector, jdk.incubator.vector.FloatVector",
    "dev.varve.sdk.Far, io.netty.buffer.ByteBuf",
    "dev.varve.store.ssd.Far, io.netty.buffer.ByteBuf",
    "dev.varve.sdk.Far, picocli.CommandLine",
    "dev.varve.store.Far, org.openjdk.jmh.annotations.Benchmark",
    "dev.varve.cli.Far, org.openjdk.jmh.annotations.Benchmark",
  })
  void refusesALibraryOutsideItsPlace(String user, String used) {
    assertThat(LibraryEdges.violations(fieldOf(user, used)))
        .singleElement()
        .asString()
        .startsWith(user + " names " + used + ", which belongs ");
  }

  @ParameterizedTest
  @CsvSource({
    "dev.varve.store.host.Near, net.openhft.chronicle.map.ChronicleMap",
    "dev.varve.store.ssd.internal.Near, org.lmdbjava.Env",
    "dev.varve.store.remote.Near, io.lettuce.core.RedisClient",
    "dev.varve.store.cuda.Near, jcuda.driver.CUcontext",
    "dev.varve.attention.CudaNear, jcuda.driver.CUcontext",
    "dev.varve.store.kernel.VectorNear, jdk.incubator.vector.FloatVector",
    "dev.varve.client.Near, io.netty.buffer.ByteBuf",
    "dev.varve.sidecar.Near, io.netty.buffer.ByteBuf",
    "dev.varve.store.remote.Near, io.netty.util.concurrent.Future",
    "dev.varve.cli.command.Near, picocli.CommandLine",
  })
  void acceptsALibraryInItsPlace(String user, String used) {
    assertThat(LibraryEdges.violations(fieldOf(user, used))).isEmpty();
  }

  @Test
  void judgesANestedClassByTheNameOfItsFile() {
    List<ClassFacts> classes =
        new CompiledSources()
            .with(
                "dev.varve.store.kernel.Plain",
                "class Plain { static class VectorInside {"
                    + " jdk.incubator.vector.FloatVector field; } }")
            .compile(folder, "dev.varve");

    assertThat(LibraryEdges.violations(classes))
        .containsExactly(
            "dev.varve.store.kernel.Plain$VectorInside names jdk.incubator.vector.FloatVector,"
                + " which belongs only in classes named Vector*");
  }

  private List<ClassFacts> fieldOf(String user, String used) {
    String simple = user.substring(user.lastIndexOf('.') + 1);
    CompiledSources sources = new CompiledSources();
    // The class path holds the real ones of some libraries, the JDK that of another.
    if (!used.startsWith("jdk.")) {
      sources.withEmpty(used);
    }
    return sources.with(user, "class " + simple + " { " + used + " field; }").compile(folder, user);
  }
}
