package dev.varve.sdk.internal.memory;

import dev.varve.sdk.forgetting.CodedTokens;
import dev.varve.store.BlockGeometry;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Brings the rows of one layer that are kept in few bits to a new place: pages that were encoded
 * before as they are, and rows that a policy chose now, encoded for the first and last time.
 */
final class CodedCopier {

  private final PrivateLayer target;
  private final BlockGeometry geometry;
  private final RowSource source;
  private final int layer;
  private final Optional<CodedTokens> chosen;

  CodedCopier(PrivateLayer target, RowSource source, int layer, Optional<CodedTokens> chosen) {
    this.target = target;
    this.geometry = target.geometry();
    this.source = source;
    this.layer = layer;
    this.chosen = chosen;
  }

  private List<CodedRows> before() {
    return source instanceof PrivateRows rows ? rows.layer(layer).coded() : List.of();
  }

  /** Slots that the rows need, to be added before {@link #copy}. */
  int slots() {
    int slots = 0;
    for (CodedRows each : before()) {
      slots += target.coded(each.encoding()).expect(each.pages());
    }
    if (chosen.isPresent()) {
      int pages = Math.ceilDiv(chosen.get().rows().length, geometry.tokens());
      slots += target.coded(chosen.get().encoding()).expect(pages);
    }
    return slots;
  }

  /** Copies and encodes. */
  void copy() {
    for (CodedRows each : before()) {
      target.coded(each.encoding()).addAll(each);
    }
    if (chosen.isPresent() && chosen.get().rows().length > 0) {
      encode(chosen.get());
    }
  }

  private void encode(CodedTokens tokens) {
    int[] rows = tokens.rows();
    int span = geometry.tokens();
    CodedRows coded = target.coded(tokens.encoding());
    try (Arena arena = Arena.ofConfined()) {
      List<MemorySegment> blocks = new ArrayList<>();
      for (int at = 0; at < rows.length; at += span) {
        blocks.add(arena.allocate(geometry.bytes(), BlockGeometry.ALIGNMENT));
      }
      int[] next = new int[geometry.kvHeads()];
      source.visit(
          layer,
          (head, block, stripe, at, first, count) -> {
            int row = next[head];
            for (; row < rows.length && rows[row] < first + count; row++) {
              copy(block, stripe, at + rows[row] - first, blocks.get(row / span), head, row % span);
            }
            next[head] = row;
          });
      for (int page = 0; page < blocks.size(); page++) {
        int held = Math.min(span, rows.length - page * span);
        int[] positions = new int[held];
        for (int i = 0; i < held; i++) {
          positions[i] = source.position(layer, 0, rows[page * span + i]);
        }
        coded.add(blocks.get(page), positions, held);
      }
    }
  }

  private void copy(
      MemorySegment from, int stripe, int token, MemorySegment to, int head, int place) {
    MemorySegment.copy(
        from,
        geometry.keyOffset(stripe, token),
        to,
        geometry.keyOffset(head, place),
        geometry.keyRowBytes());
    MemorySegment.copy(
        from,
        geometry.valueOffset(stripe, token),
        to,
        geometry.valueOffset(head, place),
        geometry.valueRowBytes());
  }
}
