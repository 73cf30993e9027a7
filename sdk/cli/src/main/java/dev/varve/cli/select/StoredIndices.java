package dev.varve.cli.select;

import dev.varve.attention.file.IndexFile;
import dev.varve.attention.index.DamagedIndexException;
import dev.varve.cli.text.ByteSize;
import dev.varve.cli.text.Numbers;
import dev.varve.cli.text.Table;
import dev.varve.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * An index file as it is shown.
 *
 * @param policy text of the policy
 * @param model digest of the model's identity
 * @param prefix digest of the token ids
 * @param tokens tokens of the prefix
 * @param kvHeads KV heads of a layer
 * @param keyDim elements of a key
 * @param layerBytes bytes of each layer's index
 */
public record StoredIndices(
    String policy,
    String model,
    String prefix,
    int tokens,
    int kvHeads,
    int keyDim,
    List<Integer> layerBytes) {

  /** What a file says of itself. */
  public static StoredIndices of(IndexFile file) {
    return new StoredIndices(
        file.policy(),
        file.identity().model().toString(),
        file.identity().prefix().toString(),
        file.identity().tokens(),
        file.kvHeads(),
        file.keyDim(),
        file.layers().stream().map(layer -> layer.length).toList());
  }

  /**
   * Reads a file.
   *
   * @throws StoreException if it cannot be read, is damaged, or is none
   */
  public static IndexFile read(Path path) {
    try {
      return IndexFile.decode(Files.readAllBytes(path));
    } catch (DamagedIndexException e) {
      throw new StoreException(path + ": " + e.getMessage() + ": build it again", e);
    } catch (IOException e) {
      throw new StoreException(path + ": cannot be read: " + e, e);
    }
  }

  /** Puts a file in its place, whole or not at all. */
  public static void write(IndexFile file, Path path) throws IOException {
    Path folder = path.toAbsolutePath().getParent();
    Path temporary = Files.createTempFile(folder, path.getFileName() + ".", ".partial");
    try {
      Files.write(temporary, file.encode());
      Files.move(
          temporary, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /** The same as text. */
  public String render(boolean lines) {
    long total = layerBytes.stream().mapToLong(Integer::longValue).sum();
    long keys = (long) tokens * kvHeads * keyDim * 2 * layerBytes.size();
    Table table = new Table("index", "").left(1);
    table.row("policy", policy);
    table.row("model", model);
    table.row("prefix", Numbers.count(tokens) + " tokens, " + prefix);
    table.row("layers", layerBytes.size() + " of " + kvHeads + " KV heads of " + keyDim);
    table.row(
        "bytes",
        "%s, %.1f %% of the prefix's keys in 16 bits"
            .formatted(ByteSize.format(total), 100.0 * total / keys));
    return "\n" + table.render(lines);
  }
}
