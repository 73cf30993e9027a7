package dev.varve.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.store.StoreException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenizerTest {

  private static final Tokenizer BYTES = new ByteTokenizer();
  private static final Tokenizer STORIES =
      Llama2cTokenizer.read(Models.stories().resolveSibling("tok512.bin"));

  @TempDir Path folder;

  /** Ids from a direct transcription of the greedy merge: best score over all neighbours. */
  static Stream<Arguments> knownEncodings() {
    return Stream.of(
        Arguments.of("", new int[] {1}),
        Arguments.of("Once upon a time", new int[] {1, 403, 407, 261, 378}),
        Arguments.of("Hello  world\n", new int[] {1, 346, 306, 414, 410, 263, 304, 341, 13}),
        Arguments.of("Lily's café €", new int[] {1, 317, 439, 419, 280, 412, 431, 485, 410, 503}),
        Arguments.of("<s><0x41>", new int[] {1, 410, 504, 419, 505, 504, 477, 444, 484, 475, 505}),
        Arguments.of(" x  yy   ", new int[] {1, 410, 410, 444, 410, 348, 422, 410, 410, 410}));
  }

  @ParameterizedTest
  @MethodSource("knownEncodings")
  void encodesLikeTheReference(String text, int[] ids) {
    assertThat(STORIES.encode(text)).isEqualTo(ids);
    assertThat(STORIES.decode(ids)).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void textsSurviveTheRoundTrip(long seed) {
    Random random = new Random(seed);
    String letters = "  aeLilyton.\n'é€\uD83D\uDE00";
    for (int i = 0; i < 50; i++) {
      StringBuilder text = new StringBuilder();
      random
          .ints(random.nextInt(60), 0, letters.codePointCount(0, letters.length()))
          .forEach(c -> text.appendCodePoint(letters.codePoints().toArray()[c]));
      for (Tokenizer tokenizer : new Tokenizer[] {BYTES, STORIES}) {
        assertThat(tokenizer.decode(tokenizer.encode(text.toString())))
            .as("seed %d", seed)
            .isEqualTo(text.toString());
      }
    }
  }

  @Test
  void oneByteIsOneId() {
    assertThat(BYTES.encode("Aé")).containsExactly(65, 0xC3, 0xA9);
    assertThat(BYTES.vocabulary()).isEqualTo(256);
    assertThat(BYTES.endsText(0)).isFalse();
    assertThatThrownBy(() -> BYTES.decode(256)).hasMessageContaining("256");
  }

  @Test
  void beginningAndEndEndAText() {
    assertThat(STORIES.endsText(1)).isTrue();
    assertThat(STORIES.endsText(2)).isTrue();
    assertThat(STORIES.endsText(3)).isFalse();
    assertThat(STORIES.decode(1, 2)).isEmpty();
  }

  @Test
  void onlyTheSpaceAfterTheBeginningIsDropped() {
    assertThat(STORIES.decode(1, 403, 407)).isEqualTo("Once upon");
    assertThat(STORIES.decode(407)).isEqualTo(" upon");
  }

  @Test
  void aStreamGivesWholeCharactersOnly() {
    TextStream stream = new TextStream(BYTES);
    assertThat(stream.accept(0xF0)).isEmpty();
    assertThat(stream.accept(0x9F)).isEmpty();
    assertThat(stream.accept(0x98)).isEmpty();
    assertThat(stream.accept(0x80)).isEqualTo("\uD83D\uDE00");
    assertThat(stream.accept('x')).isEqualTo("x");
    assertThat(stream.finish()).isEmpty();
  }

  @Test
  void bytesThatAreNoTextBecomeReplacements() {
    TextStream stream = new TextStream(BYTES);
    assertThat(stream.accept(0xC3) + stream.accept('x')).isEqualTo("\uFFFDx");
    assertThat(stream.accept(0xE2)).isEmpty();
    assertThat(stream.finish()).isEqualTo("\uFFFD");
  }

  @Test
  void refusesEveryTruncation() throws IOException {
    byte[] bytes = Files.readAllBytes(Models.writeTokenizer(folder.resolve("tok.bin"), "ab"));
    int lastToken = 2 * Integer.BYTES + 2;
    IntStream lengths =
        IntStream.concat(IntStream.range(0, 50), IntStream.range(bytes.length - 30, bytes.length));
    for (int length : lengths.toArray()) {
      Path part = Files.write(folder.resolve("part.bin"), Arrays.copyOf(bytes, length));
      if (length == bytes.length - lastToken) {
        assertThat(Llama2cTokenizer.read(part).vocabulary()).isEqualTo(259);
      } else {
        refuses(part, "part.bin: ");
      }
    }
  }

  @Test
  void refusesForeignFiles() throws IOException {
    Path file = Models.writeTokenizer(folder.resolve("tok.bin"), "a b");
    refuses(file, "token 259 cannot be 'a b'");
    byte[] bytes = Files.readAllBytes(Models.writeTokenizer(file, "x"));
    refuses(patch(bytes, 4, 0x7FC00000), "score of token 0 must be a finite number");
    refuses(patch(bytes, 8, 100), "bytes of token 0 must lie between 0 and 99: 100");
    refuses(patch(bytes, 8, -1), "bytes of token 0 must lie between 0 and 99: -1");
    refuses(patch(bytes, 0, 0), "longest token must lie between");
    byte[] renamed = bytes.clone();
    renamed[new String(bytes, StandardCharsets.ISO_8859_1).indexOf("<0x41>") + 1] = 'y';
    refuses(Files.write(folder.resolve("named.bin"), renamed), "token 68 cannot be '<yx41>'");
    refuses(folder.resolve("none.bin"), "cannot be read");
  }

  private Path patch(byte[] bytes, int at, int value) throws IOException {
    byte[] patched = bytes.clone();
    for (int i = 0; i < Integer.BYTES; i++) {
      patched[at + i] = (byte) (value >>> (8 * i));
    }
    return Files.write(folder.resolve("patched.bin"), patched);
  }

  private static void refuses(Path file, String sentence) {
    assertThatThrownBy(() -> Llama2cTokenizer.read(file))
        .isInstanceOf(StoreException.class)
        .hasMessageStartingWith(file + ": ")
        .hasMessageContaining(sentence);
  }
}
