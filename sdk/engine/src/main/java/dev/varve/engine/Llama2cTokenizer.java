package dev.varve.engine;

import dev.varve.store.Checks;
import dev.varve.store.StoreException;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * The byte-pair tokenizer of llama2.c: {@code tok*.bin} holds the longest length of a token, then
 * score, length and bytes of each, all little-endian. Ids 0 to 2 are unknown, beginning and end;
 * the 256 ids after them stand for single bytes.
 */
public final class Llama2cTokenizer implements Tokenizer {
  private static final int BEGIN = 1;
  private static final int END = 2;
  private static final int FIRST_BYTE = 3;
  private static final int FIRST_TEXT = FIRST_BYTE + 256;

  /** No token has a space behind another character, so words merge apart. */
  private static final Pattern WORD_START = Pattern.compile("(?<! )(?= )");

  private final List<String> texts = new ArrayList<>();
  private final Map<String, Integer> ids = new HashMap<>();
  private final BytePairs pairs;

  /** Reads a file; bytes are kept as the characters of ISO 8859-1. */
  private Llama2cTokenizer(ByteBuffer file) {
    List<Float> scores = new ArrayList<>();
    int longest = Checks.inRange(file.getInt(), 1, 1 << 16, "longest token");
    while (file.hasRemaining()) {
      int id = texts.size();
      scores.add(Checks.finite(file.getFloat(), "score of token " + id));
      byte[] bytes = new byte[Checks.inRange(file.getInt(), 0, longest, "bytes of token " + id)];
      file.get(bytes);
      texts.add(text(id, new String(bytes, StandardCharsets.ISO_8859_1)));
      if (id >= FIRST_TEXT) {
        ids.putIfAbsent(texts.get(id), id);
      }
    }
    Checks.inRange(texts.size(), FIRST_TEXT, Integer.MAX_VALUE, "number of tokens");
    this.pairs = new BytePairs(texts, scores, ids);
  }

  private static String text(int id, String stored) {
    if (id < FIRST_BYTE) {
      return "";
    }
    boolean single = id < FIRST_TEXT;
    boolean sound =
        single
            ? stored.equals("<0x%02X>".formatted(id - FIRST_BYTE))
            : !stored.matches("(?s).*[^ ] .*");
    if (!sound) {
      throw new IllegalArgumentException("token %d cannot be '%s'".formatted(id, stored));
    }
    return single ? Character.toString(id - FIRST_BYTE) : stored;
  }

  /**
   * Reads a {@code tok*.bin}.
   *
   * @throws StoreException when it cannot be read, is truncated or of another format
   */
  public static Llama2cTokenizer read(Path path) {
    try {
      byte[] bytes = Files.readAllBytes(path);
      return new Llama2cTokenizer(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
    } catch (IOException e) {
      throw new StoreException(path + ": cannot be read: " + e, e);
    } catch (BufferUnderflowException e) {
      throw new StoreException(path + ": the tokenizer file is truncated", e);
    } catch (IllegalArgumentException e) {
      throw new StoreException(path + ": not a llama2.c tokenizer: " + e.getMessage(), e);
    }
  }

  /** The one {@code tok*.bin} beside {@code model} whose size fits. */
  static Llama2cTokenizer beside(Path model, int vocabulary) {
    Path folder = model.toAbsolutePath().resolveSibling("");
    List<Path> files = ModelFiles.list(folder, name -> name.matches("tok.*\\.bin"));
    List<Llama2cTokenizer> fitting =
        files.stream()
            .map(Llama2cTokenizer::read)
            .filter(t -> t.vocabulary() == vocabulary)
            .toList();
    if (fitting.size() != 1) {
      throw new StoreException(
          "%s: needs exactly one tok*.bin of %d tokens beside it; of %s %d have them"
              .formatted(model, vocabulary, files, fitting.size()));
    }
    return fitting.getFirst();
  }

  @Override
  public int vocabulary() {
    return texts.size();
  }

  @Override
  public int[] encode(String text) {
    IntStream.Builder encoded = IntStream.builder().add(BEGIN);
    if (!text.isEmpty()) {
      WORD_START
          .splitAsStream(" " + text)
          .map(word -> word.codePoints().flatMap(c -> pieces(Character.toString(c))).toArray())
          .flatMapToInt(pairs::merge)
          .forEach(encoded);
    }
    return encoded.build().toArray();
  }

  /** The token of a character, or the tokens of its bytes. */
  private IntStream pieces(String character) {
    byte[] bytes = character.getBytes(StandardCharsets.UTF_8);
    Integer id = ids.get(new String(bytes, StandardCharsets.ISO_8859_1));
    return id != null
        ? IntStream.of(id)
        : IntStream.range(0, bytes.length).map(i -> FIRST_BYTE + (bytes[i] & 0xFF));
  }

  @Override
  public boolean endsText(int id) {
    return id == BEGIN || id == END;
  }

  @Override
  public byte[] bytes(int previous, int id) {
    String text = texts.get(id);
    boolean dummyPrefix = previous == BEGIN && text.startsWith(" ");
    return text.substring(dummyPrefix ? 1 : 0).getBytes(StandardCharsets.ISO_8859_1);
  }
}
