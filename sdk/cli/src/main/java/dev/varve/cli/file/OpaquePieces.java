package dev.varve.cli.file;

import dev.varve.compression.container.Attachment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The bytes of a file that are no keys and values, as attachments of a container. */
public final class OpaquePieces {

  private static final String PREFIX = "source@";
  private static final String BYTES = "U8";

  private OpaquePieces() {}

  /**
   * A piece.
   *
   * @param extent its place in the original file
   * @param attachment what it is called in a container
   */
  public record Piece(Extent extent, Attachment attachment) {}

  /** All pieces of {@code layout} in ascending order; queries are pieces of their own. */
  public static List<Piece> of(KvLayout layout) {
    List<QueryPlace> queries = new ArrayList<>(layout.queries());
    queries.sort(Comparator.comparingLong(QueryPlace::offset));
    List<Piece> pieces = new ArrayList<>();
    for (Extent extent : layout.opaque()) {
      long at = extent.offset();
      for (QueryPlace query : queries) {
        if (query.offset() < at || query.offset() + query.bytes() > extent.end()) {
          continue;
        }
        add(pieces, at, query.offset(), BYTES);
        add(pieces, query.offset(), query.offset() + query.bytes(), query.dtype().name());
        at = query.offset() + query.bytes();
      }
      add(pieces, at, extent.end(), BYTES);
    }
    return pieces;
  }

  private static void add(List<Piece> pieces, long from, long to, String dtype) {
    if (from < to) {
      Attachment attachment = new Attachment(PREFIX + from, dtype, List.of(to - from), to - from);
      pieces.add(new Piece(new Extent(from, to - from), attachment));
    }
  }
}
