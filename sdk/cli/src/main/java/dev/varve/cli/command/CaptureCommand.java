package dev.varve.cli.command;

import dev.varve.cli.Console;
import dev.varve.cli.ExitCode;
import dev.varve.cli.capture.QueryWindow;
import dev.varve.cli.run.Cleanup;
import dev.varve.cli.run.HotSize;
import dev.varve.cli.run.OpenModel;
import dev.varve.cli.text.ByteSize;
import dev.varve.cli.text.Numbers;
import dev.varve.engine.LlamaModel;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Dtype;
import dev.varve.store.ModelGeometry;
import dev.varve.store.ModelShape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Writes the real keys, values and queries of a run. */
@Command(
    name = "capture",
    description = {
      "Runs a text through a model and writes the keys, values and queries of every layer, in f32"
          + " and after RoPE, to a safetensors file.",
      "The text is not in the file, its token ids are."
    })
final class CaptureCommand extends Task {

  @Option(
      names = "--model",
      paramLabel = "PATH",
      required = true,
      description = "A file or folder with exactly one model, or byte-llama for the bundled one.")
  private String modelName = "";

  @Option(
      names = "--text",
      paramLabel = "FILE",
      required = true,
      description = "The text, in UTF-8.")
  private Path text = Path.of("");

  @Option(names = "--out", paramLabel = "FILE", required = true, description = "The file to write.")
  private Path out = Path.of("");

  @Option(
      names = "--queries",
      paramLabel = "WHICH",
      defaultValue = "last:64",
      description = "Queries to keep: last:N, all or none (${DEFAULT-VALUE}).")
  private QueryWindow queries = new QueryWindow(0);

  @Option(names = "--tokens", paramLabel = "N", description = "Take only the first N tokens (all).")
  private Optional<Integer> most = Optional.empty();

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      defaultValue = "4GiB",
      description = "Most memory for the KV cache of the run (${DEFAULT-VALUE}).")
  private ByteSize memory = new ByteSize(1);

  @Option(names = "--force", description = "Replace the file if it exists.")
  private boolean force;

  @Override
  protected ExitCode perform(Console console, Cleanup cleanup) throws IOException {
    checkTarget(out, force);
    String content = Files.readString(text);
    try (LlamaModel model = LlamaModel.open(OpenModel.locate(modelName, cleanup))) {
      int[] tokens = tokens(model, content);
      long bytes = cacheBytes(model.modelShape(Dtype.F32), tokens.length);
      ModelCapture.write(model, modelName, tokens, queries, bytes, out, console);
      console.note(
          "%s: %s tokens, %d layers, %s"
              .formatted(
                  out,
                  Numbers.count(tokens.length),
                  model.config().layers(),
                  ByteSize.format(Files.size(out))));
    }
    return ExitCode.OK;
  }

  private int[] tokens(LlamaModel model, String content) {
    int[] all = model.tokenizer().encode(content);
    int wanted = Math.min(all.length, most.orElse(all.length));
    int context = model.config().context();
    if (wanted < 1) {
      throw misuse(text + " gives no tokens: capture needs at least 1");
    }
    if (wanted > context) {
      throw misuse(
          "%s has %d tokens, the model's context %d: give --tokens %d to take the first ones"
              .formatted(text, wanted, context, context));
    }
    return Arrays.copyOf(all, wanted);
  }

  private long cacheBytes(ModelShape shape, int tokens) {
    ModelGeometry geometry = ModelGeometry.of(shape, BlockGeometry.DEFAULT_TOKENS);
    long bytes = HotSize.of(geometry, tokens);
    if (bytes > memory.bytes()) {
      throw misuse(
          "the KV cache of %d tokens takes %s, --memory allows %s: give more, or fewer --tokens"
              .formatted(tokens, ByteSize.format(bytes), memory));
    }
    return bytes;
  }
}
