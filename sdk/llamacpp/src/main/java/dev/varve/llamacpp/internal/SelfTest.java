package dev.varve.llamacpp.internal;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.varve.llamacpp.LlamaException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.util.function.Function;

/**
 * Compares a library with the one build whose structs are known: the number it gives, if it gives
 * one, and the structs of defaults, byte for byte. They are received in more memory than they
 * should take, so that a larger struct shows and destroys nothing.
 */
final class SelfTest {

  private static final int ROOM = 4096;
  private static final byte UNTOUCHED = (byte) 0xA5;

  private SelfTest() {}

  /** Refuses a library of another build. */
  static void run(
      SymbolLookup library, String name, ModelFunctions models, ContextFunctions contexts) {
    library
        .find("LLAMA_BUILD_NUMBER")
        .ifPresent(address -> {
          int number = intAt(address);
          if (number != Build.NUMBER) {
            throw refused(name, "says that it is b" + number);
          }
        });
    compare(name, "llama_model_params", models::defaults, modelDefaults(), 20, 60);
    compare(name, "llama_context_params", contexts::defaults, contextDefaults(), 68, 101);
  }

  @SuppressWarnings("restricted") // an exported variable
  private static int intAt(MemorySegment address) {
    return address.reinterpret(Integer.BYTES).get(JAVA_INT, 0);
  }

  /**
   * Compares what {@code call} writes with {@code expected}, and looks behind it.
   *
   * @param gaps where bytes begin that nobody writes, up to the next multiple of 8
   */
  static void compare(
      String name,
      String struct,
      Function<SegmentAllocator, MemorySegment> call,
      MemorySegment expected,
      long... gaps) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment room = arena.allocate(ROOM, 16).fill(UNTOUCHED);
      MemorySegment given = call.apply((bytes, alignment) -> room.asSlice(0, bytes, alignment));
      for (long gap : gaps) {
        given.asSlice(gap, -gap & 7).fill((byte) 0);
      }
      long differs = given.mismatch(expected);
      if (differs >= 0) {
        throw refused(name, "has other defaults at byte %d of %s".formatted(differs, struct));
      }
      for (long at = expected.byteSize(); at < ROOM; at++) {
        if (room.get(JAVA_BYTE, at) != UNTOUCHED) {
          throw refused(name, "has a %s of more than %d bytes".formatted(struct, at));
        }
      }
    }
  }

  private static MemorySegment modelDefaults() {
    MemorySegment bytes = MemorySegment.ofArray(new byte[(int) Build.MODEL_PARAMS.byteSize()]);
    bytes.set(JAVA_BYTE, 12, (byte) 1);
    bytes.set(JAVA_BYTE, Build.MODEL_MAPPED, (byte) 1);
    return bytes;
  }

  private static MemorySegment contextDefaults() {
    MemorySegment bytes = MemorySegment.ofArray(new byte[(int) Build.CONTEXT_PARAMS.byteSize()]);
    ValueLayout.OfInt i32 = ValueLayout.JAVA_INT_UNALIGNED;
    ValueLayout.OfFloat f32 = ValueLayout.JAVA_FLOAT_UNALIGNED;
    bytes.set(i32, Build.CONTEXT_TOKENS, 512);
    bytes.set(i32, Build.CONTEXT_BATCH, 2048);
    bytes.set(i32, Build.CONTEXT_MICRO_BATCH, 512);
    bytes.set(i32, Build.CONTEXT_SEQUENCES, 1);
    bytes.set(i32, Build.CONTEXT_THREADS, 4);
    bytes.set(i32, Build.CONTEXT_THREADS_BATCH, 4);
    for (int at : new int[] {24, 28, 32}) {
      bytes.set(i32, at, -1);
    }
    bytes.set(f32, 44, -1);
    bytes.set(f32, 48, 1);
    bytes.set(f32, 52, 32);
    bytes.set(f32, 56, 1);
    bytes.set(f32, 64, -1);
    bytes.set(i32, Build.CONTEXT_KEY_TYPE, 1);
    bytes.set(i32, Build.CONTEXT_VALUE_TYPE, 1);
    bytes.set(JAVA_BYTE, 98, (byte) 1);
    bytes.set(JAVA_BYTE, 100, (byte) 1);
    return bytes;
  }

  private static LlamaException refused(String name, String what) {
    return new LlamaException(
        "%s: %s: it is no llama.cpp of build b%d, the one that is supported"
            .formatted(name, what, Build.NUMBER));
  }
}
