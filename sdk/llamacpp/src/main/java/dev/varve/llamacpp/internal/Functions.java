package dev.varve.llamacpp.internal;

import dev.varve.llamacpp.LlamaException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/** Finds functions in the library and calls them. */
final class Functions {

  private final SymbolLookup library;
  private final String name;

  /**
   * @param library where the functions are
   * @param name of the library, for sentences
   */
  Functions(SymbolLookup library, String name) {
    this.library = library;
    this.name = name;
  }

  /** A function that returns something. */
  @SuppressWarnings("restricted") // the point of this class
  MethodHandle function(String function, MemoryLayout result, MemoryLayout... arguments) {
    return Linker.nativeLinker()
        .downcallHandle(address(function), FunctionDescriptor.of(result, arguments));
  }

  /** A function that returns nothing. */
  @SuppressWarnings("restricted") // the point of this class
  MethodHandle procedure(String function, MemoryLayout... arguments) {
    return Linker.nativeLinker()
        .downcallHandle(address(function), FunctionDescriptor.ofVoid(arguments));
  }

  private MemorySegment address(String function) {
    return library
        .find(function)
        .orElseThrow(() ->
            new LlamaException(
                "%s: has no function %s: it is no llama.cpp of build b%d, the one that is supported"
                    .formatted(name, function, Build.NUMBER)));
  }

  /** What a call threw that cannot throw: an error of this binding. */
  static IllegalStateException broken(Throwable e) {
    return new IllegalStateException("a call of llama.cpp failed: " + e, e);
  }
}
