package dev.varve.llamacpp.internal;

import static java.lang.foreign.ValueLayout.ADDRESS;

import dev.varve.llamacpp.LlamaException;
import dev.varve.llamacpp.MissingLibraryException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/** The functions of one loaded library, which stays loaded until the process ends. */
public final class NativeLlama {

  /**
   * One call of the engine at a time in this process: the kernels of this build keep a counter in a
   * variable of the process, and two decodes at once give garbage.
   */
  private static final ReentrantLock ENGINE = new ReentrantLock();

  private final ModelFunctions models;
  private final ContextFunctions contexts;
  private final SequenceFunctions sequences;
  private final SlotFunctions slots;
  private final NativeLog log = new NativeLog();

  private NativeLlama(SymbolLookup library, String name, Arena arena) {
    Functions functions = new Functions(library, name);
    this.models = new ModelFunctions(functions);
    this.contexts = new ContextFunctions(functions);
    this.sequences = new SequenceFunctions(functions);
    this.slots = new SlotFunctions(functions);
    SelfTest.run(library, name, models, contexts);
    try {
      functions
          .procedure("llama_log_set", ADDRESS, ADDRESS)
          .invoke(log.stub(arena), MemorySegment.NULL);
      functions.procedure("llama_backend_init").invoke();
    } catch (LlamaException e) {
      throw e;
    } catch (Throwable e) {
      throw Functions.broken(e);
    }
  }

  /** Unpacks and opens the library of the jar. */
  public static NativeLlama bundled(String system, String architecture) {
    return BundledLibrary.with(
        system, architecture, file -> open(file, "the bundled llama.cpp", architecture));
  }

  /** Opens a library at {@code path} after checking that it is one. */
  public static NativeLlama open(Path path, String architecture) {
    return open(path, path.toString(), architecture);
  }

  @SuppressWarnings("restricted") // the point of this class
  private static NativeLlama open(Path path, String name, String architecture) {
    ElfFile.check(path, architecture);
    SymbolLookup library;
    try {
      library = SymbolLookup.libraryLookup(path.toAbsolutePath(), Arena.global());
    } catch (IllegalArgumentException e) {
      throw new MissingLibraryException(
          "%s: cannot be loaded here; it needs glibc, libstdc++ and libgomp (package libgomp1): %s"
              .formatted(name, e.getMessage()),
          e);
    }
    return new NativeLlama(library, name, Arena.global());
  }

  /** Runs a call while no other runs in this process. */
  public <T> T alone(Supplier<T> call) {
    ENGINE.lock();
    try {
      return call.get();
    } finally {
      ENGINE.unlock();
    }
  }

  /** Functions on models. */
  public ModelFunctions models() {
    return models;
  }

  /** Functions on contexts. */
  public ContextFunctions contexts() {
    return contexts;
  }

  /** Functions on the cells of a cache. */
  public SequenceFunctions sequences() {
    return sequences;
  }

  /** Functions on files of one sequence. */
  public SlotFunctions slots() {
    return slots;
  }

  /** What the library says. */
  public NativeLog log() {
    return log;
  }
}
