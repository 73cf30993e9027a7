package dev.varve.llamacpp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
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
class SlotFileTest {
  private static final int TOKENS = 300;
  private static final ContextOptions OPTIONS = ContextOptions.of(512);

  @TempDir Path folder;
  private LlamaModel model;
  private LlamaContext context;
  private final int[] prompt = new SplittableRandom(5).ints(TOKENS, 0, 256).toArray();

  @BeforeEach
  void open() throws IOException {
    model = Native.library().openModel(SmallModel.write(folder.resolve("small.gguf"), 1));
    context = model.openContext(OPTIONS);
  }

  @AfterEach
  void close() {
    context.close();
    model.close();
  }

  private Path saved(int[] ids) {
    Path file = folder.resolve("slot.bin");
    context.save(file, ids);
    return file;
  }

  private static byte[] state(LlamaContext of) {
    try (Arena arena = Arena.ofConfined()) {
      return of.state(0, of.length(), arena).bytes().toArray(ValueLayout.JAVA_BYTE);
    }
  }

  @Test
  void goesOnFromAFileAsWithoutIt() {
    for (boolean flash : new boolean[] {false, true}) {
      for (CacheType type : new CacheType[] {CacheType.F16, CacheType.BF16, CacheType.Q8_0}) {
        if (type.dtype().isEmpty() && !flash) {
          continue;
        }
        ContextOptions options = OPTIONS.types(type, type, flash);
        Path file = folder.resolve(type + "-" + flash);
        try (LlamaContext one = model.openContext(options);
            LlamaContext other = model.openContext(options)) {
          one.decode(prompt, Wanted.NONE);
          one.save(file, prompt);
          other.decode(new int[] {1, 2, 3}, Wanted.NONE);
          assertThat(other.load(file)).isEqualTo(prompt);
          assertThat(other.length()).isEqualTo(TOKENS);
          assertThat(other.exactTokens()).isZero();
          assertThat(state(other)).isEqualTo(state(one));
          assertThat(other.decode(new int[] {7}, Wanted.LAST))
              .isEqualTo(one.decode(new int[] {7}, Wanted.LAST));
        }
      }
    }
  }

  @Test
  void writesTheFormOfLlamaServer() throws IOException {
    context.decode(prompt, Wanted.NONE);
    ByteBuffer file =
        ByteBuffer.wrap(Files.readAllBytes(saved(prompt))).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(file.getInt()).isEqualTo(0x67677371);
    assertThat(file.getInt()).isEqualTo(2);
    assertThat(file.getInt()).isEqualTo(TOKENS);
    for (int token : prompt) {
      assertThat(file.getInt()).isEqualTo(token);
    }
    byte[] rest = new byte[file.remaining()];
    file.get(rest);
    assertThat(rest).isEqualTo(state(context));
    assertThat(folder.resolve("slot.bin.partial")).doesNotExist();
  }

  @Test
  void keepsTheOrderOfCellsAfterAShift() {
    context.decode(prompt, Wanted.NONE);
    context.shift(10, 100);
    assertThat(context.length()).isEqualTo(200);
    assertThat(context.exactTokens()).isEqualTo(10);
    int[] more = new SplittableRandom(6).ints(150, 0, 256).toArray();
    context.decode(more, Wanted.NONE);
    int[] ids = IntStream.of(prompt).limit(10).toArray();
    ids = IntStream.concat(Arrays.stream(ids), Arrays.stream(prompt, 110, TOKENS)).toArray();
    ids = IntStream.concat(Arrays.stream(ids), Arrays.stream(more)).toArray();
    Path file = saved(ids);
    int[] cells = positionsOf(file, ids.length);
    assertThat(cells).isNotEqualTo(IntStream.range(0, 350).toArray());
    assertThat(Arrays.stream(cells).sorted().toArray())
        .isEqualTo(IntStream.range(0, 350).toArray());
    float[] next = context.decode(new int[] {65}, Wanted.LAST);

    try (LlamaContext other = model.openContext(OPTIONS)) {
      assertThat(other.load(file)).isEqualTo(ids);
      assertThat(other.length()).isEqualTo(350);
      assertThat(other.decode(new int[] {65}, Wanted.LAST)).isEqualTo(next);
    }
  }

