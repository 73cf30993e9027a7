package dev.varve.cli.bench;

import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** What {@link CodingBench} found, as a page in Markdown. */
public final class CodingPage {
  private CodingPage() {}

  /**
   * The page.
   *
   * @param command what makes it
   * @param data what was measured on, in sentences
   * @param plots names of the drawings beside the page: output error, then loss
   */
  public static String markdown(
      String command,
      String data,
      List<CodingFinding> codings,
      List<SizeFinding> sizes,
      List<String> plots) {
    StringBuilder page = new StringBuilder("# Encodings on real keys and values\n\n");
    page.append("```\n").append(command).append("\n```\n\n");
    page.append("This command wrote this page. ").append(data).append("\n\n");
    page.append(
        """
        *Bits*: frames, padding and the bitstream's tables included; *tables*: what calibrated tables, which a file holds once, add on these tokens,
        or what CacheGen's open-source form ships with every 256 tokens. *Output error*: root of the squared error of attention outputs over their squares, for
        the last 64 queries of every head, mean over the layers. *Next token*: mean negative log-likelihood of the model over the first 1,024 tokens after the
        first block, where every query reads the decoded rows of earlier blocks and the exact ones of its own. *Encoded* (every fourth block) and *decoded*: by processor time of one thread, median of five.

        """);
    page.append("| encoding | bits per value | tables | output error | next token, nats");
    page.append(" | encoded, GB/s of fp16 | decoded, GB/s of fp16 |\n");
    page.append("|---|---|---|---|---|---|---|\n");
    for (CodingFinding coding : codings) {
      String name = coding.decodeRate().isPresent() ? "`" + coding.name() + "`" : coding.name();
      page.append(
          "| %s | %s | %s | %s | %s | %s | %s |\n"
              .formatted(
                  name,
                  number("%.2f", coding.bitsPerValue()),
                  coding.tableBitsPerValue() == 0 ? "" : number("%.2f", coding.tableBitsPerValue()),
                  number("%.4f", coding.outputError()),
                  number("%.4f", coding.nextTokenLoss()),
                  number("%.2f", coding.encodedGigabytes()),
                  number("%.2f", coding.decodedGigabytes())));
    }
    page.append(
        "\nDifferences in loss below 0.001 say nothing on so few tokens.\n\n![Error of attention outputs against bits per value](%s)\n\n![Loss of the next token against bits per value](%s)\n"
            .formatted(plots.getFirst(), plots.getLast()));
    page.append(
        """

        ## The bitstream beside CacheGen

        Bytes of the bitstream at the error of each published level, on the line between its own two levels around it (logarithm of the error against bits). CacheGen is
        re-implemented in the benchmark alone: one scale for a token over all heads, 16 or 32 bins by layer, a table for every channel of every layer. Its
        symbols are priced at their entropy; *tables free* gives it one table for each channel over the whole text, made from that text and not counted.

        | bytes | beside | ratio | goal |
        |---|---|---|---|
        """);
    for (SizeFinding size : sizes) {
      page.append(
          "| %s | %s | %s | %s |\n"
              .formatted(
                  size.name(),
                  size.than(),
                  number("%.3f", size.ratio()),
                  number("%.2f", size.goal())));
    }
    page.append(
        """

        Rows that refer to earlier rows are much of it, and a model of bytes repeats its tokens often: without references the prototype of
        [decision 42](../decisions/0042-bitstream.md) comes to about 0.85, reckoned from the errors of keys and of values apart.
        """);
    return page.toString();
  }

  private static String number(String format, OptionalDouble number) {
    return number.isEmpty() ? "" : number(format, number.getAsDouble());
  }

  private static String number(String format, double number) {
    return String.format(Locale.ROOT, format, number);
  }
}
