package dev.varve.sdk.internal.reading;

import dev.varve.attention.file.IndexFile;
import dev.varve.attention.file.IndexIdentity;
import dev.varve.attention.index.DamagedIndexException;
import dev.varve.attention.index.StoredIndex;
import dev.varve.offload.tenancy.EraseScope;
import dev.varve.sdk.reading.SelectiveReading;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Chunk;
import dev.varve.store.ChunkKey;
import dev.varve.store.Fingerprint;
import dev.varve.store.StoreException;
import dev.varve.store.Tenant;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Indices beside the prefixes whose keys they summarise: one file for a chunk, which all tokens up
 * to its end lead to, and a policy. They are a convenience: one that is missing, damaged or that
 * cannot be written costs an exact step, so writing never fails a turn. Thread-safe.
 */
public final class StoredIndices {

  private static final Logger LOG = LoggerFactory.getLogger(StoredIndices.class);
  private static final String ENDING = ".index";
  private static final String BEING_WRITTEN = ".new";

  /** Longest file: it is read into one array. */
  private static final long LONGEST = 1L << 30;

  private final Path folder;
  private final Fingerprint model;
  private final long most;

  /**
   * @param store folder of the SSD tier; {@code indices} in it is made by the first write
   * @param most bytes that all files of a tenant may take: the oldest go first
   */
  public StoredIndices(Path store, Fingerprint model, long most) {
    this.folder = store.resolve("indices");
    this.model = model;
    this.most = most;
  }

  /** Writes the first {@code tokens} tokens of indices, unless they are there. */
  synchronized void write(
      ChunkKey last, int tokens, SelectiveReading reading, List<LayerIndex> layers) {
    Path tenants = folder.resolve(last.tenant().hash());
    Path file = file(last, reading);
    if (Files.exists(file)) {
      return;
    }
    Path written = file.resolveSibling(file.getFileName() + BEING_WRITTEN);
    try {
      List<byte[]> payloads = new ArrayList<>();
      long bytes = 0;
      for (LayerIndex layer : layers) {
        layer.write(tokens).ifPresent(payloads::add);
      }
      for (byte[] payload : payloads) {
        bytes += payload.length;
      }
      if (payloads.size() < layers.size() || bytes > Math.min(LONGEST, most)) {
        return;
      }
      Files.createDirectories(tenants);
      makeRoom(tenants, bytes);
      BlockGeometry geometry = layers.getFirst().geometry();
      String policy = reading.policy().text();
      IndexFile content =
          new IndexFile(
              identity(last, tokens), policy, geometry.kvHeads(), geometry.keyDim(), payloads);
      Files.write(written, content.encode());
      Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      LOG.warn("the index of a prefix cannot be kept in {}: {}", folder, e.toString());
      delete(written);
    }
  }

  private IndexIdentity identity(ChunkKey last, int tokens) {
    return new IndexIdentity(model.digest(), last.chain().digest(), tokens);
  }

  private void makeRoom(Path of, long bytes) throws IOException {
    List<Path> files = entries(of);
    long used = bytes;
    for (Path file : files) {
      used += Files.size(file);
    }
    files.sort(Comparator.comparingLong(file -> file.toFile().lastModified()));
    for (Path file : files) {
      if (used > most) {
        used -= Files.size(file);
        Files.delete(file);
      }
    }
  }

  /**
   * Has {@code layers} serve from what is kept beside the longest front of {@code taken}; leaves
   * them as they are if there is nothing, or it is damaged, which is counted.
   */
  synchronized void restore(
      List<Chunk> taken,
      int span,
      SelectiveReading reading,
      List<LayerIndex> layers,
      ReadingCounters counters) {
    for (int count = taken.size(); count > 0; count--) {
      Path file = file(taken.get(count - 1).key(), reading);
      if (Files.exists(file)) {
        if (restore(file, identity(taken.get(count - 1).key(), count * span), reading, layers)) {
          counters.restored();
          return;
        }
        counters.damaged();
        delete(file);
      }
    }
  }

  private static boolean restore(
      Path file, IndexIdentity expected, SelectiveReading reading, List<LayerIndex> layers) {
    try {
      if (Files.size(file) > 2 * LONGEST - 1) {
        throw new DamagedIndexException("the index file has " + Files.size(file) + " bytes");
      }
      IndexFile content = IndexFile.decode(Files.readAllBytes(file));
      content.identity().require(expected);
      if (!content.policy().equals(reading.policy().text())
          || content.layers().size() != layers.size()) {
        throw new DamagedIndexException(
            "the index file is of %s and %d layers"
                .formatted(content.policy(), content.layers().size()));
      }
      List<StoredIndex> read = new ArrayList<>();
      for (int i = 0; i < layers.size(); i++) {
        read.add(layers.get(i).read(content.layers().get(i), expected.tokens()));
      }
      for (int i = 0; i < layers.size(); i++) {
        layers.get(i).serve(read.get(i));
      }
      return true;
    } catch (DamagedIndexException | IOException e) {
      LOG.error("{} failed its check and is dropped: {}", file, e.getMessage());
      return false;
    }
  }

  /**
   * Deletes every index that may belong to {@code scope}: all of its tenant's, or of its model's.
   *
   * @throws StoreException if one cannot be deleted
   */
  public synchronized void erase(EraseScope scope) {
    try {
      for (Path of : entries(folder)) {
        boolean concerned =
            switch (scope) {
              case EraseScope.OfTenant(Tenant tenant) -> of.endsWith(tenant.hash());
              case EraseScope.OfModel _ -> true;
              case EraseScope.OfPrefix(ChunkKey key, int _) -> of.endsWith(key.tenant().hash());
            };
        if (concerned) {
          for (Path file : entries(of)) {
            Files.delete(file);
          }
        }
      }
    } catch (IOException e) {
      throw new StoreException(
          "the indices in " + folder + " cannot all be erased: " + e + ": check the disk", e);
    }
  }

  private static List<Path> entries(Path of) throws IOException {
    List<Path> entries = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(of)) {
      found.forEach(entries::add);
    } catch (NoSuchFileException e) {
      return entries;
    }
    return entries;
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOG.warn("{} cannot be deleted: {}", file, e.toString());
    }
  }

  private Path file(ChunkKey last, SelectiveReading reading) {
    String policy = Long.toHexString(SelectiveReading.of(reading.policy()).code());
    var digest = last.chain().digest();
    String name =
        "%016x%016x%016x%016x-%s"
            .formatted(digest.first(), digest.second(), digest.third(), digest.fourth(), policy);
    return folder.resolve(last.tenant().hash()).resolve(name + ENDING);
  }
}
