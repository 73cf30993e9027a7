package dev.varve.cli.file;

import dev.varve.cli.CommandFailure;
import dev.varve.cli.ExitCode;
import java.lang.foreign.Arena;
import java.util.Optional;

/**
 * State of a sequence as llama.cpp saves it, slot files of its server included: {@code ggsq}, a
 * version, the token ids, and a blob whose form depends on the build. Keys and values are told
 * apart where the blob is of a {@linkplain LlamaBlob known form} down to its last byte; any other
 * is kept as it is.
 */
final class LlamaKind implements FileKind {

  static final String NAME = "llama";
  private static final int[] MAGIC = {'q', 's', 'g', 'g'};
  private static final int[] SESSION_MAGIC = {'n', 's', 'g', 'g'};
  private static final int VERSION = 2;
  private static final int IDS_OFFSET = 12;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean recognises(ForeignFile file) {
    return file.startsWith(MAGIC) || file.startsWith(SESSION_MAGIC);
  }

  @Override
  public KvSource open(ForeignFile file, KindOptions options, Arena arena) {
    if (!recognises(file)) {
      throw file.refused("begins with neither 'qsgg' nor 'nsgg': it is no state of llama.cpp");
    }
    Optional<KvSource> known =
        file.startsWith(MAGIC) && file.u32(4, "the version") == VERSION
            ? sequence(file, options, arena)
            : Optional.empty();
    return known.orElseGet(() -> OpaqueFile.source(file, NAME, arena));
  }

  private static Optional<KvSource> sequence(ForeignFile file, KindOptions options, Arena arena) {
    Extent ids = ids(file);
    return blob(file, ids).flatMap(blob -> blob.source(options, arena, ids));
  }

  private static Extent ids(ForeignFile file) {
    long ids = file.u32(8, "the number of token ids") * Integer.BYTES;
    file.slice(IDS_OFFSET, ids, "the token ids");
    return new Extent(IDS_OFFSET, ids);
  }

  private static Optional<LlamaBlob> blob(ForeignFile file, Extent ids) {
    for (LlamaForm form : LlamaForm.values()) {
      Optional<LlamaBlob> read = LlamaBlob.read(file, ids.offset() + ids.bytes(), form);
      if (read.isPresent()) {
        return read;
      }
    }
    return Optional.empty();
  }

  /** The cells of a sequence's file of a known form; empty for any other file. */
  static Optional<LlamaSlot> slot(ForeignFile file) {
    boolean known =
        file.startsWith(MAGIC) && file.size() > IDS_OFFSET && file.u32(4, "") == VERSION;
    return known ? blob(file, ids(file)).flatMap(LlamaBlob::slot) : Optional.empty();
  }

  @Override
  public NewFile plan(KvDescription description, KindOptions options) {
    throw new CommandFailure(
        ExitCode.USAGE,
        "a file of llama.cpp needs token ids and the model that reads it: varve convert writes it");
  }
}
