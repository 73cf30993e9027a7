package dev.varve.sidecar.resp;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Consumer;

/** The bytes of one argument of a request. */
public sealed interface Argument permits SmallArgument, LargeArgument {

  /** Longest argument that is kept in the heap. */
  int SMALL_BYTES = 1 << 15;

  /** Length of every piece of a large argument but the last. */
  int PIECE_BYTES = 1 << 20;

  /** Number of bytes. */
  long length();

  /** Shows the bytes, piece by piece in order; a piece is borrowed until the call returns. */
  void forEachPiece(Consumer<MemorySegment> visitor);

  /** A copy of all bytes; they must fit in an array. */
  byte[] toBytes();

  /** An argument of these bytes, which are not copied. */
  static Argument of(byte... bytes) {
    return new SmallArgument(bytes);
  }

  /** The arguments as pieces of text, for tests and messages. */
  static List<String> texts(List<Argument> arguments) {
    return arguments.stream().map(Text::of).toList();
  }
}
