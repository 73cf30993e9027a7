package dev.varve.llama;

import dev.varve.llamacpp.LlamaContext;
import dev.varve.llamacpp.Prefill;
import dev.varve.llamacpp.TokenSampler;
import dev.varve.llamacpp.Wanted;
import dev.varve.store.Digest256;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What a process got out of a prompt, so that another can be held against it.
 *
 * @param reused tokens that were restored
 * @param stored tokens that are stored now
 * @param state SHA-256 of the engine's own state behind the prompt
 * @param ids the greedy continuation
 */
record Computed(int reused, int stored, String state, List<Integer> ids) {

  static final int STEPS = 24;
  private static final int PARTS = 4;

  Computed {
    ids = List.copyOf(ids);
  }

  /** Continues what {@code prefill} left in {@code context}. */
  static Computed of(LlamaContext context, Prefill prefill) {
    String state = digest(context);
    return new Computed(
        prefill.reused(), prefill.stored(), state, continued(context, prefill.logits()));
  }

  /** Ids that follow greedily. */
  static List<Integer> continued(LlamaContext context, float[] logits) {
    TokenSampler sampler = TokenSampler.greedy();
    int[] ids = new int[STEPS];
    float[] last = logits;
    for (int i = 0; i < STEPS; i++) {
      ids[i] = sampler.next(last);
      last = context.decode(new int[] {ids[i]}, Wanted.LAST);
    }
    return Arrays.stream(ids).boxed().toList();
  }

  /** Of all keys and values and the frame that the engine writes around them. */
  static String digest(LlamaContext context) {
    return Digest256.of(state(context)).toString();
  }

  static byte[] state(LlamaContext context) {
    try (Arena arena = Arena.ofConfined()) {
      return context.state(0, context.length(), arena).bytes().toArray(ValueLayout.JAVA_BYTE);
    }
  }

  /** One line. */
  String line() {
    String text = ids.stream().map(String::valueOf).collect(Collectors.joining(","));
    return "%d %d %s %s".formatted(reused, stored, state, text);
  }

  /** Reads {@link #line}. */
  static Computed parse(String line) {
    String[] parts = line.split(" ", -1);
    if (parts.length != PARTS) {
      throw new IllegalArgumentException("a process said: " + line);
    }
    List<Integer> ids = Arrays.stream(parts[3].split(",", -1)).map(Integer::valueOf).toList();
    return new Computed(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]), parts[2], ids);
  }
}