  private static int[] positionsOf(Path file, int cells) {
    try {
      ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
      return IntStream.range(0, cells)
          .map(cell -> bytes.getInt(12 + 4 * cells + 4 + 8 * cell))
          .toArray();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void savesWhatIsLeftAfterForgetting() {
    context.decode(prompt, Wanted.NONE);
    context.remove(50, 250);
    int[] ids = context.positions();
    Arrays.setAll(ids, i -> prompt[context.positions()[i]]);
    Path file = saved(ids);
    float[] next = context.decode(new int[] {65}, Wanted.LAST);
    try (LlamaContext other = model.openContext(OPTIONS)) {
      other.load(file);
      assertThat(other.tokens()).isEqualTo(100);
      assertThat(other.length()).isEqualTo(TOKENS);
      assertThat(other.exactTokens()).isZero();
      assertThat(other.decode(new int[] {65}, Wanted.LAST)).isEqualTo(next);
    }
  }

  @Test
  void refusesAShiftThatIsNone() {
    context.decode(prompt, Wanted.NONE);
    int[][] wrong = {{-1, 5}, {0, 0}, {200, 101}, {0, 301}};
    for (int[] of : wrong) {
      assertThatThrownBy(() -> context.shift(of[0], of[1])).isInstanceOf(LlamaException.class);
    }
    context.shift(290, 10);
    assertThat(context.positions()).isEqualTo(IntStream.range(0, 290).toArray());
    context.remove(5, 6);
    assertThatThrownBy(() -> context.shift(0, 1))
        .isInstanceOf(LlamaException.class)
        .hasMessage("1 tokens behind the first 0 cannot be forgotten of 289 up to position 290");
    ContextOptions bf16 = OPTIONS.types(CacheType.BF16, CacheType.BF16, false);
    try (LlamaContext other = model.openContext(bf16)) {
      other.decode(prompt, Wanted.NONE);
      assertThatThrownBy(() -> other.shift(0, 1)).hasMessageContaining("take F16");
    }
  }

  @Test
  void refusesFilesThatAreNotOfThisKindOfContext() throws IOException {
    context.decode(prompt, Wanted.NONE);
    assertThatThrownBy(() -> saved(Arrays.copyOf(prompt, 10)))
        .isInstanceOf(LlamaException.class)
        .hasMessageContaining("10 token ids cannot be written of 300 tokens");
    byte[] whole = Files.readAllBytes(saved(prompt));
    refused(Arrays.copyOf(whole, 8), "is no file of a sequence");
    refused(Arrays.copyOf(whole, whole.length - 1), "truncated");
    refused(Arrays.copyOf(whole, 500), "is truncated or damaged");
    refused(changed(whole, 0, 1), "is no file of a sequence");
    refused(changed(whole, 4, 3), "is of version 3");
    refused(changed(whole, 12, 256), "token ids of this model are 0 to 255: 256");
    int cellTable = 12 + 4 * TOKENS + 4;
    refused(changed(whole, cellTable, 1), "holds position 1 twice");
    refused(changed(whole, cellTable, -1), "no position for token 0");
    refused(changed(whole, cellTable, Integer.MAX_VALUE), "no position for token 0");
    refused(changed(whole, cellTable + 8 * TOKENS, 0), "of another model or context");
    assertThatThrownBy(() -> context.load(folder.resolve("gone")))
        .hasMessageContaining("no such file");
    try (LlamaContext small = model.openContext(ContextOptions.of(64))) {
      assertThatThrownBy(() -> small.load(Files.write(folder.resolve("whole"), whole)))
          .isInstanceOf(LlamaException.class)
          .hasMessageContaining("holds 300 tokens, the context has room for");
    }
    assertThatThrownBy(() -> context.save(folder.resolve("no/folder"), prompt))
        .isInstanceOf(LlamaException.class)
        .hasMessageContaining("llama.cpp wrote 0 bytes");
  }

  private static byte[] changed(byte[] file, int at, int value) {
    byte[] other = file.clone();
    ByteBuffer.wrap(other).order(ByteOrder.LITTLE_ENDIAN).putInt(at, value);
    return other;
  }

  /** Nothing may have changed. */
  private void refused(byte[] file, String reason) throws IOException {
    byte[] before = state(context);
    Path path = Files.write(folder.resolve("bad.bin"), file);
    assertThatThrownBy(() -> context.load(path))
        .isInstanceOf(LlamaException.class)
        .hasMessageContaining("bad.bin: ")
        .hasMessageContaining(reason);
    assertThat(context.length()).isEqualTo(TOKENS);
    assertThat(state(context)).isEqualTo(before);
  }
}
