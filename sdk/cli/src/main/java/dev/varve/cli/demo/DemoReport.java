package dev.varve.cli.demo;

import dev.varve.offload.variant.TierEncodings;

/**
 * What the demo shows.
 *
 * @param model the model
 * @param prompt title of the text
 * @param promptBytes its bytes
 * @param blockTokens tokens of a block
 * @param kvType stored element type
 * @param tiers how the tiers write blocks; empty where they are raw
 * @param approximate whether that loses bits, so that the texts may differ
 * @param first the first run
 * @param second the second run, another process over the same store
 * @param prefillSpeedup how many times faster the second prefill was
 * @param sameText whether both runs generated the same tokens
 */
public record DemoReport(
    String model,
    String prompt,
    int promptBytes,
    int blockTokens,
    String kvType,
    String tiers,
    boolean approximate,
    RunReport first,
    RunReport second,
    double prefillSpeedup,
    boolean sameText) {

  /** Compares two runs over the chapter. */
  public static DemoReport of(
      String model, int promptBytes, TierEncodings encodings, RunReport first, RunReport second) {
    return new DemoReport(
        model,
        Chapter.TITLE,
        promptBytes,
        DemoSettings.BLOCK_TOKENS,
        DemoSettings.KV_TYPE.name(),
        encodings.toString(),
        !encodings.exact(),
        first,
        second,
        first.prefillSeconds() / second.prefillSeconds(),
        first.tokenIds().equals(second.tokenIds()) && first.text().equals(second.text()));
  }
}
