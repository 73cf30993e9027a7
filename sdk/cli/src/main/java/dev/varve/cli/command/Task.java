package dev.varve.cli.command;

import dev.varve.cli.CommandFailure;
import dev.varve.cli.Console;
import dev.varve.cli.ExitCode;
import dev.varve.cli.Screen;
import dev.varve.cli.run.Cleanup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What all commands that do something share. */
abstract class Task implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = {"-q", "--quiet"},
      description = "Print the result and errors only.")
  private boolean quiet;

  @Option(names = "--verbose", description = "Print the stack trace of an error.")
  private boolean verbose;

  @Override
  public final Integer call() throws Exception {
    VarveCommand root = (VarveCommand) spec.root().userObject();
    Console console =
        new Console(
            spec.commandLine().getOut(), spec.commandLine().getErr(), screen(root.screen()), quiet);
    try (Cleanup cleanup = Cleanup.alsoOnInterrupt()) {
      return untilInterrupted(console, cleanup).code();
    } catch (OutOfMemoryError e) {
      throw new CommandFailure(ExitCode.ENVIRONMENT, "not enough memory: " + e.getMessage(), e);
    }
  }

  private ExitCode untilInterrupted(Console console, Cleanup cleanup) throws Exception {
    try {
      return perform(console, cleanup);
    } catch (Exception e) {
      if (cleanup.interrupted()) {
        return ExitCode.NO;
      }
      throw e;
    }
  }

  /**
   * Does the work.
   *
   * @param cleanup closes what was added to it at the end, on Ctrl-C too
   */
  protected abstract ExitCode perform(Console console, Cleanup cleanup)
      throws IOException, InterruptedException;

  /** What this command may draw, given what the process may. */
  protected Screen screen(Screen process) {
    return process;
  }

  /** What users call this command, as {@code varve compress}. */
  protected final String commandName() {
    return spec.qualifiedName();
  }

  /** Says that an option's value is wrong. */
  protected final ParameterException misuse(String sentence) {
    return new ParameterException(spec.commandLine(), sentence);
  }

  /** Refuses a value of an option that lies outside of these limits. */
  protected final void inRange(String option, int value, int least, int most) {
    if (value < least || value > most) {
      throw misuse("%s must lie between %d and %d: %d".formatted(option, least, most, value));
    }
  }

  /** Refuses a file that cannot be written, or exists and may not be replaced. */
  protected final void checkTarget(Path target, boolean force) {
    if (Files.isDirectory(target)) {
      throw misuse(target + " is a folder: name a file to write");
    }
    if (Files.exists(target) && !force) {
      throw misuse(target + " exists: give --force to replace it");
    }
    Path folder = target.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw new CommandFailure(
          ExitCode.ENVIRONMENT, target + ": cannot be written, its folder does not exist");
    }
  }

  protected final boolean quiet() {
    return quiet;
  }

  protected final boolean verbose() {
    return verbose;
  }
}
