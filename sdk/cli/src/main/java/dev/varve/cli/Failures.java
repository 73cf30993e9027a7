package dev.varve.cli;

import dev.varve.llamacpp.LlamaException;
import dev.varve.llamacpp.MissingLibraryException;
import dev.varve.store.StoreException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns exceptions into one sentence on standard error and an exit code. */
public final class Failures implements IExecutionExceptionHandler, IParameterExceptionHandler {

  @Override
  public int handleExecutionException(Exception e, CommandLine command, ParseResult parsed) {
    PrintWriter err = command.getErr();
    String sentence = sentence(e);
    err.print(sentence.isEmpty() ? "" : "varve: " + sentence + '\n');
    CommandLine.Model.OptionSpec verbose = command.getCommandSpec().findOption("--verbose");
    if (verbose != null && Boolean.TRUE.equals(verbose.getValue())) {
      e.printStackTrace(err);
    }
    err.flush();
    return exitCode(e).code();
  }

  @Override
  public int handleParseException(ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    PrintWriter err = command.getErr();
    err.print("varve: " + plain(String.valueOf(e.getMessage())) + '\n');
    if (!UnmatchedArgumentException.printSuggestions(e, err)) {
      String name = command.getCommandSpec().qualifiedName();
      err.print("Try '" + name + " --help'.\n");
    }
    err.flush();
    return ExitCode.USAGE.code();
  }

  /** A refused number in the words of people who do not know Java's types. */
  private static String plain(String message) {
    return message
        .replaceAll(
            "' is not an int$", "' is no whole number from -2147483648 to 2147483647: write digits")
        .replaceAll("' is not a long$", "' is no whole number: write digits, fewer than 19")
        .replaceAll("' is not a (double|float)$", "' is no number: write it as 2 or 0.05");
  }

  static ExitCode exitCode(Throwable e) {
    return switch (e) {
      case CommandFailure failure -> failure.exitCode();
      case IllegalArgumentException _ -> ExitCode.USAGE;
      case MissingLibraryException _,
          StoreException _,
          IOException _,
          UncheckedIOException _,
          OutOfMemoryError _ ->
          ExitCode.ENVIRONMENT;
      default -> ExitCode.NO;
    };
  }

  /** What went wrong, as one sentence. */
  public static String sentence(Throwable e) {
    String text =
        switch (e) {
          case UncheckedIOException wrapped when wrapped.getCause() != null ->
              sentence(wrapped.getCause());
          case NoSuchFileException gone -> gone.getFile() + ": no such file or folder";
          case AccessDeniedException denied -> denied.getFile() + ": permission denied";
          case FileAlreadyExistsException exists -> exists.getFile() + ": exists already";
          case NotDirectoryException file -> file.getFile() + ": is not a folder";
          case OutOfMemoryError memory -> "not enough memory: " + memory.getMessage();
          default -> String.valueOf(e.getMessage());
        };
    boolean speaks =
        e instanceof CommandFailure
            || e instanceof StoreException
            || e instanceof LlamaException
            || e instanceof IllegalArgumentException
            || e instanceof IllegalStateException
            || e instanceof IOException
            || e instanceof UncheckedIOException
            || e instanceof OutOfMemoryError;
    return (speaks && e.getMessage() != null ? text : e.toString()).replace('\n', ' ');
  }
}
