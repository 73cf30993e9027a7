package dev.varve.llamacpp.internal;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/**
 * The structs of llama.cpp b4916 that are passed by value, as offsets in bytes. Other builds have
 * other fields in the middle: these hold for this build alone, and {@link SelfTest} compares them
 * with the defaults that a library gives.
 */
public final class Build {

  /** The number of the build. */
  public static final int NUMBER = 4916;

  static final StructLayout MODEL_PARAMS = words(8);
  static final StructLayout CONTEXT_PARAMS = words(15);
  static final StructLayout BATCH = words(7);

  static final long MODEL_MAPPED = 57;

  static final long CONTEXT_TOKENS = 0;
  static final long CONTEXT_BATCH = 4;
  static final long CONTEXT_MICRO_BATCH = 8;
  static final long CONTEXT_SEQUENCES = 12;
  static final long CONTEXT_THREADS = 16;
  static final long CONTEXT_THREADS_BATCH = 20;
  static final long CONTEXT_CALLBACK = 72;
  static final long CONTEXT_KEY_TYPE = 88;
  static final long CONTEXT_VALUE_TYPE = 92;
  static final long CONTEXT_FLASH_ATTENTION = 99;

  static final long BATCH_COUNT = 0;
  static final long BATCH_TOKENS = 8;
  static final long BATCH_POSITIONS = 24;
  static final long BATCH_SEQUENCE_COUNTS = 32;
  static final long BATCH_SEQUENCES = 40;
  static final long BATCH_LOGITS = 48;

  static final long TENSOR_BYTES = 336;
  static final long TENSOR_TYPE = 0;
  static final long TENSOR_AXES = 16;
  static final long TENSOR_OPERATION = 80;
  static final long TENSOR_DATA = 248;
  static final long TENSOR_NAME = 256;

  private Build() {}

  /** A struct of so many words: its fields matter to nobody but us, its size to the call. */
  private static StructLayout words(int count) {
    return MemoryLayout.structLayout(MemoryLayout.sequenceLayout(count, ValueLayout.JAVA_LONG));
  }
}
