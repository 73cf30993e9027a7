package dev.varve.cli.command;

import dev.varve.cli.CommandFailure;
import dev.varve.cli.Console;
import dev.varve.cli.ExitCode;
import dev.varve.cli.bench.Finding;
import dev.varve.cli.bench.FindingReport;
import dev.varve.cli.bench.GpuBench;
import dev.varve.cli.bench.GpuPeers;
import dev.varve.cli.bench.GpuSessionBench;
import dev.varve.cli.run.Cleanup;
import dev.varve.sdk.GpuConfig;
import dev.varve.store.cuda.CudaDevice;
import dev.varve.store.cuda.CudaFinding;
import dev.varve.store.cuda.CudaProbe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What kernels and copies take on a GPU. */
@Command(
    name = "gpu",
    description =
        "Measures copies and kernels on a GPU beside the floor of their bytes at the rate at which"
            + " the device copies in the same run (goal P15). Without a GPU it says what is"
            + " missing and ends with 1.")
final class BenchGpuCommand extends Task {

  @Option(
      names = "--device",
      paramLabel = "N",
      defaultValue = "0",
      description = "Which GPU, from 0 (${DEFAULT-VALUE}).")
  private int device;

  @Option(
      names = "--tokens",
      paramLabel = "N",
      defaultValue = "131072",
      description = "Tokens of a sequence, a multiple of 128 (${DEFAULT-VALUE}).")
  private int tokens;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "8",
      description = "Sequences of the larger batch (${DEFAULT-VALUE}).")
  private int batch;

  @Option(
      names = "--repeats",
      paramLabel = "N",
      defaultValue = "50",
      description = "Runs of which the median is taken, at least 5 (${DEFAULT-VALUE}).")
  private int repeats;

  @Option(
      names = "--peers",
      paramLabel = "FILE",
      description = "Times of others in the same run: a name, a tab and microseconds a line.")
  private @Nullable Path peers;

  @Mixin private FormatOption format = new FormatOption();

  @Override
  protected ExitCode perform(Console console, Cleanup cleanup) throws IOException {
    GpuPeers others = check();
    CudaFinding finding = CudaProbe.look();
    if (finding instanceof CudaFinding.Missing missing) {
      throw new CommandFailure(ExitCode.NO, "No GPU can be used: " + missing.line() + ".");
    }
    try (CudaDevice gpu = CudaDevice.open(device)) {
      GpuBench.Sizes sizes =
          new GpuBench.Sizes(tokens, 8, 4, 128, batch, Math.min(2048, tokens), 1L << 28, repeats);
      List<Finding> findings = new ArrayList<>(new GpuBench(gpu, sizes, others).run());
      findings.add(session(sizes, findings));
      FindingReport report =
          new FindingReport(
              "%s. %d tokens, 8 KV heads of 128, 4 query heads each, f16; medians of %d."
                  .formatted(gpu.info().line(), tokens, repeats),
              findings,
              NOTES);
      format.print(console, report, () -> report.render(console.lines()));
    }
    return ExitCode.OK;
  }

  private Finding session(GpuBench.Sizes sizes, List<Finding> kernels) {
    double alone =
        kernels.stream()
            .filter(finding -> finding.name().equals(GpuBench.FULL_DECODE + 1))
            .mapToDouble(Finding::value)
            .findFirst()
            .orElseThrow();
    GpuConfig there = GpuConfig.first().on(device);
    return new GpuSessionBench(there, sizes, System::nanoTime).run(alone);
  }

  private GpuPeers check() throws IOException {
    if (device < 0) {
      throw misuse("--device must not be negative: " + device);
    }
    if (tokens < 128 || tokens % 128 != 0 || tokens > 1 << 20) {
      throw misuse("--tokens must be a multiple of 128 up to 1048576: " + tokens);
    }
    if (batch < 1 || batch > 64) {
      throw misuse("--batch must lie between 1 and 64: " + batch);
    }
    if (repeats < 5) {
      throw misuse("--repeats must be at least 5: " + repeats);
    }
    if (peers == null) {
      return GpuPeers.NONE;
    }
    if (!Files.isRegularFile(peers)) {
      throw misuse("--peers names no file: " + peers);
    }
    try {
      return GpuPeers.read(peers);
    } catch (IllegalArgumentException e) {
      throw misuse(String.valueOf(e.getMessage()));
    }
  }

  private static final List<String> NOTES =
      List.of(
          "Times by the device's own events; a launch by the clock of its caller. its bytes: what"
              + " the work must read and write, at the rate of the copy on the device above.",
          "goal: P15. Nothing is claimed for devices that were not measured.");
}
