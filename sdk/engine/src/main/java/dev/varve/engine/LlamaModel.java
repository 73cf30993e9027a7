package dev.varve.engine;

import dev.varve.store.Digest256;
import dev.varve.store.Dtype;
import dev.varve.store.ModelShape;
import dev.varve.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A model on disk: its dimensions, its memory-mapped weights and its tokenizer. Safe for many
 * threads; no decoder may run when it is closed.
 */
public final class LlamaModel implements AutoCloseable {
  private final Arena arena;
  private final LlamaConfig config;
  private final Map<Weight, List<Matrix>> weights;
  private final Tokenizer tokenizer;
  private final List<Path> files;

  LlamaModel(
      Arena arena,
      LlamaConfig config,
      Map<Weight, List<Matrix>> weights,
      Tokenizer tokenizer,
      List<Path> files) {
    this.arena = arena;
    this.config = config;
    this.weights = weights;
    this.tokenizer = tokenizer;
    this.files = files;
  }

  /**
   * Maps a model: a llama2.c {@code .bin} with its {@code tok*.bin}, a {@code .safetensors} beside
   * its {@code config.json}, or a folder that holds exactly one of these.
   *
   * @throws StoreException when there is none, it is damaged, or the decoder cannot compute it
   */
  public static LlamaModel open(Path path) {
    Path file = ModelFiles.find(path);
    Arena arena = Arena.ofShared();
    try {
      return file.toString().endsWith(ModelFiles.BIN)
          ? Llama2cModel.load(file, arena)
          : HuggingFaceModel.load(file, arena);
    } catch (StoreException e) {
      arena.close();
      throw e;
    }
  }

  /** The dimensions. */
  public LlamaConfig config() {
    return config;
  }

  /** Turns text into token ids and back. */
  public Tokenizer tokenizer() {
    return tokenizer;
  }

  /** What the model puts into a cache that stores {@code dtype}. */
  public ModelShape modelShape(Dtype dtype) {
    return ModelShape.uniform(config.layers(), config.attention(), dtype);
  }

  /**
   * The output projection of a layer, {@code [hidden][heads * headDim]}; an array of the caller's.
   */
  public float[] outputProjection(int layer) {
    Matrix matrix = weight(Weight.OUTPUT, layer);
    float[] values = new float[Math.multiplyExact(matrix.rows(), matrix.columns())];
    for (int row = 0; row < matrix.rows(); row++) {
      matrix.row(row, values, row * matrix.columns());
    }
    return values;
  }

  /** SHA-256 over lengths and bytes of the model's files: names the model in a fingerprint. */
  public String modelIdentity() {
    MessageDigest digest = Digest256.sha256();
    for (Path file : files) {
      try (InputStream in = Files.newInputStream(file);
          OutputStream out = new DigestOutputStream(OutputStream.nullOutputStream(), digest)) {
        digest.update(ByteBuffer.allocate(Long.BYTES).putLong(Files.size(file)).flip());
        in.transferTo(out);
      } catch (IOException e) {
        throw new StoreException(file + ": cannot be read: " + e, e);
      }
    }
    return Digest256.finish(digest).toString();
  }

  Matrix weight(Weight weight, int layer) {
    return Objects.requireNonNull(weights.get(weight)).get(layer);
  }

  @Override
  public void close() {
    arena.close();
  }
}
