package dev.varve.llamacpp;

import dev.varve.llamacpp.gguf.GgufFile;
import dev.varve.llamacpp.gguf.ModelDimensions;
import dev.varve.llamacpp.internal.Build;
import dev.varve.llamacpp.internal.NativeLlama;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The native library of llama.cpp, of the one build whose structs are known. It stays loaded until
 * the process ends. Safe for many threads; the engine computes for one of them at a time.
 */
public final class LlamaLibrary {

  private final NativeLlama llama;

  private LlamaLibrary(NativeLlama llama) {
    this.llama = llama;
  }

  /** The bundled library, once it is loaded. */
  private static final class Bundled {
    private static Optional<LlamaLibrary> library = Optional.empty();

    static synchronized LlamaLibrary get() {
      if (library.isEmpty()) {
        String system = System.getProperty("os.name");
        NativeLlama llama = NativeLlama.bundled(system, System.getProperty("os.arch"));
        library = Optional.of(new LlamaLibrary(llama));
      }
      return library.get();
    }
  }

  /**
   * The library of the jar {@code de.kherud:llama}, unpacked and loaded at the first call.
   *
   * @throws MissingLibraryException if it does not run here: says what it needs
   */
  public static LlamaLibrary bundled() {
    return Bundled.get();
  }

  /**
   * Loads a library of the user's own.
   *
   * @param path of a {@code libllama.so} with what it needs beside it
   * @throws LlamaException if it is no such library, truncated, or of another build
   */
  public static LlamaLibrary open(Path path) {
    return new LlamaLibrary(NativeLlama.open(path, System.getProperty("os.arch")));
  }

  /** The build, as part of identities: blocks of another build are never found. */
  public String build() {
    return "b" + Build.NUMBER;
  }

  /**
   * Checks a GGUF file and loads it. The file must not change while the model is open.
   *
   * @throws LlamaException if it is truncated, damaged, of an architecture that is not supported,
   *     or refused by the engine: nothing is loaded then
   */
  public LlamaModel openModel(Path path) {
    GgufFile file = GgufFile.read(path);
    ModelDimensions dimensions = ModelDimensions.of(file);
    MemorySegment model =
        llama.alone(() -> {
          llama.log().takeErrors();
          MemorySegment loaded = llama.models().load(path.toAbsolutePath().toString());
          if (loaded.address() == 0) {
            throw new LlamaException(
                "%s: llama.cpp refuses it: %s".formatted(path, llama.log().takeErrors()));
          }
          return loaded;
        });
    return new LlamaModel(this, llama, model, file, dimensions);
  }
}
