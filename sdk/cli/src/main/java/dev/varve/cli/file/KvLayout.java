package dev.varve.cli.file;

import dev.varve.compression.Section;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * How a file is made up: places of keys and values, and the bytes around them.
 *
 * @param kind name of the kind of file
 * @param fileBytes length
 * @param places keys and values of every layer
 * @param opaque all other bytes, in ascending order
 * @param queries queries, inside of the opaque bytes
 * @param tokenIds the token ids as i32, inside of the opaque bytes
 * @param sums checksums to renew when keys and values change
 */
public record KvLayout(
    String kind,
    long fileBytes,
    List<SectionPlace> places,
    List<Extent> opaque,
    List<QueryPlace> queries,
    Optional<Extent> tokenIds,
    List<SumField> sums) {

  public KvLayout {
    places = List.copyOf(places);
    opaque = List.copyOf(opaque);
    queries = List.copyOf(queries);
    sums = List.copyOf(sums);
  }

  /** A layout without queries, token ids and checksums. */
  static KvLayout of(String kind, long fileBytes, List<SectionPlace> places, List<Extent> opaque) {
    return new KvLayout(kind, fileBytes, places, opaque, List.of(), Optional.empty(), List.of());
  }

  /** Bytes that are neither keys nor values. */
  public long opaqueBytes() {
    return opaque.stream().mapToLong(Extent::bytes).sum();
  }

  /** Where the keys or values of {@code layer} lie. */
  public SectionPlace place(int layer, Section section) {
    return places.stream()
        .filter(place -> place.layer() == layer && place.section() == section)
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("there are no " + section + " of layer " + layer));
  }

  /**
   * Holds the layout against what it is to hold, because it may have been read from a file.
   *
   * @throws IllegalArgumentException if places, opaque bytes and length do not agree
   */
  public KvLayout checked(KvDescription description) {
    long sum = opaqueBytes();
    long end = 0;
    for (Extent extent : opaque) {
      require(extent.offset() >= end, "opaque bytes overlap at " + extent.offset());
      end = extent.end();
    }
    require(end <= fileBytes, "opaque bytes end at %d of %d".formatted(end, fileBytes));
    require(
        places.size() == 2 * description.shape().layerCount(),
        places.size() + " places for " + description.shape().layerCount() + " layers");
    for (int layer = 0; layer < description.shape().layerCount(); layer++) {
      for (Section section : Section.values()) {
        SectionPlace place = place(layer, section);
        sum += description.tokens() * description.tokenBytes(layer, section);
        require(
            last(place, layer, description) <= fileBytes,
            "%s of layer %d do not lie inside of %d bytes".formatted(section, layer, fileBytes));
      }
    }
    require(sum == fileBytes, "%d bytes are described, the file has %d".formatted(sum, fileBytes));
    for (QueryPlace query : queries) {
      Extent bytes = new Extent(query.offset(), query.bytes());
      require(inOpaque(bytes), "queries of layer %d lie outside".formatted(query.layer()));
    }
    require(tokenIds.isEmpty() || inOpaque(tokenIds.get()), "the token ids lie outside");
    for (SumField field : sums) {
      require(field.covered().end() <= fileBytes, "a checksum covers bytes past the end");
      field.fields().forEach(at -> require(inOpaque(new Extent(at, 4)), "a checksum lies outside"));
    }
    return this;
  }

  private static long last(SectionPlace place, int layer, KvDescription description) {
    int heads = description.shape().layers().get(layer).kvHeads();
    int dim = description.dim(layer, place.section());
    require(
        place.offset() >= 0
            && place.headStride() >= 0
            && place.tokenStride() >= 0
            && place.elementStride() >= 0,
        "a place of layer " + layer + " runs backwards");
    if (description.tokens() == 0) {
      return place.offset();
    }
    long end = place.offset() + description.shape().dtype().bytes();
    end = Math.addExact(end, Math.multiplyExact(place.headStride(), heads - 1L));
    end = Math.addExact(end, Math.multiplyExact(place.tokenStride(), description.tokens() - 1L));
    return Math.addExact(end, Math.multiplyExact(place.elementStride(), dim - 1L));
  }

  private boolean inOpaque(Extent bytes) {
    return opaque.stream()
        .anyMatch(extent -> extent.offset() <= bytes.offset() && bytes.end() <= extent.end());
  }

  private static void require(boolean holds, String sentence) {
    if (!holds) {
      throw new IllegalArgumentException("impossible layout: " + sentence);
    }
  }

  /** Builds a layout piece by piece; what was not named becomes opaque. */
  static final class Builder {
    private final String kind;
    private final List<SectionPlace> places = new ArrayList<>();
    private final List<Extent> covered = new ArrayList<>();
    private final List<QueryPlace> queries = new ArrayList<>();
    private final List<SumField> sums = new ArrayList<>();
    private Optional<Extent> tokenIds = Optional.empty();

    Builder(String kind) {
      this.kind = kind;
    }

    /** Keys or values whose elements fill {@code extent}, alone or with other places. */
    Builder place(SectionPlace place, Extent extent) {
      places.add(place);
      if (!covered.contains(extent)) {
        covered.add(extent);
      }
      return this;
    }

    Builder queries(QueryPlace place) {
      queries.add(place);
      return this;
    }

    Builder tokenIds(Extent extent) {
      tokenIds = Optional.of(extent);
      return this;
    }

    Builder sum(SumField field) {
      sums.add(field);
      return this;
    }

    KvLayout build(long fileBytes) {
      covered.sort(Comparator.comparingLong(Extent::offset));
      List<Extent> opaque = new ArrayList<>();
      long next = 0;
      for (Extent extent : covered) {
        if (extent.offset() > next) {
          opaque.add(new Extent(next, extent.offset() - next));
        }
        next = extent.end();
      }
      if (next < fileBytes) {
        opaque.add(new Extent(next, fileBytes - next));
      }
      return new KvLayout(kind, fileBytes, places, opaque, queries, tokenIds, sums);
    }
  }
}
