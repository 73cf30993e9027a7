package dev.varve.llama;

import dev.varve.llamacpp.CacheType;
import dev.varve.llamacpp.ContextOptions;
import dev.varve.llamacpp.LlamaContext;
import dev.varve.llamacpp.LlamaException;
import dev.varve.llamacpp.LlamaLibrary;
import dev.varve.llamacpp.LlamaModel;
import dev.varve.llamacpp.LlamaPrefixCache;
import dev.varve.llamacpp.Wanted;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Stream;

/** Gives llama.cpp everything that is wrong, says what came of it, and ends in peace. */
final class BadInputProcess {

  static final String ALIVE = "alive";
  private static final String LIBRARY = "/de/kherud/llama/Linux/x86_64/libjllama.so";
  private static final int BUILD = 4916;
  private static final int TOKENS = 600;
  private static final ContextOptions OPTIONS = ContextOptions.of(1024);
  private static final long SSD_BYTES = 64L << 20;

  private final Path folder;
  private final LlamaLibrary library;

  private BadInputProcess(Path folder, LlamaLibrary library) {
    this.folder = folder;
    this.library = library;
  }

  public static void main(String[] arguments) throws IOException {
    Path model = Path.of(arguments[0]);
    BadInputProcess process = new BadInputProcess(Path.of(arguments[1]), LlamaLibrary.bundled());
    process.libraries();
    process.models(Files.readAllBytes(model));
    process.states(model);
    process.stored(model);
    say(ALIVE, "");
  }

  private static void say(String item, String what) {
    System.out.writeBytes((item + ": " + what + "\n").getBytes(StandardCharsets.UTF_8));
    System.out.flush();
  }

  /** Something that must be refused. */
  private interface Attempt {
    void run() throws IOException;
  }

  private static void refused(String item, Attempt attempt) throws IOException {
    try {
      attempt.run();
      say(item, "was accepted");
    } catch (LlamaException e) {
      say(item, String.valueOf(e.getMessage()));
    }
  }

  private void libraries() throws IOException {
    byte[] whole;
    try (InputStream in = BadInputProcess.class.getResourceAsStream(LIBRARY)) {
      whole = Objects.requireNonNull(in).readAllBytes();
    }
    byte[] other = whole.clone();
    for (int at = 0x400000; at < other.length - 4; at += 4) {
      if (other[at] == (byte) BUILD
          && other[at + 1] == BUILD >> 8
          && other[at + 2] == 0
          && other[at + 3] == 0) {
        other[at]++;
        break;
      }
    }
    byte[] cut = Arrays.copyOf(whole, whole.length / 2);
    Path unknown = Files.write(folder.resolve("unknown.so"), other);
    Path truncated = Files.write(folder.resolve("truncated.so"), cut);
    refused("a library of an unknown build", () -> LlamaLibrary.open(unknown));
    refused("a truncated library", () -> LlamaLibrary.open(truncated));
  }

  private void models(byte[] whole) throws IOException {
    Path cut = Files.write(folder.resolve("cut.gguf"), Arrays.copyOf(whole, whole.length / 2));
    byte[] mamba = whole.clone();
    byte[] name = "mamba".getBytes(StandardCharsets.US_ASCII);
    String head = new String(whole, 0, 200, StandardCharsets.ISO_8859_1);
    System.arraycopy(name, 0, mamba, head.indexOf("llama"), name.length);
    Path other = Files.write(folder.resolve("mamba.gguf"), mamba);
    refused("a truncated model", () -> library.openModel(cut));
    refused("another architecture", () -> library.openModel(other));
  }

  private void states(Path file) throws IOException {
    int[] prompt = PromptProcess.prompt(TOKENS);
    Path slot = folder.resolve("slot.bin");
    ContextOptions blocks = OPTIONS.types(CacheType.Q8_0, CacheType.Q8_0, true);
    try (LlamaModel model = library.openModel(file);
        LlamaContext context = model.openContext(OPTIONS);
        LlamaContext small = model.openContext(ContextOptions.of(128));
        LlamaContext flash = model.openContext(OPTIONS.types(CacheType.F16, CacheType.F16, true));
        LlamaContext quantized = model.openContext(blocks)) {
      context.decode(prompt, Wanted.NONE);
      context.save(slot, prompt);
      byte[] whole = Files.readAllBytes(slot);
      byte[] layers = whole.clone();
      layers[12 + 4 * TOKENS + 4 + 8 * TOKENS + 4]++;
      Path other = Files.write(folder.resolve("other.bin"), layers);
      Path cut = Files.write(folder.resolve("cut.bin"), Arrays.copyOf(whole, whole.length / 3));
      refused("a state of another model", () -> context.load(other));
      refused("a truncated state", () -> context.load(cut));
      refused("a state of another attention kernel", () -> flash.load(slot));
      refused("a state of another cache type", () -> quantized.load(slot));
      refused("a context too small for the state", () -> small.load(slot));
      refused("an empty state", () -> context.append(MemorySegment.ofArray(new byte[156])));
      say("tokens that are still there", String.valueOf(context.tokens()));
    }
  }

  private void stored(Path file) throws IOException {
    int[] prompt = PromptProcess.prompt(TOKENS);
    Path store = folder.resolve("store");
    try (LlamaModel model = library.openModel(file);
        LlamaContext context = model.openContext(OPTIONS);
        LlamaContext small = model.openContext(ContextOptions.of(128))) {
      try (LlamaPrefixCache cache = LlamaPrefixCache.open(model, OPTIONS, store, SSD_BYTES)) {
        cache.prefill(context, prompt);
        refused("a context too small for the prefix", () -> cache.prefill(small, prompt));
      }
      byte[] weights = Files.readAllBytes(file);
      weights[weights.length - 1] ^= 1;
      Path other = Files.write(folder.resolve("other.gguf"), weights);
      try (LlamaModel second = library.openModel(other);
          LlamaPrefixCache cache = LlamaPrefixCache.open(second, OPTIONS, store, SSD_BYTES);
          LlamaContext own = second.openContext(OPTIONS)) {
        say("blocks of another model", reused(cache.prefill(own, prompt).reused()));
      }
      damage(store);
      try (LlamaPrefixCache cache = LlamaPrefixCache.open(model, OPTIONS, store, SSD_BYTES)) {
        var again = cache.prefill(context, prompt);
        say("a corrupt block", reused(again.reused()));
        context.clear();
        float[] computed = context.decode(prompt, Wanted.LAST);
        say("logits behind a corrupt block", Arrays.equals(computed, again.logits()) ? "same" : "");
      }
    }
  }

  private static String reused(int tokens) {
    return tokens == 0 ? "a miss" : tokens + " tokens were reused";
  }

  /** Flips bits in every record. */
  private static void damage(Path store) throws IOException {
    try (Stream<Path> files = Files.walk(store)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".segment")).toList()) {
        byte[] bytes = Files.readAllBytes(file);
        for (int at = 64; at < bytes.length; at += 509) {
          bytes[at] ^= 0x10;
        }
        Files.write(file, bytes);
      }
    }
  }
}
