package dev.varve.cli.llama;

import dev.varve.cli.CommandFailure;
import dev.varve.cli.ExitCode;
import dev.varve.cli.file.AtomicFile;
import dev.varve.cli.file.ForeignFile;
import dev.varve.cli.file.LlamaSlot;
import dev.varve.store.Digest256;
import dev.varve.store.kernel.Backend;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * A folder in which llama.cpp's server saves its slots, and beside them, in {@code .varve}, the
 * packed ones: a manifest for each and the chunks that they share. A file is removed only after its
 * packed form was read back and was equal. For one process at a time.
 */
public final class SlotFolder implements AutoCloseable {

  private static final String SUFFIX = ".json";

  private final Path folder;
  private final Path manifests;
  private final SlotChunks chunks;
  private final FileChannel lock;

  private SlotFolder(Path folder, Path own, Backend backend, FileChannel lock) {
    this.folder = folder;
    this.manifests = own.resolve("files");
    this.chunks = new SlotChunks(own.resolve("chunks"), backend);
    this.lock = lock;
  }

  /**
   * Opens a folder.
   *
   * @throws CommandFailure if it is none, or another process has it open
   */
  public static SlotFolder open(Path folder, Backend backend) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new CommandFailure(
          ExitCode.ENVIRONMENT,
          folder + ": is no folder; give that of llama-server --slot-save-path");
    }
    Path own = folder.resolve(".varve");
    Files.createDirectories(own.resolve("files"));
    FileChannel lock =
        FileChannel.open(own.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (lock.tryLock() != null) {
        return new SlotFolder(folder, own, backend, lock);
      }
    } catch (OverlappingFileLockException e) {
      // This process has it open: the same answer.
    }
    lock.close();
    throw new CommandFailure(
        ExitCode.ENVIRONMENT, folder + ": is open in another process: wait for its end");
  }

  /** Slot files that are not packed yet go to {@code packed}, others to {@code left}. */
  public void pack(List<String> packed, List<String> left) throws IOException {
    for (Path file : files(folder)) {
      String name = String.valueOf(file.getFileName());
      if (!name.startsWith(".")) {
        (pack(file, name) ? packed : left).add(name);
      }
    }
  }

  private boolean pack(Path file, String name) throws IOException {
    FileTime before = Files.getLastModifiedTime(file);
    try (Arena arena = Arena.ofConfined()) {
      Optional<LlamaSlot> slot = read(file, arena);
      if (slot.isEmpty()) {
        return false;
      }
      SlotManifest manifest = write(slot.get(), name);
      MemorySegment again = restored(manifest, arena);
      boolean same = again.mismatch(slot.get().bytes()) < 0;
      if (!same || !Files.getLastModifiedTime(file).equals(before)) {
        throw new CommandFailure(ExitCode.NO, file + ": changed while it was packed: try again");
      }
      save(manifest, before);
    }
    Files.delete(file);
    return true;
  }

  private static Optional<LlamaSlot> read(Path file, Arena arena) throws IOException {
    try {
      return Files.size(file) == 0
          ? Optional.empty()
          : LlamaSlot.read(ForeignFile.map(file, arena));
    } catch (CommandFailure e) {
      return Optional.empty();
    }
  }

  private SlotManifest write(LlamaSlot slot, String name) throws IOException {
    List<SlotSection> sections = slot.sections().stream().map(SlotSection::of).toList();
    MemorySegment file = slot.bytes();
    List<String> names = new ArrayList<>();
    for (int from = 0; from < slot.cells(); from += SlotChunks.TOKENS) {
      int count = Math.min(SlotChunks.TOKENS, slot.cells() - from);
      MemorySegment raw = chunk(sections, count);
      long at = 0;
      for (SlotSection section : sections) {
        section.gather(file, slot.cells(), from, count, raw, at);
        at += section.rowBytes() * count;
      }
      names.add(chunks.put(raw, sections, count));
    }
    byte[] frame = new byte[Math.toIntExact(frameBytes(file.byteSize(), sections, slot.cells()))];
    frame(file, sections, slot.cells(), MemorySegment.ofArray(frame), true);
    return new SlotManifest(
        SlotManifest.VERSION,
        name,
        file.byteSize(),
        digest(file),
        slot.cells(),
        sections,
        names,
        frame);
  }

  private static MemorySegment chunk(List<SlotSection> sections, int count) {
    return MemorySegment.ofArray(new byte[Math.toIntExact(SlotChunks.bytes(sections, count))]);
  }

  private static long frameBytes(long size, List<SlotSection> sections, int cells) {
    return size - SlotChunks.bytes(sections, cells);
  }

  /** Copies what lies around the sections, out of a file or back into it. */
  private static void frame(
      MemorySegment file, List<SlotSection> sections, int cells, MemorySegment frame, boolean out) {
    List<SlotSection> ordered =
        sections.stream().sorted(Comparator.comparingLong(SlotSection::offset)).toList();
    long at = 0;
    long from = 0;
    for (int i = 0; i <= ordered.size(); i++) {
      long to = i < ordered.size() ? ordered.get(i).offset() : file.byteSize();
      if (out) {
        MemorySegment.copy(file, from, frame, at, to - from);
      } else {
        MemorySegment.copy(frame, at, file, from, to - from);
      }
      at += to - from;
      from = i < ordered.size() ? to + ordered.get(i).rowBytes() * cells : to;
    }
  }

  private static String digest(MemorySegment file) {
    MessageDigest digest = Digest256.sha256();
    long piece = 1 << 26;
    for (long at = 0; at < file.byteSize(); at += piece) {
      digest.update(file.asSlice(at, Math.min(piece, file.byteSize() - at)).asByteBuffer());
    }
    return Digest256.finish(digest).toString();
  }

  private void save(SlotManifest manifest, FileTime used) throws IOException {
    Path target = manifests.resolve(manifest.name() + SUFFIX);
    try (AtomicFile file = AtomicFile.create(target)) {
      file.write(0, MemorySegment.ofArray(JsonMapper.shared().writeValueAsBytes(manifest)));
      file.commit();
    }
    Files.setLastModifiedTime(target, used);
  }

  /**
   * Writes a packed file back into the folder; it stays packed.
   *
   * @param now when it is used
   */
  public void restore(String name, FileTime now) throws IOException {
    Path manifest = manifests.resolve(name + SUFFIX);
    if (name.isEmpty()
        || !name.equals(String.valueOf(Path.of(name).getFileName()))
        || !Files.exists(manifest)) {
      throw new CommandFailure(
          ExitCode.NO,
          "%s: there is no packed file '%s'; %s"
              .formatted(
                  folder,
                  name,
                  names().isEmpty()
                      ? "nothing is packed"
                      : "packed are " + String.join(", ", names())));
    }
    try (Arena arena = Arena.ofConfined();
        AtomicFile target = AtomicFile.create(folder.resolve(name))) {
      target.write(0, restored(load(manifest), arena));
      target.commit();
    }
    Files.setLastModifiedTime(manifest, now);
  }

  private MemorySegment restored(SlotManifest manifest, Arena arena) throws IOException {
    CommandFailure damaged =
        new CommandFailure(ExitCode.NO, folder + ": '" + manifest.name() + "' is damaged");
    List<SlotSection> sections = manifest.sections();
    try {
      MemorySegment file = arena.allocate(manifest.size());
      frame(file, sections, manifest.cells(), MemorySegment.ofArray(manifest.frame()), false);
      int from = 0;
      for (String name : manifest.chunks()) {
        int count = Math.min(SlotChunks.TOKENS, manifest.cells() - from);
        MemorySegment raw = chunk(sections, count);
        chunks.get(name, raw, sections, count);
        long at = 0;
        for (SlotSection section : sections) {
          section.scatter(file, manifest.cells(), from, count, raw, at);
          at += section.rowBytes() * count;
        }
        from += count;
      }
      if (!digest(file).equals(manifest.digest())) {
        throw damaged;
      }
      return file;
    } catch (IndexOutOfBoundsException | IllegalArgumentException | ArithmeticException e) {
      throw damaged;
    }
  }

  private static SlotManifest load(Path file) throws IOException {
    try {
      SlotManifest manifest =
          JsonMapper.shared().readValue(Files.readAllBytes(file), SlotManifest.class);
      if (manifest.version() == SlotManifest.VERSION) {
        return manifest;
      }
    } catch (JacksonException | NullPointerException e) {
      throw new CommandFailure(ExitCode.NO, file + ": is damaged", e);
    }
    throw new CommandFailure(ExitCode.NO, file + ": is of another version");
  }

  /** Removes the packed files that were used longest ago until the others fit. */
  public List<String> evict(long budget) throws IOException {
    List<SlotManifest> kept = latestFirst();
    List<String> evicted = new ArrayList<>();
    while (!kept.isEmpty() && bytes(kept) > budget) {
      SlotManifest oldest = kept.removeLast();
      Files.delete(manifests.resolve(oldest.name() + SUFFIX));
      evicted.add(oldest.name());
    }
    Set<String> used = new HashSet<>();
    kept.forEach(manifest -> used.addAll(manifest.chunks()));
    chunks.removeOthers(used);
    return evicted;
  }

  private long bytes(List<SlotManifest> of) throws IOException {
    Set<String> names = new HashSet<>();
    long bytes = 0;
    for (SlotManifest manifest : of) {
      bytes += Files.size(manifests.resolve(manifest.name() + SUFFIX));
      names.addAll(manifest.chunks());
    }
    for (String name : names) {
      bytes += chunks.fileBytes(name);
    }
    return bytes;
  }

  /** What is packed now. */
  public List<SlotReport.Packed> list() throws IOException {
    List<SlotManifest> all = latestFirst();
    Map<String, Integer> holders = new HashMap<>();
    all.forEach(manifest ->
        new HashSet<>(manifest.chunks()).forEach(name -> holders.merge(name, 1, Integer::sum)));
    return all.stream()
        .map(manifest ->
            new SlotReport.Packed(
                manifest.name(),
                manifest.cells(),
                manifest.size(),
                manifest.chunks().size(),
                (int)
                    manifest.chunks().stream().filter(c -> holders.getOrDefault(c, 0) > 1).count()))
        .toList();
  }

  /** Bytes that the packed files take. */
  public long bytes() throws IOException {
    return bytes(latestFirst());
  }

  private List<SlotManifest> latestFirst() throws IOException {
    Map<SlotManifest, FileTime> used = new HashMap<>();
    List<SlotManifest> all = new ArrayList<>();
    for (Path file : files(manifests)) {
      if (file.toString().endsWith(SUFFIX)) {
        SlotManifest manifest = load(file);
        used.put(manifest, Files.getLastModifiedTime(file));
        all.add(manifest);
      }
    }
    all.sort(
        Comparator.comparing((SlotManifest m) -> used.getOrDefault(m, FileTime.fromMillis(0)))
            .reversed()
            .thenComparing(SlotManifest::name));
    return all;
  }

  private List<String> names() throws IOException {
    return files(manifests).stream()
        .map(file -> String.valueOf(file.getFileName()))
        .filter(name -> name.endsWith(SUFFIX))
        .map(name -> name.substring(0, name.length() - SUFFIX.length()))
        .toList();
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(Files::isRegularFile).sorted().toList();
    }
  }

  @Override
  public void close() throws IOException {
    lock.close();
  }
}
