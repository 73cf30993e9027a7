package dev.varve.cli.command;

import dev.varve.cli.CommandFailure;
import dev.varve.cli.Console;
import dev.varve.cli.ExitCode;
import dev.varve.cli.file.ContainerSource;
import dev.varve.cli.file.KvSource;
import dev.varve.cli.run.Cleanup;
import dev.varve.cli.text.ByteSize;
import dev.varve.cli.text.Numbers;
import dev.varve.cli.text.TransferBar;
import dev.varve.compression.container.ContainerFault;
import dev.varve.compression.container.ContainerFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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

  @Mixin private KindMixin kind = new KindMixin();
  @Mixin private FormatOption format = new FormatOption();

  /**
   * What was found of one file.
   *
   * @param file the file
   * @param sound whether nothing is damaged
   * @param blocks blocks that were checked
   * @param bytes its bytes
   * @param faults a sentence for each damaged place
   */
  record FileVerdict(String file, boolean sound, int blocks, long bytes, List<String> faults) {}

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
      return new FileVerdict(path.toString(), true, 0, source.layout().fileBytes(), List.of());
    } catch (CommandFailure e) {
      if (e.exitCode() != ExitCode.NO) {
        throw e;
      }
      long bytes = Files.size(path);
      return new FileVerdict(
          path.toString(), false, 0, bytes, List.of(String.valueOf(e.getMessage())));
    }
  }

  private static FileVerdict verdict(Path path, ContainerFile file, Console console) {
    try (TransferBar bar = console.transfer(String.valueOf(path.getFileName()))) {
      List<String> faults =
          file.verify(done -> bar.show(done, file.bytes())).stream()
              .map(ContainerFault::reason)
              .toList();
      return new FileVerdict(
          path.toString(), faults.isEmpty(), file.blocks().size(), file.bytes(), faults);
    }
  }

  private static String damages(int count) {
    return Numbers.count(count) + (count == 1 ? " damage, " : " damages, ");
  }

  private static String render(List<FileVerdict> verdicts) {
    StringBuilder text = new StringBuilder();
    for (FileVerdict verdict : verdicts) {
      verdict.faults().forEach(fault -> text.append("damaged: ").append(fault).append('\n'));
      text.append(verdict.file())
          .append(": ")
          .append(verdict.sound() ? "sound, " : damages(verdict.faults().size()))
          .append(verdict.blocks() > 0 ? Numbers.count(verdict.blocks()) + " blocks, " : "")
          .append(ByteSize.format(verdict.bytes()))
          .append('\n');
    }
    return text.toString();
  }
}
