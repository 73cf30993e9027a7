package dev.varve.cli.command;

import dev.varve.cli.CommandFailure;
import dev.varve.cli.Console;
import dev.varve.cli.ExitCode;
import dev.varve.cli.Failures;
import dev.varve.cli.command.FilePairs.Pair;
import dev.varve.cli.run.Cleanup;
import dev.varve.cli.run.StopSignal;
import dev.varve.cli.text.ProgressBar;
import dev.varve.cli.text.TransferBar;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;
import java.util.function.LongConsumer;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * What commands share that make a file of each file, or of all files of a folder.
 *
 * @param <R> what is reported of a file
 */
abstract class FileTask<R> extends Task {

  @Parameters(index = "0", paramLabel = "INPUT", description = "A file, or a folder of files.")
  private Path input = Path.of("");

  @Option(names = "--force", description = "Replace files that exist.")
  private boolean force;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Blocks to work on at once (as many as there are processors).")
  private Optional<Integer> threads = Optional.empty();

  private final StopSignal stop = new StopSignal();

  /** A file of a folder that could not be worked on. */
  record Failed(String source, String reason) {}

  /** Works on one file; the target does not exist or may be replaced. */
  abstract R work(Console console, Pair pair) throws IOException, InterruptedException;

  /** A report on a file whose target is complete already, if it is. */
  abstract Optional<R> finished(Pair pair) throws IOException;

  /** Whether a file of a folder is one to work on. */
  abstract boolean takes(Path file) throws IOException;

  /** Whether the target is there, and the source is no younger. */
  static boolean newer(Pair pair) throws IOException {
    return Files.exists(pair.target())
        && Files.getLastModifiedTime(pair.source())
                .compareTo(Files.getLastModifiedTime(pair.target()))
            <= 0;
  }

  final boolean force() {
    return force;
  }

  final int threads() {
    int count = threads.orElse(Runtime.getRuntime().availableProcessors());
    if (count < 1 || count > 1024) {
      throw misuse("--threads must lie between 1 and 1024: " + count);
    }
    return count;
  }

  final Path input() {
    return input;
  }

  /** Works on all files. */
  final Outcome<R> workOn(FilePairs files, Console console, Cleanup cleanup)
      throws IOException, InterruptedException {
    cleanup.add(stop);
    try {
      return workOn(files, console);
    } finally {
      stop.ended();
    }
  }

  /** Draws bytes of {@code total}, and ends the work if the process was told to end. */
  final LongConsumer progress(TransferBar bar, long total) {
    return done -> {
      stop.check();
      bar.show(done, total);
    };
  }

  /** The same for layers. */
  final IntConsumer progress(ProgressBar bar, int total) {
    return done -> {
      stop.check();
      bar.show(done, total);
    };
  }

  private Outcome<R> workOn(FilePairs files, Console console)
      throws IOException, InterruptedException {
    List<R> done = new ArrayList<>();
    List<Failed> failed = new ArrayList<>();
    int skipped = 0;
    int left = 0;
    for (Pair pair : files.pairs()) {
      if (Files.exists(pair.target()) && Files.isSameFile(pair.source(), pair.target())) {
        throw misuse(pair.target() + " is the input itself: name another file to write");
      }
      if (!files.folder()) {
        checkTarget(pair.target(), force);
        done.add(work(console, pair));
        continue;
      }
      try {
        if (!takes(pair.source())) {
          left++;
          continue;
        }
        Optional<R> finished = force ? Optional.empty() : finished(pair);
        if (finished.isPresent()) {
          skipped++;
          done.add(finished.get());
          continue;
        }
        if (!force && Files.exists(pair.target())) {
          throw new CommandFailure(
              ExitCode.NO,
              pair.target() + " exists and was made otherwise: give --force to replace it");
        }
        Files.createDirectories(pair.target().toAbsolutePath().resolveSibling(""));
        done.add(work(console, pair));
      } catch (CommandFailure
          | IllegalArgumentException
          | AccessDeniedException
          | NoSuchFileException e) {
        stop.check();
        String reason = Failures.sentence(e);
        failed.add(new Failed(pair.source().toString(), reason));
        console.note("varve: " + reason);
      }
    }
    if (skipped > 0) {
      console.note(skipped + " files were complete already and were skipped");
    }
    if (done.isEmpty() && failed.isEmpty()) {
      throw new CommandFailure(
          ExitCode.NO,
          "%s holds no file that %s reads (%d files were left out): name a folder that does"
              .formatted(input, commandName(), left));
    }
    if (left > 0) {
      console.note(left + " files are of no kind that is read here and were left out");
    }
    return new Outcome<>(done, failed);
  }

  /**
   * What came of all files.
   *
   * @param files those that were worked on or were complete
   * @param failed those of a folder that could not be read
   */
  record Outcome<R>(List<R> files, List<Failed> failed) {
    ExitCode exitCode() {
      return failed.isEmpty() ? ExitCode.OK : ExitCode.NO;
    }
  }
}
