package dev.varve.llama;

import dev.varve.cli.demo.Chapter;
import dev.varve.llamacpp.ContextOptions;
import dev.varve.llamacpp.LlamaContext;
import dev.varve.llamacpp.LlamaLibrary;
import dev.varve.llamacpp.LlamaModel;
import dev.varve.llamacpp.LlamaPrefixCache;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Runs a prompt through a cache in a folder, says what came of it, and stores other prompts until
 * it is killed.
 */
final class PromptProcess {

  static final ContextOptions OPTIONS = ContextOptions.of(1280);
  static final long SSD_BYTES = 256L << 20;
  static final String MARK = "computed ";

  /** So few that none is given up for another. */
  private static final int OTHER_PROMPTS = 40;

  private PromptProcess() {}

  /** The first tokens of a chapter: bytes are the tokens of the bundled model. */
  static int[] prompt(int tokens) throws IOException {
    byte[] text = Chapter.text().getBytes(StandardCharsets.US_ASCII);
    int[] ids = new int[tokens];
    Arrays.setAll(ids, i -> text[i]);
    return ids;
  }

  public static void main(String[] arguments) throws IOException {
    int[] prompt = prompt(Integer.parseInt(arguments[2]));
    try (LlamaModel model = LlamaLibrary.bundled().openModel(Path.of(arguments[0]));
        LlamaPrefixCache cache =
            LlamaPrefixCache.open(model, OPTIONS, Path.of(arguments[1]), SSD_BYTES);
        LlamaContext context = model.openContext(OPTIONS)) {
      String line = Computed.of(context, cache.prefill(context, prompt)).line();
      System.out.write((MARK + line + "\n").getBytes(StandardCharsets.UTF_8));
      System.out.flush();
      for (int other = 0; other < OTHER_PROMPTS; other++) {
        prompt[0] = other;
        cache.prefill(context, prompt);
      }
      System.in.read();
    }
  }
}
