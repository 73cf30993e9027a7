package dev.varve.sdk.internal;

import static dev.varve.sdk.internal.SessionFileDescriptor.INT;

import dev.varve.sdk.internal.memory.RowSource;
import dev.varve.store.BlockGeometry;
import dev.varve.store.ModelGeometry;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * Private rows as they lie in a session file, every length checked; total, whatever the bytes are.
 * The file's memory must stay valid.
 */
final class SavedRows implements RowSource {

  /** Where the parts of one head begin. */
  private record Head(int rows, boolean merged, long positions, long keys) {
    int lists() {
      return merged ? 3 : 1;
    }
  }

  private final ModelGeometry geometry;
  private final MemorySegment file;
  private final int tokens;
  private final Head[][] heads;
  private final int[] from;
  private final int[] sums;

  private SavedRows(ModelGeometry geometry, MemorySegment file, int tokens) {
    this.geometry = geometry;
    this.file = file;
    this.tokens = tokens;
    this.heads = new Head[geometry.shape().layerCount()][];
    this.from = new int[heads.length];
    this.sums = new int[heads.length];
  }

  /**
   * Reads the section that begins at {@code at} and must end at {@code end}; empty if it is not
   * sound.
   */
  static Optional<SavedRows> read(
      ModelGeometry geometry, MemorySegment file, int tokens, long at, long end) {
    SavedRows rows = new SavedRows(geometry, file, tokens);
    for (int layer = 0; layer < rows.heads.length && at >= 0; layer++) {
      if (geometry.shape().owns(layer)) {
        at = rows.readLayer(layer, at, end);
      }
    }
    return at == end ? Optional.of(rows) : Optional.empty();
  }

  /** The end of the layer; -1 if it is not sound. */
  private long readLayer(int layer, long at, long end) {
    BlockGeometry block = geometry.block(layer);
    if (at + PrivateSectionDescriptor.LAYER_LENGTH > end
        || !SessionFileReader.layerMatches(file, at, layer, block)) {
      return -1;
    }
    from[layer] = file.get(INT, at + PrivateSectionDescriptor.FROM_OFFSET);
    sums[layer] = file.get(INT, at + PrivateSectionDescriptor.SUMS_OFFSET);
    int group = geometry.shape().layers().get(layer).group();
    if (from[layer] < 0 || from[layer] > tokens || (sums[layer] != 0 && sums[layer] != group)) {
      return -1;
    }
    heads[layer] = new Head[block.kvHeads()];
    at += PrivateSectionDescriptor.LAYER_LENGTH;
    for (int head = 0; head < block.kvHeads() && at >= 0; head++) {
      at = readHead(layer, head, at, end);
    }
    return at;
  }

  private long readHead(int layer, int head, long at, long end) {
    if (at + PrivateSectionDescriptor.HEAD_LENGTH > end) {
      return -1;
    }
    int rows = file.get(INT, at + PrivateSectionDescriptor.ROWS_OFFSET);
    int merged = file.get(INT, at + PrivateSectionDescriptor.MERGED_OFFSET);
    if (rows < 0 || rows > tokens || merged < 0 || merged > 1) {
      return -1;
    }
    long next =
        at
            + PrivateSectionDescriptor.headBytes(
                geometry.block(layer), rows, merged == 1, sums[layer]);
    if (next > end) {
      return -1;
    }
    long positions = at + PrivateSectionDescriptor.HEAD_LENGTH;
    long keys = positions + (long) rows * Integer.BYTES * ((merged == 1 ? 3 : 1) + sums[layer]);
    heads[layer][head] = new Head(rows, merged == 1, positions, keys);
    return soundRows(layer, head) ? next : -1;
  }

  private boolean soundRows(int layer, int head) {
    int last = 0;
    for (int row = 0; row < rows(layer, head); row++) {
      int position = position(layer, head, row);
      int first = first(layer, head, row);
      float weight = weight(layer, head, row);
      if (position < last || position >= tokens || first < 0 || first > position) {
        return false;
      }
      if (!(weight > 0) || weight == Float.POSITIVE_INFINITY) {
        return false;
      }
      for (int g = 0; g < sums[layer]; g++) {
        float sum = sum(layer, head, row, g);
        if (!(sum >= 0) || sum == Float.POSITIVE_INFINITY) {
          return false;
        }
      }
      last = position;
    }
    return true;
  }

  @Override
  public int rows(int layer, int head) {
    return heads[layer][head].rows();
  }

  @Override
  public boolean merged(int layer, int head) {
    return heads[layer][head].merged();
  }

  @Override
  public int position(int layer, int head, int row) {
    return integer(heads[layer][head], 0, row);
  }

  @Override
  public int first(int layer, int head, int row) {
    return merged(layer, head) ? integer(heads[layer][head], 1, row) : position(layer, head, row);
  }

  @Override
  public float weight(int layer, int head, int row) {
    return merged(layer, head) ? Float.intBitsToFloat(integer(heads[layer][head], 2, row)) : 1;
  }

  private int integer(Head head, int list, int row) {
    return file.get(INT, head.positions() + ((long) list * head.rows() + row) * Integer.BYTES);
  }

  @Override
  public int sums(int layer) {
    return sums[layer];
  }

  @Override
  public float sum(int layer, int head, int row, int g) {
    Head of = heads[layer][head];
    return Float.intBitsToFloat(integer(of, of.lists() + g, row));
  }

  @Override
  public int from(int layer) {
    return from[layer];
  }

  @Override
  public void visit(int layer, Visitor visitor) {
    BlockGeometry block = geometry.block(layer);
    int span = block.tokens();
    long rowBytes = SessionFileDescriptor.valueRowBytes(block);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment page = arena.allocate(block.bytes(), BlockGeometry.ALIGNMENT);
      for (int head = 0; head < block.kvHeads(); head++) {
        Head of = heads[layer][head];
        for (int first = 0; first < of.rows(); first += span) {
          int count = Math.min(span, of.rows() - first);
          long key = of.keys() + first * block.keyRowBytes();
          long keyBytes = count * block.keyRowBytes();
          MemorySegment.copy(file, key, page, block.keyOffset(0, 0), keyBytes);
          if (rowBytes > 0) {
            long value = of.keys() + of.rows() * block.keyRowBytes() + first * rowBytes;
            MemorySegment.copy(file, value, page, block.valueOffset(0, 0), count * rowBytes);
          }
          visitor.rows(head, page, 0, 0, first, count);
        }
      }
    }
  }
}
