package dev.varve.compression.fuzz;

import java.util.List;

/** Something that reads foreign bytes and must answer whatever they are. */
public interface FuzzTarget {

  /** Names the target in reports and the folder of its once-bad inputs. */
  String name();

  /** Sound inputs, which are damaged in turn; at least one. */
  List<byte[]> sound();

  /** Makes checksums right again, in place, so that damage gets past them. */
  void reseal(byte[] input);

  /**
   * Reads {@code input}, looks at guards, and throws whatever goes wrong.
   *
   * @return how many bytes of heap it may have taken
   */
  long read(byte[] input);
}
