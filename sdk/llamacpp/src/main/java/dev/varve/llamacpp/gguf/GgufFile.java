package dev.varve.llamacpp.gguf;

import dev.varve.llamacpp.LlamaException;
import dev.varve.store.Digest256;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the head of a GGUF file (versions 2 and 3) says, checked: magic, version, every length, and
 * that all bytes of every tensor are there. The format is described in ggml's {@code docs/gguf.md}.
 *
 * @param path of the file
 * @param size bytes of the file
 * @param values metadata by key
 * @param tensors in the order of the file
 * @param dataOffset where the bytes of the tensors begin
 */
public record GgufFile(
    Path path,
    long size,
    Map<String, GgufValue> values,
    List<GgufTensor> tensors,
    long dataOffset) {

  public GgufFile {
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    tensors = List.copyOf(tensors);
  }

  /**
   * Reads and checks the head of a file.
   *
   * @throws LlamaException if it is none, truncated or damaged: says what and where
   */
  public static GgufFile read(Path path) {
    if (!Files.isRegularFile(path)) {
      throw new LlamaException(path + ": no such file; a model for llama.cpp is a GGUF file");
    }
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
        Arena arena = Arena.ofConfined()) {
      return new GgufReader(path, channel.map(MapMode.READ_ONLY, 0, channel.size(), arena)).read();
    } catch (IOException e) {
      throw new LlamaException("%s: cannot be read: %s".formatted(path, e), e);
    }
  }

  /** SHA-256 of the whole file, in hexadecimal. Reads all of it. */
  public String digest() {
    var digest = Digest256.sha256();
    try (InputStream in = Files.newInputStream(path);
        OutputStream out = new DigestOutputStream(OutputStream.nullOutputStream(), digest)) {
      in.transferTo(out);
    } catch (IOException e) {
      throw new LlamaException("%s: cannot be read: %s".formatted(path, e), e);
    }
    return Digest256.finish(digest).toString();
  }

  /** The text at {@code key}. */
  public Optional<String> text(String key) {
    return switch (values.get(key)) {
      case GgufValue.Text(String value) -> Optional.of(value);
      case null, default -> Optional.empty();
    };
  }

  /** The number at {@code key}, whole or not. */
  public Optional<Double> number(String key) {
    return switch (values.get(key)) {
      case GgufValue.Whole(long value) -> Optional.of((double) value);
      case GgufValue.Real(double value) -> Optional.of(value);
      case null, default -> Optional.empty();
    };
  }

  /** The list at {@code key}. */
  public Optional<GgufValue.Many> many(String key) {
    return values.get(key) instanceof GgufValue.Many list ? Optional.of(list) : Optional.empty();
  }
}
