package dev.varve.llamacpp.internal;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** Functions on models and their vocabularies. Pointers are not checked: callers hold live ones. */
public final class ModelFunctions {

  private final MethodHandle defaults;
  private final MethodHandle load;
  private final MethodHandle free;
  private final MethodHandle vocabulary;
  private final MethodHandle tokens;
  private final MethodHandle tokenize;
  private final MethodHandle piece;
  private final MethodHandle isEnd;

  ModelFunctions(Functions library) {
    this.defaults = library.function("llama_model_default_params", Build.MODEL_PARAMS);
    this.load =
        library.function("llama_model_load_from_file", ADDRESS, ADDRESS, Build.MODEL_PARAMS);
    this.free = library.procedure("llama_model_free", ADDRESS);
    this.vocabulary = library.function("llama_model_get_vocab", ADDRESS, ADDRESS);
    this.tokens = library.function("llama_vocab_n_tokens", JAVA_INT, ADDRESS);
    this.tokenize =
        library.function(
            "llama_tokenize",
            JAVA_INT,
            ADDRESS,
            ADDRESS,
            JAVA_INT,
            ADDRESS,
            JAVA_INT,
            JAVA_BOOLEAN,
            JAVA_BOOLEAN);
    this.piece =
        library.function(
            "llama_token_to_piece",
            JAVA_INT,
            ADDRESS,
            JAVA_INT,
            ADDRESS,
            JAVA_INT,
            JAVA_INT,
            JAVA_BOOLEAN);
    this.isEnd = library.function("llama_vocab_is_eog", JAVA_BOOLEAN, ADDRESS, JAVA_INT);
  }

  MemorySegment defaults(SegmentAllocator allocator) {
    try {
      return (MemorySegment) defaults.invokeExact(allocator);
    } catch (Throwable e) {
      throw Functions.broken(e);
    }
  }

  /** Loads a checked file; a null pointer on failure, and the reason is in the log. */
  public MemorySegment load(String path) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment parameters = defaults(arena);
      parameters.set(ValueLayout.JAVA_BYTE, Build.MODEL_MAPPED, (byte) 1);
      return (MemorySegment) load.invokeExact(arena.allocateFrom(path), parameters);
    } catch (Throwable e) {
      throw Functions.broken(e);
    }
  }

  /** Frees a model that no context uses. */
  public void free(MemorySegment model) {
    try {
      free.invokeExact(model);
    } catch (Throwable e) {
      throw Functions.broken(e);
    }
  }

  /** The vocabulary of a model. */
  public MemorySegment vocabulary(MemorySegment model) {
    try {
      return (MemorySegment) vocabulary.invokeExact(model);
    } catch (Throwable e) {
      throw Functions.broken(e);
    }
  }

  /** How many tokens a vocabulary has. */
  public int tokens(MemorySegment vocabulary) {
    try {
      return (int) tokens.invokeExact(vocabulary);
    } catch (Throwable e) {
      throw Functions.broken(e);
    }
  }

  /**
   * Splits text; what stands for the beginning of a text comes first where the model wants it.
   *
   * @return how many ids were written, or the negative number of those that there are
   */
  public int tokenize(
      MemorySegment vocabulary, MemorySegment text, int bytes, MemorySegment ids, int room) {
    try {
      return (int) tokenize.invokeExact(vocabulary, text, bytes, ids, room, true, false);
    } catch (Throwable e) {
      throw Functions.broken(e);
    }
  }

  /** The bytes of a token; the negative number of those that there are if {@code room} is less. */
  public int piece(MemorySegment vocabulary, int token, MemorySegment bytes, int room) {
    try {
      return (int) piece.invokeExact(vocabulary, token, bytes, room, 0, false);
    } catch (Throwable e) {
      throw Functions.broken(e);
    }
  }

  /** Whether a token ends a text. */
  public boolean isEnd(MemorySegment vocabulary, int token) {
    try {
      return (boolean) isEnd.invokeExact(vocabulary, token);
    } catch (Throwable e) {
      throw Functions.broken(e);
    }
  }
}
