package dev.varve.llamacpp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("tool")
class LlamaContextTest {
  private static final int TOKENS = 300;

  @TempDir Path folder;
  private LlamaModel model;
  private LlamaContext context;
  private final Arena arena = Arena.ofShared();
  private final int[] prompt = new SplittableRandom(7).ints(TOKENS, 0, 256).toArray();

  @BeforeEach
  void open() throws IOException {
    model = Native.library().openModel(SmallModel.write(folder.resolve("small.gguf"), 1));
    context = model.openContext(ContextOptions.of(512));
  }

  @AfterEach
  void close() {
    context.close();
    model.close();
    arena.close();
  }

  private static byte[] bytes(LlamaContext of, int tokens, Arena arena) {
    return of.state(0, tokens, arena).bytes().toArray(ValueLayout.JAVA_BYTE);
  }

  @Test
  void decodesTheSameTwice() {
    float[] first = context.decode(prompt, Wanted.LAST);
    context.clear();
    float[] second = context.decode(prompt, Wanted.LAST);

    assertThat(first).hasSize(256).isEqualTo(second);
    assertThat(context.length()).isEqualTo(TOKENS);
    assertThat(context.exactTokens()).isEqualTo(TOKENS);
  }

  @Test
  void decodesInPassesThatEndAtTheSamePlaces() {
    float[] whole = context.decode(prompt, Wanted.LAST);
    context.clear();
    context.decode(Arrays.copyOf(prompt, 128), Wanted.NONE);
    float[] rest = context.decode(Arrays.copyOfRange(prompt, 128, TOKENS), Wanted.LAST);

    assertThat(rest).isEqualTo(whole);
  }

  @Test
  void givesLogitsOfAllTokens() {
    float[] all = context.decode(prompt, Wanted.ALL);
    context.clear();
    float[] last = context.decode(prompt, Wanted.LAST);

    assertThat(all).hasSize(TOKENS * 256);
    assertThat(Arrays.copyOfRange(all, (TOKENS - 1) * 256, TOKENS * 256))
        .containsExactly(last, within(0.01f));
  }

  @Test
  void restoresAStateToTheBit() {
    context.decode(prompt, Wanted.NONE);
    byte[] before = bytes(context, TOKENS, arena);
    float[] next = context.decode(new int[] {65}, Wanted.LAST);

    try (LlamaContext other = model.openContext(ContextOptions.of(512))) {
      other.append(MemorySegment.ofArray(before));
      assertThat(bytes(other, TOKENS, arena)).isEqualTo(before);
      assertThat(other.exactTokens()).isEqualTo(TOKENS);
      assertThat(other.decode(new int[] {65}, Wanted.LAST)).isEqualTo(next);
    }
  }

  @Test
  void restoresAStateInParts() {
    context.decode(prompt, Wanted.NONE);
    byte[] whole = bytes(context, TOKENS, arena);
    SequenceState front = context.state(0, 128, arena);
    SequenceState back = context.state(128, TOKENS, arena);

    context.clear();
    context.append(front.bytes());
    context.append(back.bytes());
    assertThat(bytes(context, TOKENS, arena)).isEqualTo(whole);
  }

  @Test
  void refusesTokensThatTheModelLacks() {
    assertThatThrownBy(() -> context.decode(new int[] {256}, Wanted.LAST))
        .isInstanceOf(LlamaException.class)
        .hasMessage("token ids of this model are 0 to 255: 256");
    assertThatThrownBy(() -> context.decode(new int[] {-1}, Wanted.LAST))
        .isInstanceOf(LlamaException.class);
    assertThatThrownBy(() -> context.decode(new int[0], Wanted.LAST))
        .isInstanceOf(LlamaException.class);
    assertThat(context.tokens()).isZero();
  }

  @Test
  void refusesMoreTokensThanFit() {
    assertThatThrownBy(() -> context.decode(new int[513], Wanted.LAST))
        .isInstanceOf(LlamaException.class)
        .hasMessageContaining("the context has room for 512 of 513 tokens");
    assertThat(context.tokens()).isZero();
    context.decode(new int[512], Wanted.LAST);
    assertThatThrownBy(() -> context.decode(new int[1], Wanted.LAST))
        .isInstanceOf(LlamaException.class);
    assertThat(context.tokens()).isEqualTo(512);
  }

  @Test
  void refusesDamagedStates() {
    context.decode(prompt, Wanted.NONE);
    byte[] state = bytes(context, TOKENS, arena);
    context.clear();
    byte[] truncated = Arrays.copyOf(state, state.length - 1);
    byte[] empty = new byte[156];
    byte[] otherType = state.clone();
    otherType[4 + 8 * TOKENS + 8] = 8;
    byte[] swapped = state.clone();
    swapped[4 + 8 * TOKENS] = 0;

    for (byte[] bad : new byte[][] {truncated, empty, otherType, swapped, new byte[0]}) {
      assertThatThrownBy(() -> context.append(MemorySegment.ofArray(bad)))
          .isInstanceOf(LlamaException.class);
    }
    assertThat(context.tokens()).isZero();
    context.append(MemorySegment.ofArray(state));
    assertThatThrownBy(() -> context.append(MemorySegment.ofArray(state)))
        .isInstanceOf(LlamaException.class)
        .hasMessageContaining("which is taken");
  }

