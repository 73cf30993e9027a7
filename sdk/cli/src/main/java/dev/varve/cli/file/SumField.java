package dev.varve.cli.file;

import java.util.List;

/**
 * A CRC-32 over a part of a file, as zip archives have it, that has to be written anew when the
 * part is.
 *
 * @param covered what it is computed over
 * @param fields where it stands, as a little-endian u32, once or more
 */
public record SumField(Extent covered, List<Long> fields) {

  public SumField {
    fields = List.copyOf(fields);
  }
}
