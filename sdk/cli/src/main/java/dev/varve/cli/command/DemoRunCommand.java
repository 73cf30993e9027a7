package dev.varve.cli.command;

import dev.varve.cli.Console;
import dev.varve.cli.ExitCode;
import dev.varve.cli.Screen;
import dev.varve.cli.demo.DemoRun;
import dev.varve.cli.demo.DemoSettings;
import dev.varve.cli.llama.LlamaDemoRun;
import dev.varve.cli.run.Cleanup;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** One run of the demo: reports to the demo as JSON on standard output. */
@Command(name = "demo-run", hidden = true, description = "One run of the demo.")
final class DemoRunCommand extends Task {

  @Mixin private DemoOptions options = new DemoOptions();

  @Option(names = "--engine", required = true, description = "What computes.")
  private Engine engine = Engine.VARVE;

  @Option(names = "--model", required = true, description = "Folder or file of the model.")
  private Path model = Path.of("");

  @Option(names = "--store", required = true, description = "Folder of the SSD tier.")
  private Path store = Path.of("");

  @Option(names = "--label", required = true, description = "What the progress bar says.")
  private String label = "";

  @Option(names = "--progress", description = "Draw a progress bar.")
  private boolean progress;

  @Override
  protected Screen screen(Screen process) {
    return new Screen(false, progress);
  }

  @Override
  protected ExitCode perform(Console console, Cleanup cleanup) throws IOException {
    DemoSettings settings = options.settings();
    console.jsonLine(
        switch (engine) {
          case VARVE -> new DemoRun(settings, console, System::nanoTime).run(model, store, label);
          case LLAMACPP ->
              new LlamaDemoRun(settings, console, System::nanoTime).run(model, store, label);
        });
    return ExitCode.OK;
  }
}
