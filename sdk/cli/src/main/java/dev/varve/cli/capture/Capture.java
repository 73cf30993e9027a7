package dev.varve.cli.capture;

import dev.varve.engine.LayerAttention;
import dev.varve.engine.LlamaConfig;
import dev.varve.engine.LlamaDecoder;
import dev.varve.engine.StepSource;
import dev.varve.store.safetensors.SafetensorsWriter;
import dev.varve.store.safetensors.TensorSpec;
import dev.varve.store.safetensors.TensorType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;

/**
 * Runs tokens through a decoder and writes the keys, values and queries that it hands to its cache.
 * {@code docs/formats/capture.md} names the tensors and the metadata. For one thread.
 */
public final class Capture {

  private final LlamaDecoder decoder;
  private final StepSource session;
  private final int[] tokens;
  private final QueryWindow window;

  /**
   * @param session an empty session for the tokens
   * @param tokens at least one
   * @param window which queries to keep
   */
  public Capture(LlamaDecoder decoder, StepSource session, int[] tokens, QueryWindow window) {
    this.decoder = decoder;
    this.session = session;
    this.tokens = tokens;
    this.window = window;
  }

  /**
   * Runs all tokens in steps of {@code chunk} and puts the file in its place.
   *
   * @param progress hears how many tokens are done
   */
  public void write(Path target, Map<String, String> metadata, int chunk, IntConsumer progress)
      throws IOException {
    List<List<CapturedTensor>> layers = tensors();
    List<TensorSpec> specs = new ArrayList<>();
    specs.add(TensorSpec.of("tokens", TensorType.I32, tokens.length));
    layers.forEach(layer -> layer.forEach(tensor -> specs.add(tensor.spec())));
    Path folder = target.toAbsolutePath().resolveSibling("");
    try (SafetensorsWriter writer = SafetensorsWriter.create(target, metadata, specs);
        Spool spool = Spool.in(folder)) {
      run(layers, spool, chunk, progress);
      writer.append("tokens", tokenBytes());
      for (List<CapturedTensor> layer : layers) {
        for (CapturedTensor tensor : layer) {
          tensor.copy(spool, writer);
        }
      }
      writer.commit();
    }
  }

  /** Keys, values and, if any are kept, queries of every layer. */
  private List<List<CapturedTensor>> tensors() {
    LlamaConfig config = decoder.model().config();
    int length = tokens.length;
    int kept = window.of(length);
    List<List<CapturedTensor>> layers = new ArrayList<>();
    long offset = 0;
    for (int layer = 0; layer < config.layers(); layer++) {
      List<CapturedTensor> tensors = new ArrayList<>();
      for (String kind : kept > 0 ? KINDS : KINDS.subList(0, 2)) {
        boolean queries = kind.equals("queries");
        CapturedTensor tensor =
            new CapturedTensor(
                "layers." + layer + "." + kind,
                queries ? config.heads() : config.kvHeads(),
                queries ? length - kept : 0,
                queries ? kept : length,
                config.headDim(),
                offset);
        tensors.add(tensor);
        offset = tensor.end();
      }
      layers.add(tensors);
    }
    return layers;
  }

  private static final List<String> KINDS = List.of("keys", "values", "queries");

  private void run(
      List<List<CapturedTensor>> layers, Spool spool, int chunk, IntConsumer progress) {
    for (int from = 0; from < tokens.length; from += chunk) {
      int to = Math.min(tokens.length, from + chunk);
      int[] part = Arrays.copyOfRange(tokens, from, to);
      try (StepSource.Step step = session.begin(part, to == tokens.length)) {
        decoder.step(part, from, LlamaDecoder.Logits.NONE, recording(layers, spool, from, step));
        step.end();
      }
      progress.accept(to);
    }
  }

  private static LayerAttention recording(
      List<List<CapturedTensor>> layers, Spool spool, int position, StepSource.Step step) {
    return (layer, k, v, q, out) -> {
      try {
        List<CapturedTensor> tensors = layers.get(layer);
        tensors.get(0).write(spool, k, position);
        tensors.get(1).write(spool, v, position);
        if (tensors.size() > 2) {
          tensors.get(2).write(spool, q, position);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      step.attend(layer, k, v, q, out);
    };
  }

  private MemorySegment tokenBytes() {
    ByteBuffer bytes = ByteBuffer.allocate(tokens.length * Integer.BYTES);
    bytes.order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().put(tokens);
    return MemorySegment.ofBuffer(bytes);
  }
}
