package dev.varve.cli.pack;

import dev.varve.compression.Encodings;
import dev.varve.store.Encoding;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which encoding for which layer, as people write it: an encoding for all layers, then exceptions.
 *
 * <pre>
 *   plan   = encoding { ";" layers "=" encoding }
 *   layers = layer [ ".." layer ] { "," layer [ ".." layer ] }
 *   layer  = number, counted from 0; -1 is the last one
 * </pre>
 *
 * {@code kivi2;0,1,-1=int8} writes all layers as {@code kivi2} but the first two and the last.
 *
 * @param text the plan as it was written
 */
public record LayerCodecs(String text, Encoding base, List<Clause> clauses) {

  private static final Pattern RANGE =
      Pattern.compile("\\s*(-?\\d{1,5})(?:\\.\\.(-?\\d{1,5}))?\\s*");

  public LayerCodecs {
    clauses = List.copyOf(clauses);
  }

  /** Layers from {@code first} to {@code last}, both counted from the end where negative. */
  public record Clause(int first, int last, Encoding encoding) {}

  /** Reads the form above. */
  public static LayerCodecs parse(String text) {
    String[] parts = text.split(";", -1);
    List<Clause> clauses = new ArrayList<>();
    for (int i = 1; i < parts.length; i++) {
      int equals = parts[i].indexOf('=');
      if (equals < 0) {
        throw new IllegalArgumentException(
            "'%s' of --codec names no layers: write LAYERS=ENCODING, as in 0,1,-1=int8"
                .formatted(parts[i]));
      }
      Encoding encoding = Encodings.parse(parts[i].substring(equals + 1).strip());
      for (String range : parts[i].substring(0, equals).split(",", -1)) {
        Matcher matcher = RANGE.matcher(range);
        if (!matcher.matches()) {
          throw new IllegalArgumentException(
              "'%s' of --codec is no layer: write a number, -1 for the last, or 4..7"
                  .formatted(range));
        }
        int first = Integer.parseInt(matcher.group(1));
        int last = matcher.group(2) == null ? first : Integer.parseInt(matcher.group(2));
        clauses.add(new Clause(first, last, encoding));
      }
    }
    return new LayerCodecs(text, Encodings.parse(parts[0].strip()), clauses);
  }

  /** Whether layers were named. */
  public boolean namesLayers() {
    return !clauses.isEmpty();
  }

  /**
   * The encoding of each of {@code layers} layers.
   *
   * @throws IllegalArgumentException if a layer is named that is not there
   */
  public List<Encoding> encodings(int layers) {
    List<Encoding> all = new ArrayList<>(Collections.nCopies(layers, base));
    for (Clause clause : clauses) {
      int first = place(clause.first, layers);
      int last = place(clause.last, layers);
      if (first > last) {
        throw new IllegalArgumentException(
            "--codec names the layers %d..%d: of %d layers that is none"
                .formatted(clause.first, clause.last, layers));
      }
      for (int layer = first; layer <= last; layer++) {
        all.set(layer, clause.encoding);
      }
    }
    return all;
  }

  private static int place(int layer, int layers) {
    int place = layer < 0 ? layers + layer : layer;
    if (place < 0 || place >= layers) {
      throw new IllegalArgumentException(
          "--codec names layer %d, there are %d: %d to %d"
              .formatted(layer, layers, -layers, layers - 1));
    }
    return place;
  }

  @Override
  public String toString() {
    return text;
  }
}
