package dev.varve.cli.command;

import dev.varve.cli.CommandFailure;
import dev.varve.cli.Console;
import dev.varve.cli.ExitCode;
import dev.varve.cli.file.ContainerSource;
import dev.varve.cli.file.KvSource;
import dev.varve.cli.run.Cleanup;
import dev.varve.cli.text.ByteSize;
import dev.varve.cli.text.Numbers;
import dev.varve.cli.text.ProgressBar;
import dev.varve.cli.text.TransferBar;
import dev.varve.compression.container.CodecSource;
import dev.varve.compression.container.ContainerFault;
import dev.varve.compression.container.ContainerFile;
import dev.varve.compression.container.DecodingCheck;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.Backends;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Reads and checks every byte of containers. */
@Command(
    name = "verify",
    description = {
      "Reads every byte of .varve containers and checks it; names the damaged blocks and ends with"
          + " 1 if there are any. Changes nothing.",
      "Of other kinds of file, which have no checksums as a rule, lengths and shapes are checked."
    })
final class VerifyCommand extends Task {

  @Parameters(arity = "1..*", paramLabel = "INPUT", description = "Files, or folders of files.")
  private List<Path> inputs = List.of();

  @Option(
      names = "--decode",
      description =
          "Also decode every block of containers, and compare what comes back of exact ones with"
              + " the checksum of what they were made from.")
  private boolean decode;

  @Mixin private KindMixin kind = new KindMixin();
  @Mixin private FormatOption format = new FormatOption();

  /**
   * What was found of one file.
   *
   * @param file the file
   * @param sound whether nothing is damaged
   * @param blocks blocks that were checked
   * @param compared decoded blocks that were compared with what they were made from
   * @param bytes its bytes
   * @param faults a sentence for each damaged place
   */
  record FileVerdict(
      String file, boolean sound, int blocks, int compared, long bytes, List<String> faults) {}

  @Override
  protected ExitCode perform(Console console, Cleanup cleanup) throws IOException {
    kind.options();
    List<FileVerdict> verdicts = new ArrayList<>();
    for (Path input : inputs) {
      boolean folder = Files.isDirectory(input);
      int before = verdicts.size();
      for (Path file : folder ? FilePairs.below(input) : List.of(input)) {
        if (!folder || kind.takes(file)) {
          verdicts.add(verdict(file, console));
        }
      }
      if (verdicts.size() == before) {
        throw new CommandFailure(
            ExitCode.NO,
            "%s holds no file that %s reads: name a folder that does"
                .formatted(input, commandName()));
      }
    }
    format.print(console, verdicts, () -> render(verdicts));
    return verdicts.stream().allMatch(FileVerdict::sound) ? ExitCode.OK : ExitCode.NO;
  }

  private FileVerdict verdict(Path path, Console console) throws IOException {
    try (KvSource source = kind.open(path)) {
      if (source instanceof ContainerSource container) {
        return verdict(path, container.file(), console);
      }
      return new FileVerdict(path.toString(), true, 0, 0, source.layout().fileBytes(), List.of());
    } catch (CommandFailure e) {
      if (e.exitCode() != ExitCode.NO) {
        throw e;
      }
      long bytes = Files.size(path);
      return new FileVerdict(
          path.toString(), false, 0, 0, bytes, List.of(String.valueOf(e.getMessage())));
    }
  }

  private FileVerdict verdict(Path path, ContainerFile file, Console console) {
    List<ContainerFault> faults;
    try (TransferBar bar = console.transfer(String.valueOf(path.getFileName()))) {
      faults = file.verify(done -> bar.show(done, file.bytes()));
    }
    int compared = 0;
    if (decode && faults.isEmpty()) {
      DecodingCheck.Finding found = decoded(path, file, console);
      faults = found.faults();
      compared = found.compared();
    }
    return new FileVerdict(
        path.toString(),
        faults.isEmpty(),
        file.blocks().size(),
        compared,
        file.bytes(),
        faults.stream().map(ContainerFault::reason).toList());
  }

  private static DecodingCheck.Finding decoded(Path path, ContainerFile file, Console console) {
    Backend backend = Backends.choose(Optional.empty()).backend();
    int blocks = file.blocks().size();
    try (ProgressBar bar = console.progress(path.getFileName() + ": decode", "blocks")) {
      return new DecodingCheck(file, CodecSource.of(backend)).run(done -> bar.show(done, blocks));
    }
  }

  private static String damages(int count) {
    return Numbers.count(count) + (count == 1 ? " damage, " : " damages, ");
  }

  private String render(List<FileVerdict> verdicts) {
    StringBuilder text = new StringBuilder();
    for (FileVerdict verdict : verdicts) {
      verdict.faults().forEach(fault -> text.append("damaged: ").append(fault).append('\n'));
      text.append(verdict.file())
          .append(": ")
          .append(verdict.sound() ? "sound, " : damages(verdict.faults().size()))
          .append(verdict.blocks() > 0 ? Numbers.count(verdict.blocks()) + " blocks, " : "")
          .append(
              decode && verdict.sound() && verdict.blocks() > 0
                  ? "all decoded and %s exact, ".formatted(Numbers.count(verdict.compared()))
                  : "")
          .append(ByteSize.format(verdict.bytes()))
          .append('\n');
    }
    return text.toString();
  }
}
