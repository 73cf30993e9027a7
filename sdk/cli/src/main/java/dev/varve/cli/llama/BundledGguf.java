package dev.varve.cli.llama;

import dev.varve.cli.CommandFailure;
import dev.varve.cli.ExitCode;
import dev.varve.cli.run.Cleanup;
import dev.varve.cli.run.OpenModel;
import dev.varve.cli.run.TemporaryFolder;
import dev.varve.engine.BundledModel;
import dev.varve.engine.LlamaConfig;
import dev.varve.engine.LlamaModel;
import dev.varve.llamacpp.gguf.ByteTokens;
import dev.varve.llamacpp.gguf.GgmlType;
import dev.varve.llamacpp.gguf.GgufWriter;
import dev.varve.store.Dtype;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DtypeKernel;
import dev.varve.store.safetensors.SafetensorsFile;
import dev.varve.store.safetensors.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;

/**
 * The bundled model as a GGUF file: the same weights, matrices in f16 and norms in f32. llama.cpp
 * turns dimension {@code 2i} with {@code 2i + 1}, the checkpoint {@code i} with {@code i + dim/2}:
 * the rows of the query and key projections change places accordingly.
 */
public final class BundledGguf {

  private static final int F16_FILE = 1;

  private final LlamaConfig config;
  private final SafetensorsFile file;
  private final GgufWriter writer = new GgufWriter();

  private BundledGguf(LlamaConfig config, SafetensorsFile file) {
    this.config = config;
    this.file = file;
  }

  /**
   * The GGUF file that an option names; {@value OpenModel#BUNDLED} is this one unless there is a
   * file of that name, and lives as long as {@code cleanup}.
   */
  public static Path locate(String name, Cleanup cleanup) throws IOException {
    Path path = Path.of(name);
    if (!name.equals(OpenModel.BUNDLED) || Files.exists(path)) {
      if (!Files.isRegularFile(path)) {
        throw new CommandFailure(
            ExitCode.ENVIRONMENT,
            "%s: %s; --model PATH is a GGUF file"
                .formatted(path, Files.isDirectory(path) ? "is a folder" : "no such file"));
      }
      return path;
    }
    return write(cleanup.add(TemporaryFolder.create()).path());
  }

  /** Writes the file into {@code folder} and returns it. */
  public static Path write(Path folder) throws IOException {
    Path source = BundledModel.folder(folder);
    Path target = folder.resolve("byte-llama-f16.gguf");
    try (Arena arena = Arena.ofConfined();
        LlamaModel model = LlamaModel.open(source)) {
      SafetensorsFile file = SafetensorsFile.open(source.resolve("model.safetensors"), arena);
      new BundledGguf(model.config(), file).build().write(target);
    }
    return target;
  }

  private GgufWriter build() {
    int vocabulary = config.vocabulary();
    writer
        .text("general.architecture", "llama")
        .text("general.name", "byte-llama-4.5m")
        .number("general.file_type", F16_FILE)
        .number("llama.context_length", config.context())
        .number("llama.embedding_length", config.hidden())
        .number("llama.block_count", config.layers())
        .number("llama.feed_forward_length", config.feedForward())
        .number("llama.attention.head_count", config.heads())
        .number("llama.attention.head_count_kv", config.kvHeads())
        .number("llama.attention.key_length", config.headDim())
        .number("llama.attention.value_length", config.headDim())
        .number("llama.rope.dimension_count", config.headDim())
        .real("llama.rope.freq_base", (float) config.rope().theta())
        .real("llama.attention.layer_norm_rms_epsilon", config.normEpsilon())
        .number("llama.vocab_size", vocabulary)
        .text("tokenizer.ggml.model", "gpt2")
        .text("tokenizer.ggml.pre", "default")
        .texts("tokenizer.ggml.tokens", ByteTokens.names())
        .numbers("tokenizer.ggml.token_type", Collections.nCopies(vocabulary, 1))
        .texts("tokenizer.ggml.merges", List.of())
        .number("tokenizer.ggml.bos_token_id", 0)
        .number("tokenizer.ggml.eos_token_id", 0)
        .flag("tokenizer.ggml.add_bos_token", false);
    matrix("token_embd.weight", "model.embed_tokens.weight", 0);
    norm("output_norm.weight", "model.norm.weight");
    for (int layer = 0; layer < config.layers(); layer++) {
      layer("blk." + layer + ".", "model.layers." + layer + ".");
    }
    return writer;
  }

  private void layer(String to, String from) {
    norm(to + "attn_norm.weight", from + "input_layernorm.weight");
    norm(to + "ffn_norm.weight", from + "post_attention_layernorm.weight");
    matrix(to + "attn_q.weight", from + "self_attn.q_proj.weight", config.headDim());
    matrix(to + "attn_k.weight", from + "self_attn.k_proj.weight", config.headDim());
    matrix(to + "attn_v.weight", from + "self_attn.v_proj.weight", 0);
    matrix(to + "attn_output.weight", from + "self_attn.o_proj.weight", 0);
    matrix(to + "ffn_gate.weight", from + "mlp.gate_proj.weight", 0);
    matrix(to + "ffn_up.weight", from + "mlp.up_proj.weight", 0);
    matrix(to + "ffn_down.weight", from + "mlp.down_proj.weight", 0);
  }

  /** Adds a matrix; rows of heads of {@code turned} elements change places, 0 for none. */
  private void matrix(String to, String from, int turned) {
    Tensor tensor = file.tensor(from);
    long rows = tensor.spec().shape().getFirst();
    long columns = tensor.spec().shape().getLast();
    byte[] bytes = tensor.data().toArray(ValueLayout.JAVA_BYTE);
    if (turned > 0) {
      byte[] source = bytes.clone();
      int row = (int) columns * Dtype.F16.bytes();
      for (int at = 0; at < rows; at++) {
        int dim = at % turned;
        int half = at - dim + dim / 2 + (dim % 2) * (turned / 2);
        System.arraycopy(source, half * row, bytes, at * row, row);
      }
    }
    writer.tensor(to, List.of(columns, rows), GgmlType.F16, bytes);
  }

  private void norm(String to, String from) {
    Tensor tensor = file.tensor(from);
    int count = Math.toIntExact(tensor.spec().shape().getFirst());
    float[] values = new float[count];
    DtypeKernel.of(Backend.SCALAR, Dtype.F16).load(tensor.data(), 0, values, 0, count);
    writer.tensor(
        to,
        List.of((long) count),
        GgmlType.F32,
        MemorySegment.ofArray(values).toArray(ValueLayout.JAVA_BYTE));
  }
}
