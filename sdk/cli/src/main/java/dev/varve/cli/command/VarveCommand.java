package dev.varve.cli.command;

import dev.varve.cli.Failures;
import dev.varve.cli.Screen;
import dev.varve.cli.capture.QueryWindow;
import dev.varve.cli.file.AxisOrder;
import dev.varve.cli.file.IndexRanges;
import dev.varve.cli.file.ShapeHints;
import dev.varve.cli.pack.LayerCodecs;
import dev.varve.cli.text.ByteSize;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** The root of all commands; alone it does nothing and says so. */
@Command(
    name = "varve",
    description = "Keeps the KV cache of long-context language models.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    subcommands = {
      DemoCommand.class,
      DemoRunCommand.class,
      GenerateCommand.class,
      CaptureCommand.class,
      CompressCommand.class,
      DecompressCommand.class,
      InspectCommand.class,
      VerifyCommand.class,
      ConvertCommand.class,
      DiffCommand.class,
      CalibrateCommand.class,
      EvalCommand.class,
      KeepCommand.class,
      ReplayCommand.class,
      SelectCommand.class,
      IndexCommand.class,
      LlamacppCommand.class,
      StoreCommand.class,
      ServeCommand.class,
      BenchCommand.class
    },
    scope = CommandLine.ScopeType.INHERIT,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:the command did what was asked",
      "1:it ran and the answer is no, or it failed on the way",
      "2:it was called wrongly",
      "3:the environment lacks something: a file, a permission, space, memory, a JDK"
    })
public final class VarveCommand implements Runnable {
  private final Screen screen;
  @Spec private CommandSpec spec = CommandSpec.create();

  private VarveCommand(Screen screen) {
    this.screen = screen;
  }

  /** The whole command line; sentences instead of stack traces. */
  public static CommandLine commandLine(Screen screen) {
    Failures failures = new Failures();
    return new CommandLine(new VarveCommand(screen))
        .registerConverter(ByteSize.class, text -> converted(ByteSize::parse, text))
        .registerConverter(QueryWindow.class, text -> converted(QueryWindow::parse, text))
        .registerConverter(AxisOrder.class, text -> converted(AxisOrder::new, text))
        .registerConverter(ShapeHints.class, text -> converted(ShapeHints::parse, text))
        .registerConverter(LayerCodecs.class, text -> converted(LayerCodecs::parse, text))
        .registerConverter(IndexRanges.class, text -> converted(IndexRanges::parse, text))
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler(failures)
        .setParameterExceptionHandler(failures);
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "Say which command to run: "
            + String.join(
                ", ",
                spec.subcommands().entrySet().stream()
                    .filter(entry -> !entry.getValue().getCommandSpec().usageMessage().hidden())
                    .map(Map.Entry::getKey)
                    .toList())
            + ".");
  }

  Screen screen() {
    return screen;
  }

  private static <T> T converted(Function<String, T> parser, String text) {
    try {
      return parser.apply(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }
}
