package dev.varve.cli.command;

import dev.varve.cli.Console;
import dev.varve.cli.ExitCode;
import dev.varve.cli.calibrate.CalibratedHead;
import dev.varve.cli.calibrate.HeadSearch;
import dev.varve.cli.run.Cleanup;
import dev.varve.cli.run.OpenModel;
import dev.varve.cli.text.ProgressBar;
import dev.varve.cli.text.Table;
import dev.varve.engine.LlamaModel;
import dev.varve.eviction.head.CopyScore;
import dev.varve.eviction.head.CopyingHeads;
import dev.varve.eviction.head.HeadMap;
import dev.varve.eviction.head.HeadMapFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Finds the retrieval heads of a model. */
@Command(
    name = "heads",
    description =
        "Runs random tokens, repeated, through a model and writes which KV heads copy: the head map"
            + " of razorattention(heads=FILE).")
final class CalibrateHeadsCommand extends Task {
  private static final String NAME = "varve-heads.json";

  @Option(
      names = "--model",
      paramLabel = "PATH",
      required = true,
      description = "A file or folder with exactly one model, or byte-llama for the bundled one.")
  private String modelName = "";

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "The file to write (" + NAME + " beside the model).")
  private Optional<Path> out = Optional.empty();

  @Option(
      names = "--tokens",
      paramLabel = "N",
      defaultValue = "400",
      description = "Random tokens of a copy (${DEFAULT-VALUE}).")
  private int tokens;

  @Option(
      names = "--copies",
      paramLabel = "N",
      defaultValue = "4",
      description = "How often they come, at least 2 (${DEFAULT-VALUE}).")
  private int copies;

  @Option(
      names = "--induction",
      paramLabel = "SHARE",
      defaultValue = "0.14",
      description = "Share of the heads to take by induction (${DEFAULT-VALUE}).")
  private double induction;

  @Option(
      names = "--echo",
      paramLabel = "SHARE",
      defaultValue = "0.01",
      description = "Share of the heads to take by echo (${DEFAULT-VALUE}).")
  private double echo;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Seed of the random tokens (${DEFAULT-VALUE}).")
  private long seed;

  @Option(names = "--force", description = "Replace the file if it exists.")
  private boolean force;

  @Mixin private FormatOption format = new FormatOption();

  @Override
  protected ExitCode perform(Console console, Cleanup cleanup) throws IOException {
    CopyingHeads choice = new CopyingHeads(induction, echo);
    if (tokens < 2 || copies < 2) {
      throw misuse("--tokens and --copies must be at least 2: " + tokens + " and " + copies);
    }
    Path model = Path.of(modelName);
    boolean bundled = modelName.equals(OpenModel.BUNDLED) && !Files.exists(model);
    if (bundled && out.isEmpty()) {
      throw misuse(
          modelName + " is bundled and lies in no folder: say with --out where its map goes");
    }
    try (LlamaModel opened = LlamaModel.open(OpenModel.locate(modelName, cleanup))) {
      Path target = out.orElseGet(this::besideTheModel);
      checkTarget(target, force);
      List<List<CopyScore>> scores = measure(console, opened);
      HeadMap map = choice.choose(scores);
      HeadMapFile.write(target, map, origin(opened, scores));
      console.note(target + ": " + describe(map));
      List<CalibratedHead> heads = CalibratedHead.of(scores, map);
      format.print(console, heads, () -> render(heads, console.lines()));
    }
    return ExitCode.OK;
  }

  private List<List<CopyScore>> measure(Console console, LlamaModel model) {
    int all = Math.multiplyExact(tokens, copies);
    int context = model.config().context();
    if (all > context) {
      throw misuse(
          "%d copies of %d tokens are %d, the model's context is %d: lower --tokens or --copies"
              .formatted(copies, tokens, all, context));
    }
    try (ProgressBar bar = console.progress("heads", "layers")) {
      return new HeadSearch(tokens, copies, seed)
          .scores(model, done -> bar.show(done, model.config().layers()));
    }
  }

  private Map<String, Object> origin(LlamaModel model, List<List<CopyScore>> scores) {
    Map<String, Object> origin = new LinkedHashMap<>();
    origin.put("method", "razorattention");
    origin.put("model_identity", model.modelIdentity());
    origin.put("tokens", tokens);
    origin.put("copies", copies);
    origin.put("seed", seed);
    origin.put("induction_share", induction);
    origin.put("echo_share", echo);
    origin.put("scores", scores);
    return origin;
  }

  private Path besideTheModel() {
    Path model = Path.of(modelName);
    return Files.isDirectory(model) ? model.resolve(NAME) : model.resolveSibling(NAME);
  }

  private static String describe(HeadMap map) {
    long full = map.full().stream().mapToLong(List::size).sum();
    return "%d of %d KV heads keep everything".formatted(full, map.layers() * map.kvHeads());
  }

  private static String render(List<CalibratedHead> heads, boolean lines) {
    Table table = new Table("layer", "head", "induction", "echo", "keeps").left(4);
    for (CalibratedHead head : heads) {
      table.row(
          Integer.toString(head.layer()),
          Integer.toString(head.head()),
          share(head.induction()),
          share(head.echo()),
          head.full() ? "everything" : "both ends");
    }
    return "\n" + table.render(lines) + "\n";
  }

  private static String share(double value) {
    return String.format(Locale.ROOT, "%.4f", value);
  }
}
