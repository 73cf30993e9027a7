package dev.varve.cli.command;

import dev.varve.cli.CommandFailure;
import dev.varve.cli.Console;
import dev.varve.cli.ExitCode;
import dev.varve.cli.bench.AttentionBench;
import dev.varve.cli.bench.BenchReport;
import dev.varve.cli.bench.Comparison;
import dev.varve.cli.bench.EncodedAttentionBench;
import dev.varve.cli.bench.FarAttentionBench;
import dev.varve.cli.bench.SharedPrefixBench;
import dev.varve.cli.run.Cleanup;
import dev.varve.cli.text.ByteSize;
import dev.varve.cli.text.ProgressBar;
import dev.varve.store.Dtype;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.Backends;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Exact decode attention beside a read of the same memory. */
@Command(
    name = "attention",
    description =
        "Exact attention of one token, 8 KV heads of 128 with 4 query heads each, over cold keys"
            + " and values on one thread, beside a plain read of the same memory (goal P7), and"
            + " over int8 and int4 blocks without writing them out; over blocks of the host tier"
            + " where they lie; and of 1 to 16 sessions that share a prefix of 8192 tokens.")
final class BenchAttentionCommand extends Task {

  private static final int LEAST_PAIRS = 5;
  private static final List<Integer> SESSIONS = List.of(1, 2, 4, 8, 16);
  private static final List<String> ENCODINGS = List.of("int8", "int4", "kivi4");

  @Option(
      names = "--size",
      paramLabel = "SIZE",
      description = "Memory to walk over (16 times the last-level cache, 512 MiB to 2 GiB).")
  private Optional<ByteSize> size = Optional.empty();

  @Option(
      names = "--pairs",
      paramLabel = "N",
      defaultValue = "15",
      description = "Pairs to measure, at least 5 (${DEFAULT-VALUE}).")
  private int pairs;

  @Mixin private FormatOption format = new FormatOption();

  @Override
  protected ExitCode perform(Console console, Cleanup cleanup) throws IOException {
    if (pairs < LEAST_PAIRS) {
      throw misuse("--pairs must be at least " + LEAST_PAIRS + ": " + pairs);
    }
    Backends.Choice choice = Backends.choose(Optional.empty());
    if (choice.backend() != Backend.VECTOR) {
      throw new CommandFailure(
          ExitCode.ENVIRONMENT,
          "the probe reads with the Vector API, which is missing here: " + choice.reason());
    }
    long bytes = size.isPresent() ? size.get().bytes() : AttentionBench.defaultSetBytes();
    AttentionBench bench = new AttentionBench(choice.backend(), bytes, pairs);
    List<Comparison> comparisons = new ArrayList<>();
    try (ProgressBar bar = console.progress("attention", "types")) {
      int all = Dtype.values().length + 2 * (ENCODINGS.size() + 1 + SESSIONS.size());
      for (Dtype dtype : Dtype.values()) {
        bar.show(comparisons.size(), all);
        comparisons.add(bench.run(dtype));
      }
      EncodedAttentionBench encoded = new EncodedAttentionBench(choice.backend(), bytes, pairs);
      for (String encoding : ENCODINGS) {
        bar.show(comparisons.size(), all);
        comparisons.addAll(encoded.run(encoding));
      }
      bar.show(comparisons.size(), all);
      comparisons.addAll(new FarAttentionBench(choice.backend(), bytes / 2, pairs).run());
      SharedPrefixBench shared = new SharedPrefixBench(choice.backend(), bytes, pairs);
      for (int sessions : SESSIONS) {
        bar.show(comparisons.size(), all);
        comparisons.addAll(shared.run(sessions));
      }
    }
    BenchReport report = new BenchReport(title(choice, bench), comparisons, NOTES);
    format.print(console, report, () -> report.render(console.lines()));
    return ExitCode.OK;
  }

  private String title(Backends.Choice choice, AttentionBench bench) {
    return "Exact decode attention, one token and one thread, 8 KV heads of 128, 4 query heads"
        + " each, blocks of 128 tokens; %s; medians of %d pairs over %s of cold memory."
            .formatted(choice.reason(), pairs, ByteSize.format(bench.setBytes()));
  }

  private static final List<String> NOTES =
      List.of(
          "ours: bytes of keys and values attended a second. probe: a vectorised sum of the same"
              + " memory, half a round away, in turns with ours. goal: P7.",
          "encoded: a rate counts the bytes that the blocks have in f16; ours checks a block and"
              + " decodes a head at a time inside of attention.",
          "shared: a rate counts the bytes that every session attends to, so more than the read of"
              + " memory means that reading once pays.");
}
