package dev.varve.llamacpp;

import dev.varve.llamacpp.gguf.ByteTokens;
import dev.varve.llamacpp.gguf.GgmlType;
import dev.varve.llamacpp.gguf.GgufWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** A model of 2 layers with weights drawn by chance, whose tokens are the 256 byte values. */
final class SmallModel {
  static final int LAYERS = 2;
  static final int HEADS = 4;
  static final int KV_HEADS = 2;
  static final int DIM = 32;
  private static final int HIDDEN = 128;
  private static final int INNER = 192;
  private static final int BYTES = 256;

  private final SplittableRandom random;
  private final GgufWriter writer = new GgufWriter();

  private SmallModel(long seed) {
    this.random = new SplittableRandom(seed);
  }

  /** Writes a model drawn from {@code seed}. */
  static Path write(Path target, long seed) throws IOException {
    return write(target, seed, "llama", DIM);
  }

  /** Writes a model that says it is of {@code architecture} and turns so many dimensions. */
  static Path write(Path target, long seed, String architecture, int turned) throws IOException {
    new SmallModel(seed).build(architecture, turned).write(target);
    return target;
  }

  private GgufWriter build(String name, int turned) {
    writer
        .text("general.architecture", name)
        .number(name + ".context_length", 4096)
        .number(name + ".embedding_length", HIDDEN)
        .number(name + ".block_count", LAYERS)
        .number(name + ".feed_forward_length", INNER)
        .number(name + ".attention.head_count", HEADS)
        .number(name + ".attention.head_count_kv", KV_HEADS)
        .number(name + ".rope.dimension_count", turned)
        .real(name + ".rope.freq_base", 10_000f)
        .real(name + ".attention.layer_norm_rms_epsilon", 1e-5f)
        .text("tokenizer.ggml.model", "gpt2")
        .text("tokenizer.ggml.pre", "default")
        .texts("tokenizer.ggml.tokens", ByteTokens.names())
        .numbers("tokenizer.ggml.token_type", Collections.nCopies(BYTES, 1))
        .texts("tokenizer.ggml.merges", List.of())
        .number("tokenizer.ggml.bos_token_id", 0)
        .number("tokenizer.ggml.eos_token_id", 0)
        .flag("tokenizer.ggml.add_bos_token", false);
    matrix("token_embd.weight", BYTES, HIDDEN, 1);
    ones("output_norm.weight");
    for (int layer = 0; layer < LAYERS; layer++) {
      String prefix = "blk." + layer + ".";
      ones(prefix + "attn_norm.weight");
      ones(prefix + "ffn_norm.weight");
      matrix(prefix + "attn_q.weight", HEADS * DIM, HIDDEN, 0.2);
      matrix(prefix + "attn_k.weight", KV_HEADS * DIM, HIDDEN, 0.2);
      matrix(prefix + "attn_v.weight", KV_HEADS * DIM, HIDDEN, 0.2);
      matrix(prefix + "attn_output.weight", HIDDEN, HEADS * DIM, 0.2);
      matrix(prefix + "ffn_gate.weight", INNER, HIDDEN, 0.1);
      matrix(prefix + "ffn_up.weight", INNER, HIDDEN, 0.1);
      matrix(prefix + "ffn_down.weight", HIDDEN, INNER, 0.1);
    }
    return writer;
  }

  private void matrix(String name, int rows, int columns, double scale) {
    ByteBuffer bytes = ByteBuffer.allocate(rows * columns * 2).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < rows * columns; i++) {
      bytes.putShort(Float.floatToFloat16((float) (random.nextGaussian() * scale)));
    }
    writer.tensor(name, List.of((long) columns, (long) rows), GgmlType.F16, bytes.array());
  }

  private void ones(String name) {
    ByteBuffer bytes = ByteBuffer.allocate(HIDDEN * 4).order(ByteOrder.LITTLE_ENDIAN);
    IntStream.range(0, HIDDEN).forEach(i -> bytes.putFloat(1));
    writer.tensor(name, List.of((long) HIDDEN), GgmlType.F32, bytes.array());
  }
}
