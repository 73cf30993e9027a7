package dev.varve.offload.replacement;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Seeded prompts that share prefixes: new conversations, next turns and forks of old ones. */
final class RandomPrompts {

  private final Random random;
  private final List<long[]> conversations = new ArrayList<>();
  private long fresh;

  RandomPrompts(long seed) {
    this.random = new Random(seed);
  }

  long[] next() {
    long[] from = new long[0];
    if (!conversations.isEmpty() && random.nextInt(3) > 0) {
      int recent = Math.max(0, conversations.size() - 1 - random.nextInt(12));
      from = conversations.get(recent);
      if (random.nextInt(3) == 0) {
        from = Arrays.copyOf(from, 1 + random.nextInt(from.length));
      }
    }
    long[] prompt = Arrays.copyOf(from, from.length + 1 + random.nextInt(6));
    for (int i = from.length; i < prompt.length; i++) {
      prompt[i] = fresh++;
    }
    conversations.add(prompt);
    return prompt;
  }
}
