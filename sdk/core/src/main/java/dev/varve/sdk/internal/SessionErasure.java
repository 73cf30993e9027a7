package dev.varve.sdk.internal;

import static dev.varve.sdk.internal.SessionFileDescriptor.INT;

import dev.varve.offload.tenancy.EraseScope;
import dev.varve.store.BlockChecksum;
import dev.varve.store.ChunkKey;
import dev.varve.store.Digest256;
import dev.varve.store.Fingerprint;
import dev.varve.store.StoreException;
import dev.varve.store.Tenant;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells which session files belong to what is erased, whatever model they are of. A file that
 * cannot be told stays, for nobody can resume it, and is logged.
 */
final class SessionErasure {

  private static final Logger LOG = LoggerFactory.getLogger(SessionErasure.class);

  private final EraseScope scope;

  SessionErasure(EraseScope scope) {
    this.scope = scope;
  }

  /**
   * Deletes for good every session file that belongs to it; returns how many.
   *
   * @param folder of the sessions of a store; may be missing
   * @throws StoreException if one cannot be deleted
   */
  int run(Path folder) {
    int deleted = 0;
    try {
      for (Path of : entries(folder, "*")) {
        if (ofHash(of).filter(this::concerns).isPresent()) {
          deleted += erase(of);
          if (scope instanceof EraseScope.OfTenant && entries(of, "*").isEmpty()) {
            Files.delete(of);
            SavedSessions.sync(folder);
          }
        }
      }
      return deleted;
    } catch (IOException e) {
      throw new StoreException(
          "the saved sessions in " + folder + " cannot all be erased: " + e + ": check the disk",
          e);
    }
  }

  private int erase(Path of) throws IOException {
    int deleted = 0;
    for (Path file : entries(of, "*" + SavedSessions.ENDING)) {
      if (covers(file)) {
        Files.delete(file);
        deleted++;
      }
    }
    // What a process left that died while saving.
    for (Path file : entries(of, "*" + SavedSessions.BEING_WRITTEN)) {
      Files.delete(file);
    }
    SavedSessions.sync(of);
    return deleted;
  }

  private static List<Path> entries(Path of, String pattern) throws IOException {
    List<Path> entries = new ArrayList<>();
    if (Files.isDirectory(of)) {
      try (DirectoryStream<Path> found = Files.newDirectoryStream(of, pattern)) {
        found.forEach(entries::add);
      }
    }
    return entries;
  }

  private static Optional<Tenant> ofHash(Path of) {
    try {
      return Optional.of(Tenant.ofHash(of.getFileName().toString()));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Whether any session of {@code tenant} may belong to it. */
  private boolean concerns(Tenant tenant) {
    return switch (scope) {
      case EraseScope.OfTenant(Tenant erased) -> erased.equals(tenant);
      case EraseScope.OfModel model -> true;
      case EraseScope.OfPrefix(ChunkKey key, int first) -> key.tenant().equals(tenant);
    };
  }

  /** Whether {@code file}, a session of a tenant that it concerns, belongs to it. */
  private boolean covers(Path file) throws IOException {
    if (scope instanceof EraseScope.OfTenant) {
      return true;
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        Arena arena = Arena.ofConfined()) {
      int headerLength = SessionFileDescriptor.HEADER_LENGTH;
      MemorySegment header = arena.allocate(headerLength, Long.BYTES);
      if (!filled(channel, header, 0) || !sound(header)) {
        LOG.error("{} is damaged, so it cannot be told whether to erase it: delete it", file);
        return false;
      }
      Fingerprint model =
          new Fingerprint(Digest256.read(header, SessionFileDescriptor.FINGERPRINT_OFFSET));
      return switch (scope) {
        case EraseScope.OfTenant tenant -> true;
        case EraseScope.OfModel(Fingerprint erased) -> erased.sameModel(model);
        case EraseScope.OfPrefix(ChunkKey key, int first) ->
            key.fingerprint().sameModel(model) && begins(channel, header, key, arena);
      };
    }
  }

  private static boolean begins(
      FileChannel channel, MemorySegment header, ChunkKey key, Arena arena) throws IOException {
    int tokens = header.get(INT, SessionFileDescriptor.TOKENS_OFFSET);
    int span = header.get(INT, SessionFileDescriptor.BLOCK_TOKENS_OFFSET);
    long end = SessionFileDescriptor.HEADER_LENGTH + (long) Integer.BYTES * tokens;
    if (span <= 0 || tokens < span || channel.size() < end) {
      return false;
    }
    MemorySegment ids = arena.allocate(INT, tokens);
    if (!filled(channel, ids, SessionFileDescriptor.HEADER_LENGTH)) {
      return false;
    }
    int[] tokenIds = new int[tokens];
    MemorySegment.copy(
        ids, INT, 0, MemorySegment.ofArray(tokenIds), ValueLayout.JAVA_INT, 0, tokens);
    return ChunkKeys.of(key.tenant(), key.fingerprint(), tokenIds, span).contains(key);
  }

  private static boolean sound(MemorySegment header) {
    int stored = header.get(INT, SessionFileDescriptor.HEADER_CRC_OFFSET);
    return header.get(INT, SessionFileDescriptor.MAGIC_OFFSET) == SessionFileDescriptor.MAGIC
        && BlockChecksum.crc32c(header.asSlice(0, SessionFileDescriptor.HEADER_CRC_OFFSET))
            == stored;
  }

  /** Whether the file has enough bytes from {@code offset} on. */
  private static boolean filled(FileChannel channel, MemorySegment target, long offset)
      throws IOException {
    if (channel.size() < offset + target.byteSize()) {
      return false;
    }
    ByteBuffer bytes = target.asByteBuffer();
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, offset + bytes.position()) < 0) {
        return false;
      }
    }
    return true;
  }
}
