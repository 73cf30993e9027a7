package dev.varve.cli.eval;

import dev.varve.cli.calibrate.HeadSearch;
import dev.varve.engine.LlamaModel;
import dev.varve.eviction.head.CopyingHeads;
import dev.varve.eviction.head.HeadMap;
import dev.varve.eviction.head.HeadMapFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * RazorAttention with the retrieval heads of the model at hand, with and without its compensation
 * token and while decoding, DuoAttention with the same heads, and StreamingLLM at the bytes that
 * RazorAttention takes.
 */
public final class RazorPolicies {
  private static final int COMPRESSION = 5;
  private static final int SINKS = 4;
  private static final int RECENT = 64;

  private RazorPolicies() {}

  /**
   * Searches the heads, writes their map to {@code file} and names the policies.
   *
   * @param promptTokens tokens of the prompts of the evaluation
   */
  public static List<PolicyChoice> of(LlamaModel model, Path file, int promptTokens) {
    HeadMap map =
        new CopyingHeads(0.14, 0.01).choose(HeadSearch.standard().scores(model, done -> {}));
    HeadMapFile.write(file, map, Map.of("model_identity", model.modelIdentity()));
    String options = "compression=%d,sinks=%d,recent=%d".formatted(COMPRESSION, SINKS, RECENT);
    String start = "razorattention(heads='" + file + "'," + options;
    String streaming =
        String.format(Locale.ROOT, "streamingllm(budget=%.3f)", kept(map, promptTokens));
    String duo = "duoattention(heads='" + file + "',sinks=" + SINKS + ",recent=" + RECENT + ")";
    return List.of(
        new PolicyChoice("razorattention(recent=" + RECENT + ")", start + ")"),
        new PolicyChoice("razorattention(compensation=false)", start + ",compensation=false)"),
        new PolicyChoice("razorattention+online", start + ")+online"),
        new PolicyChoice("duoattention(recent=" + RECENT + ")", duo),
        PolicyChoice.of(streaming));
  }

  /** Share of all rows that is kept, compensation tokens included. */
  static double kept(HeadMap map, int tokens) {
    double both = SINKS + Math.max(RECENT, tokens / COMPRESSION) + 1;
    return map.share() + (1 - map.share()) * Math.min(1, both / tokens);
  }
}
