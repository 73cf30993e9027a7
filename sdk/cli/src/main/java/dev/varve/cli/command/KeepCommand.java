package dev.varve.cli.command;

import dev.varve.cli.Console;
import dev.varve.cli.ExitCode;
import dev.varve.cli.capture.StoredRun;
import dev.varve.cli.keep.KeptFile;
import dev.varve.cli.keep.KeptHead;
import dev.varve.cli.keep.StoredLayers;
import dev.varve.cli.run.Cleanup;
import dev.varve.cli.text.ByteSize;
import dev.varve.cli.text.Numbers;
import dev.varve.cli.text.Table;
import dev.varve.eviction.EvictionPlanner;
import dev.varve.eviction.EvictionPolicy;
import dev.varve.eviction.LowPrecision;
import dev.varve.eviction.keep.KeepPlan;
import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.text.EvictionPolicies;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.Backends;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Says what a policy keeps of stored keys and values. */
@Command(
    name = "keep",
    description = {
      "Prints the positions that an eviction policy keeps of stored keys and values, per layer and"
          + " KV head.",
      "docs/policy.md has the grammar of policies and every method."
    })
final class KeepCommand extends Task {
  private static final int WIDTH = 60;

  @Parameters(
      paramLabel = "FILE",
      description =
          "Keys and values in any kind of file that varve inspect reads; queries come with a file"
              + " of varve capture.")
  private Path file = Path.of("");

  @Option(
      names = "--policy",
      paramLabel = "POLICY",
      required = true,
      description = "Such as 'snapkv(budget=256,window=32,kernel=7,pool=max)'.")
  private String policyText = "";

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Also write the pruned cache, one tensor per layer and head (none).")
  private Optional<Path> out = Optional.empty();

  @Option(names = "--force", description = "Replace the file of --out if it exists.")
  private boolean force;

  @Mixin private KindMixin kind = new KindMixin();

  @Mixin private FormatOption format = new FormatOption();

  @Override
  protected ExitCode perform(Console console, Cleanup cleanup) throws IOException {
    EvictionPolicy policy = EvictionPolicies.parse(policyText);
    if (policy.after().every().isPresent() || policy.after().online().isPresent()) {
      throw misuse(
          policy.text()
              + " forgets again while tokens are decoded, and here nothing is: leave that out");
    }
    if (policy.after().parks() || policy.after().low() != LowPrecision.DROP) {
      throw misuse(
          policy.text()
              + " says what becomes of tokens that a session does not keep, and here is none: leave"
              + " park and low out");
    }
    if (out.isPresent()) {
      checkTarget(out.get(), force);
    }
    Backend backend = Backends.choose(Optional.empty()).backend();
    try (Arena arena = Arena.ofShared();
        StoredRun run = kind.run(file, arena)) {
      List<Observation> layers = StoredLayers.of(run);
      KeepPlan plan = new EvictionPlanner(policy, backend).plan(layers);
      if (out.isPresent()) {
        KeptFile.write(out.get(), run, layers, policy, plan, backend);
        console.note(out.get() + ": " + ByteSize.format(Files.size(out.get())));
      }
      List<KeptHead> heads = KeptHead.of(plan);
      format.print(console, heads, () -> render(policy, plan, heads, console.lines()));
    }
    return ExitCode.OK;
  }

  private static String render(
      EvictionPolicy policy, KeepPlan plan, List<KeptHead> heads, boolean lines) {
    Table table = new Table("layer", "head", "kept", "positions").left(3);
    for (KeptHead head : heads) {
      table.row(
          Integer.toString(head.layer()),
          Integer.toString(head.head()),
          Numbers.count(head.positions().size()),
          shortened(head.runs()));
    }
    long all = (long) plan.tokens() * heads.size();
    return "\n  %s\n  %s of %s rows, %.1f %%\n\n%s\n"
        .formatted(
            policy.text(),
            Numbers.count(plan.slots()),
            Numbers.count(all),
            100.0 * plan.slots() / all,
            table.render(lines));
  }

  private static String shortened(String runs) {
    if (runs.length() <= WIDTH) {
      return runs;
    }
    int end = runs.lastIndexOf(' ', WIDTH - 4);
    return runs.substring(0, Math.max(end, 0)) + " ...";
  }
}
