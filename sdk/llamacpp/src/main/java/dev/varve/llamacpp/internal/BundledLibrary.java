package dev.varve.llamacpp.internal;

import dev.varve.llamacpp.MissingLibraryException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The library in the jar {@code de.kherud:llama} of Maven Central: for Linux on x86-64 and on
 * aarch64. It is unpacked into a file that only this account can read and that is gone again as
 * soon as the library is mapped.
 */
final class BundledLibrary {

  private static final List<String> FEATURES = List.of("avx2", "fma", "f16c", "bmi2");
  private static final Path PROCESSORS = Path.of("/proc/cpuinfo");

  private BundledLibrary() {}

  /** Hands the unpacked file to {@code use} and removes it. */
  static <T> T with(String system, String architecture, Function<Path, T> use) {
    String folder = architecture.equals("amd64") ? "x86_64" : architecture;
    String entry = "/de/kherud/llama/Linux/%s/libjllama.so".formatted(folder);
    if (!system.equals("Linux") || BundledLibrary.class.getResource(entry) == null) {
      throw new MissingLibraryException(
          "the bundled llama.cpp is for Linux on x86-64 and aarch64, this is %s on %s: give a"
                  .formatted(system, architecture)
              + " libllama of build b%d".formatted(Build.NUMBER));
    }
    if (folder.equals("x86_64")) {
      missingFeature(PROCESSORS)
          .ifPresent(feature -> {
            throw new MissingLibraryException(
                "the bundled llama.cpp needs a processor with %s, this one lacks %s"
                    .formatted(FEATURES, feature));
          });
    }
    try {
      Path file = Files.createTempFile("varve-llama", ".so");
      try (InputStream in = BundledLibrary.class.getResourceAsStream(entry)) {
        if (in == null) {
          throw new MissingLibraryException("the class path lost " + entry);
        }
        Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
        return use.apply(file);
      } finally {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new MissingLibraryException("the bundled llama.cpp cannot be unpacked: " + e, e);
    }
  }

  /** What the library was compiled for and the processor has not; nothing where that is unknown. */
  static Optional<String> missingFeature(Path processors) {
    try {
      if (!Files.isReadable(processors)) {
        return Optional.empty();
      }
      List<String> flags =
          Files.readAllLines(processors).stream()
              .filter(line -> line.startsWith("flags"))
              .findFirst()
              .map(line -> List.of(line.split("\\s+")))
              .orElse(FEATURES);
      return FEATURES.stream().filter(feature -> !flags.contains(feature)).findFirst();
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