  @Test
  void refusesAStateThatDoesNotFit() {
    context.decode(prompt, Wanted.NONE);
    SequenceState state = context.state(0, TOKENS, arena);
    try (LlamaContext small = model.openContext(ContextOptions.of(64))) {
      assertThatThrownBy(() -> small.append(state.bytes()))
          .isInstanceOf(LlamaException.class)
          .hasMessageContaining("the context has room for");
    }
  }

  @Test
  void keepsTheOtherTokensInPlaceWhenSomeAreRemoved() {
    context.decode(prompt, Wanted.NONE);
    context.remove(100, 200);

    assertThat(context.tokens()).isEqualTo(200);
    assertThat(context.length()).isEqualTo(TOKENS);
    assertThat(context.exactTokens()).isEqualTo(100);
    assertThat(context.decode(new int[] {1}, Wanted.LAST)).hasSize(256);
    assertThat(context.exactTokens()).isEqualTo(100);
    context.remove(50, 1000);
    assertThat(context.length()).isEqualTo(50);
    context.decode(new int[] {1}, Wanted.NONE);
    assertThat(context.exactTokens()).isEqualTo(51);
  }

  @Test
  void findsRoomAmongScatteredCells() {
    context.decode(new SplittableRandom(3).ints(512, 0, 256).toArray(), Wanted.NONE);
    int[] odd = IntStream.range(0, 512).filter(i -> i % 2 == 1).toArray();
    context.keepOnly(odd, 512);
    assertThat(context.positions()).isEqualTo(odd);

    context.decode(Arrays.copyOf(prompt, 200), Wanted.LAST);
    assertThat(context.tokens()).isEqualTo(456);
    assertThat(context.length()).isEqualTo(712);
  }

  @Test
  void computesTheSameOnEveryKindOfCache() {
    for (boolean flash : new boolean[] {false, true}) {
      for (CacheType type : CacheType.values()) {
        boolean refused = flash ? type == CacheType.F32 : type.dtype().isEmpty();
        ContextOptions base = ContextOptions.of(512);
        if (refused) {
          assertThatThrownBy(() -> base.types(type, type, flash))
              .isInstanceOf(IllegalArgumentException.class);
          continue;
        }
        try (LlamaContext one = model.openContext(base.types(type, type, flash));
            LlamaContext other = model.openContext(base.types(type, type, flash))) {
          one.decode(prompt, Wanted.NONE);
          SequenceState state = one.state(0, TOKENS, arena);
          other.append(state.bytes());
          assertThat(other.decode(new int[] {9}, Wanted.LAST))
              .as("%s, flash attention %s", type, flash)
              .isEqualTo(one.decode(new int[] {9}, Wanted.LAST));
        }
      }
    }
  }

  @Test
  void refusesToBeUsedAfterItsEnd() {
    assertThatThrownBy(model::close)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("1 contexts are open");
    context.close();
    context.close();
    assertThatThrownBy(() -> context.decode(prompt, Wanted.LAST))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(context::clear).isInstanceOf(IllegalStateException.class);
    model.close();
    assertThatThrownBy(() -> model.tokenize("a")).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> model.openContext(ContextOptions.of(32)))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void splitsTextAndPutsItTogether() {
    int[] ids = model.tokenize("hello wörld");
    assertThat(ids).hasSize(12).startsWith('h', 'e', 'l', 'l', 'o', ' ');
    assertThat(model.text(ids)).isEqualTo("hello wörld");
    assertThat(model.tokenize("")).isEmpty();
    assertThatThrownBy(() -> model.bytes(1000)).isInstanceOf(LlamaException.class);
  }

  @Test
  void decodesOnSeveralThreadsAsOnOne() throws InterruptedException {
    float[] expected = context.decode(prompt, Wanted.LAST);
    float[][] found = new float[3][];
    Thread[] threads = new Thread[found.length];
    for (int i = 0; i < threads.length; i++) {
      int at = i;
      threads[i] =
          Thread.ofPlatform()
              .start(() -> {
                try (LlamaContext own = model.openContext(ContextOptions.of(512))) {
                  found[at] = own.decode(prompt, Wanted.LAST);
                }
              });
    }
    for (Thread thread : threads) {
      thread.join();
    }
    for (float[] logits : found) {
      assertThat(logits).isEqualTo(expected);
    }
  }
}
