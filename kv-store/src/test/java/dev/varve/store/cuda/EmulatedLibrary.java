package dev.varve.store.cuda;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The kernels compiled for the processor by g++, once for all tests of a JVM. A launch runs to its
 * end on the calling thread.
 */
@SuppressWarnings("restricted") // a library that is compiled here
final class EmulatedLibrary implements EmulatedKernels {
  private static final List<String> FILES =
      List.of(
          "attention.cu",
          "gather.cu",
          "quantize.cu",
          "rans.cu",
          "scores.cu",
          "topk.cu",
          "common.cuh",
          "emulation.h",
          "emulation.cpp");

  private static @Nullable EmulatedLibrary made;

  private final MethodHandle has;
  private final MethodHandle run;

  private EmulatedLibrary(Path library) {
    SymbolLookup symbols = SymbolLookup.libraryLookup(library, Arena.global());
    Linker linker = Linker.nativeLinker();
    has =
        linker.downcallHandle(
            symbols.find("varve_has").orElseThrow(),
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS));
    run =
        linker.downcallHandle(
            symbols.find("varve_run").orElseThrow(),
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS));
  }

  /** Why there can be none on this machine; empty if there can be one. */
  static Optional<String> missing() {
    try {
      Process compiler = new ProcessBuilder("g++", "--version").start();
      compiler.getInputStream().readAllBytes();
      return compiler.waitFor() == 0 ? Optional.empty() : Optional.of("g++ does not run");
    } catch (IOException e) {
      return Optional.of("g++ is not installed");
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  static synchronized EmulatedLibrary get() {
    EmulatedLibrary known = made;
    if (known == null) {
      known = new EmulatedLibrary(compile());
      made = known;
    }
    return known;
  }

  private static Path compile() {
    try {
      Path folder = Files.createTempDirectory("varve-kernels");
      for (String file : FILES) {
        try (InputStream in = EmulatedLibrary.class.getResourceAsStream(file)) {
          assertThat(in).as(file).isNotNull();
          Files.write(folder.resolve(file), in.readAllBytes());
        }
      }
      Path library = folder.resolve("libkernels.so");
      List<String> command =
          List.of(
              "g++",
              "-std=c++20",
              "-O1",
              "-ffp-contract=off",
              "-DVARVE_EMULATION",
              // Jumps between the stacks of fibres look wrong to the checks of hardened builds.
              "-U_FORTIFY_SOURCE",
              "-shared",
              "-fPIC",
              "-Wno-unknown-pragmas",
              "-o",
              library.toString(),
              folder.resolve("emulation.cpp").toString());
      Process compiler = new ProcessBuilder(command).redirectErrorStream(true).start();
      String output = new String(compiler.getInputStream().readAllBytes(), UTF_8);
      assertThat(compiler.waitFor(5, TimeUnit.MINUTES)).isTrue();
      assertThat(compiler.exitValue()).as(output).isZero();
      Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder)));
      return library;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void delete(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
      Files.delete(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public boolean has(String name) {
    try (Arena arena = Arena.ofConfined()) {
      return (int) has.invoke(arena.allocateFrom(name)) != 0;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public synchronized void run(String name, LaunchGrid grid, byte[] values) {
    int code;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment copied = arena.allocate(values.length, 8);
      MemorySegment.copy(values, 0, copied, ValueLayout.JAVA_BYTE, 0, values.length);
      code =
          (int)
              run.invoke(
                  arena.allocateFrom(name), grid.x(), grid.y(), grid.z(), grid.threads(), copied);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
    assertThat(code).as("%s: 2 says that its threads wait for each other", name).isZero();
  }
}
