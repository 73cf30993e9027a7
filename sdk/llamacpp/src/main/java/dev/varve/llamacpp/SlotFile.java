package dev.varve.llamacpp;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * What a file of one sequence says, as {@code llama_state_seq_save_file} of build b4916 writes it,
 * llama-server's slots included:
 *
 * <pre>
 * u32 0x67677371, u32 2
 * u32 ids, ids x i32 token id
 * the state, as {@link StateLayout} describes it
 * </pre>
 */
final class SlotFile {

  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int MAGIC = 0x67677371;
  private static final int VERSION = 2;
  private static final int IDS_OFFSET = 12;

  private final int[] tokens;
  private final int[] positions;

  private SlotFile(int[] tokens, int[] positions) {
    this.tokens = tokens;
    this.positions = positions;
  }

  /** Ids of the tokens of the sequence. */
  int[] tokens() {
    return tokens.clone();
  }

  /** Positions of its cells, in their order. */
  int[] positions() {
    return positions.clone();
  }

  /**
   * Reads and checks a file to its last byte.
   *
   * @throws LlamaException if it is none, damaged, or of another kind of model or context
   */
  static SlotFile read(Path path, StateLayout layout, LlamaModel model) {
    if (!Files.isRegularFile(path)) {
      throw new LlamaException(path + ": no such file; a slot is a file of one sequence");
    }
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
        Arena arena = Arena.ofConfined()) {
      return read(channel.map(MapMode.READ_ONLY, 0, channel.size(), arena), layout, model);
    } catch (IOException e) {
      throw new LlamaException("%s: cannot be read: %s".formatted(path, e), e);
    } catch (LlamaException e) {
      throw new LlamaException(path + ": " + e.getMessage(), e);
    }
  }

  private static SlotFile read(MemorySegment file, StateLayout layout, LlamaModel model) {
    if (file.byteSize() < IDS_OFFSET || file.get(INT, 0) != MAGIC) {
      throw new LlamaException("is no file of a sequence of llama.cpp");
    }
    if (file.get(INT, 4) != VERSION) {
      throw new LlamaException(
          "is of version %d, readable is %d".formatted(file.get(INT, 4), VERSION));
    }
    long ids = Integer.toUnsignedLong(file.get(INT, 8));
    if (ids > (file.byteSize() - IDS_OFFSET) / Integer.BYTES) {
      throw new LlamaException(
          "says it has %d token ids in %d bytes: it is truncated or damaged"
              .formatted(ids, file.byteSize()));
    }
    long state = IDS_OFFSET + ids * Integer.BYTES;
    int[] tokens = file.asSlice(IDS_OFFSET, ids * Integer.BYTES).toArray(INT);
    for (int token : tokens) {
      model.checkToken(token);
    }
    return new SlotFile(tokens, layout.read(file.asSlice(state)));
  }
}
