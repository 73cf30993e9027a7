package dev.varve.sdk.internal;

import dev.varve.offload.tenancy.EraseScope;
import dev.varve.sdk.reading.SelectiveReading;
import dev.varve.store.StoreException;
import dev.varve.store.Tenant;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The session files of a store: one folder per tenant, one file per name. A file is complete and
 * synced before it takes its name, so a name shows the session before or the one after a save, and
 * nothing between. Thread-safe.
 */
public final class SavedSessions {

  static final String ENDING = ".session";
  static final String BEING_WRITTEN = ".new";

  /** Bytes moved by one call: a byte buffer over memory holds less than 2 GiB. */
  private static final long PIECE_BYTES = 1L << 28;

  private final Path store;
  private final Path folder;
  private final CacheParts parts;

  /**
   * @param store folder of the SSD tier; {@code sessions} in it is made by the first save
   */
  public SavedSessions(Path store, CacheParts parts) {
    this.store = store;
    this.folder = store.resolve("sessions");
    this.parts = parts;
  }

  /** Saves {@code state} under {@code name} of its tenant; replaces what this model saved there. */
  public synchronized void save(String name, SessionState state) {
    Path file = file(state.tenant(), name);
    refuseToReplaceAnotherModel(name, state.tenant(), file);
    Path written = file.resolveSibling(file.getFileName() + BEING_WRITTEN);
    try (Arena arena = Arena.ofConfined()) {
      Files.createDirectories(folder(state.tenant()));
      write(new SessionFileWriter(parts).write(state, arena), written);
      Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
      sync(folder(state.tenant()));
      sync(folder);
      sync(store);
    } catch (IOException e) {
      deleteQuietly(written, e);
      throw new StoreException(
          "the session '" + name + "' cannot be saved in " + folder + ": " + e + ": free some room",
          e);
    }
  }

  private void refuseToReplaceAnotherModel(String name, Tenant tenant, Path file) {
    try (Arena arena = Arena.ofConfined()) {
      if (Files.exists(file)
          && read(tenant, file, arena) instanceof SessionReading.Refused(var reason, var damaged)
          && !damaged) {
        throw new IllegalArgumentException(
            "the session '"
                + name
                + "' that is saved "
                + reason
                + ": delete it first or take another name");
      }
    }
  }

  private static void write(MemorySegment bytes, Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.WRITE,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      for (long at = 0; at < bytes.byteSize(); at += PIECE_BYTES) {
        ByteBuffer piece =
            bytes.asSlice(at, Math.min(PIECE_BYTES, bytes.byteSize() - at)).asByteBuffer();
        while (piece.hasRemaining()) {
          channel.write(piece);
        }
      }
      channel.force(true);
    }
  }

  private static void deleteQuietly(Path file, IOException cause) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }

  static void sync(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /**
   * Looks for a session and checks it; what is sound lies in memory of {@code arena}.
   *
   * @param policies that it is going to have
   */
  public synchronized SessionReading load(
      Tenant tenant, String name, SessionPolicies policies, Arena arena) {
    Path file = file(tenant, name);
    return switch (read(tenant, file, arena)) {
      case SessionReading.Sound sound when readsAlike(sound.file(), policies) -> sound;
      case SessionReading.Sound _ ->
          new SessionReading.Refused(
              "the session '"
                  + name
                  + "' read a choice of its tokens, made by another policy or deadline than "
                  + policies.reading().map(SelectiveReading::toString).orElse("none")
                  + ": resume it with what it was opened with",
              false);
      case SessionReading.Refused(String reason, boolean damaged) ->
          new SessionReading.Refused("the session '" + name + "' " + reason, damaged);
    };
  }

  private static boolean readsAlike(SessionFile file, SessionPolicies policies) {
    OptionalLong code = file.lineages().code();
    return code.isEmpty()
        || policies.reading().filter(how -> how.code() == code.getAsLong()).isPresent();
  }

  private SessionReading read(Tenant tenant, Path file, Arena arena) {
    SessionFileReader reader = new SessionFileReader(parts, tenant);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      long front = Math.min(size, SessionFileDescriptor.HEADER_LENGTH);
      MemorySegment header = read(channel, arena.allocate(Math.max(1, front)).asSlice(0, front));
      Optional<SessionReading.Refused> refused = reader.refuseHeader(header, size);
      return refused.isPresent()
          ? refused.get()
          : reader.read(read(channel, arena.allocate(size, Long.BYTES)));
    } catch (NoSuchFileException e) {
      return new SessionReading.Refused("is not saved for this tenant", false);
    } catch (IOException e) {
      return new SessionReading.Refused("cannot be read: " + e, true);
    }
  }

  /** Fills {@code target} from the start of the file. */
  private static MemorySegment read(FileChannel channel, MemorySegment target) throws IOException {
    long at = 0;
    while (at < target.byteSize()) {
      ByteBuffer piece =
          target.asSlice(at, Math.min(PIECE_BYTES, target.byteSize() - at)).asByteBuffer();
      int count = channel.read(piece, at);
      if (count < 0) {
        throw new IOException("the file ends at byte " + at + " of " + target.byteSize());
      }
      at += count;
    }
    return target;
  }

  /** Names of the sessions of {@code tenant}, whatever their model, sorted. */
  public synchronized List<String> names(Tenant tenant) {
    List<String> names = new ArrayList<>();
    Path of = folder(tenant);
    if (Files.isDirectory(of)) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(of, "*" + ENDING)) {
        for (Path file : files) {
          String name = file.getFileName().toString();
          SessionName.decode(name.substring(0, name.length() - ENDING.length()))
              .ifPresent(names::add);
        }
      } catch (IOException e) {
        throw new StoreException("the saved sessions in " + of + " cannot be listed: " + e, e);
      }
    }
    Collections.sort(names);
    return names;
  }

  /** Deletes a session for good; false if there was none. */
  public synchronized boolean delete(Tenant tenant, String name) {
    Path file = file(tenant, name);
    try {
      Files.deleteIfExists(file.resolveSibling(file.getFileName() + BEING_WRITTEN));
      boolean deleted = Files.deleteIfExists(file);
      if (deleted) {
        sync(folder(tenant));
      }
      return deleted;
    } catch (IOException e) {
      throw new StoreException("the session '" + name + "' cannot be deleted: " + e, e);
    }
  }

  /**
   * Deletes for good every session that belongs to {@code scope}; returns how many.
   *
   * @throws StoreException if one cannot be deleted
   */
  public synchronized int erase(EraseScope scope) {
    parts.indices().ifPresent(indices -> indices.erase(scope));
    return new SessionErasure(scope).run(folder);
  }

  private Path file(Tenant tenant, String name) {
    return folder(tenant).resolve(SessionName.encode(name) + ENDING);
  }

  private Path folder(Tenant tenant) {
    return folder.resolve(tenant.hash());
  }
}
