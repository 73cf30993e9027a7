package dev.varve.llamacpp;

import dev.varve.llamacpp.gguf.GgufFile;
import dev.varve.llamacpp.gguf.ModelDimensions;
import dev.varve.llamacpp.internal.NativeLlama;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A model that llama.cpp has loaded: its dimensions and its tokenizer. Safe for many threads.
 * Closing it frees it; that is refused while contexts of it are open.
 */
public final class LlamaModel implements AutoCloseable {

  private static final int SHORT_PIECE = 64;

  private final LlamaLibrary library;
  private final NativeLlama llama;
  private final MemorySegment model;
  private final MemorySegment vocabulary;
  private final GgufFile file;
  private final ModelDimensions dimensions;
  private final int tokens;
  private @Nullable String digest;
  private int contexts;
  private boolean open = true;

  LlamaModel(
      LlamaLibrary library,
      NativeLlama llama,
      MemorySegment model,
      GgufFile file,
      ModelDimensions dimensions) {
    this.library = library;
    this.llama = llama;
    this.model = model;
    this.file = file;
    this.dimensions = dimensions;
    this.vocabulary = llama.models().vocabulary(model);
    this.tokens = llama.models().tokens(vocabulary);
  }

  /** The dimensions. */
  public ModelDimensions dimensions() {
    return dimensions;
  }

  /** How many token ids there are. */
  public int vocabulary() {
    return tokens;
  }

  /** SHA-256 of the file, in hexadecimal; read at the first call. */
  public synchronized String digest() {
    if (digest == null) {
      digest = file.digest();
    }
    return digest;
  }

  /** The library it is loaded in. */
  public LlamaLibrary library() {
    return library;
  }

  /** Splits text into token ids, with the one that begins a text where the model has one. */
  public synchronized int[] tokenize(String text) {
    checkOpen();
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment given = arena.allocate(Math.max(1, bytes.length));
      MemorySegment.copy(bytes, 0, given, ValueLayout.JAVA_BYTE, 0, bytes.length);
      int room = bytes.length + 2;
      MemorySegment ids = arena.allocate(ValueLayout.JAVA_INT, room);
      int count = llama.models().tokenize(vocabulary, given, bytes.length, ids, room);
      if (count < 0) {
        ids = arena.allocate(ValueLayout.JAVA_INT, -count);
        count = llama.models().tokenize(vocabulary, given, bytes.length, ids, -count);
      }
      if (count < 0) {
        throw new LlamaException(
            "llama.cpp cannot split a text of %d bytes".formatted(bytes.length));
      }
      return ids.asSlice(0, (long) count * Integer.BYTES).toArray(ValueLayout.JAVA_INT);
    }
  }

  /** The bytes that a token stands for; none for tokens that control. */
  public synchronized byte[] bytes(int token) {
    checkOpen();
    checkToken(token);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment piece = arena.allocate(SHORT_PIECE);
      int count = llama.models().piece(vocabulary, token, piece, SHORT_PIECE);
      if (count < 0) {
        piece = arena.allocate(-count);
        count = llama.models().piece(vocabulary, token, piece, -count);
      }
      return piece.asSlice(0, Math.max(0, count)).toArray(ValueLayout.JAVA_BYTE);
    }
  }

  /** The text of tokens; bytes that are no UTF-8 become U+FFFD. */
  public String text(int[] ids) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int id : ids) {
      bytes.writeBytes(bytes(id));
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  /** Whether a token ends a text. */
  public synchronized boolean endsText(int token) {
    checkOpen();
    checkToken(token);
    return llama.models().isEnd(vocabulary, token);
  }

  /**
   * Opens a context.
   *
   * @throws LlamaException if the engine refuses it: says why
   */
  public synchronized LlamaContext openContext(ContextOptions options) {
    checkOpen();
    LlamaContext context = LlamaContext.open(this, llama, model, options);
    contexts++;
    return context;
  }

  synchronized void closed() {
    contexts--;
  }

  void checkToken(int token) {
    if (token < 0 || token >= tokens) {
      throw new LlamaException(
          "token ids of this model are 0 to %d: %d".formatted(tokens - 1, token));
    }
  }

  private void checkOpen() {
    if (!open) {
      throw new IllegalStateException("the model is closed: open it again");
    }
  }

  @Override
  public synchronized void close() {
    if (!open) {
      return;
    }
    if (contexts > 0) {
      throw new IllegalStateException(
          "the model cannot close while %d contexts are open: close them first"
              .formatted(contexts));
    }
    open = false;
    llama.alone(() -> {
      llama.models().free(model);
      return open;
    });
  }
}
