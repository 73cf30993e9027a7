package dev.varve.eviction.head;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Head maps as JSON: {@code {"format": "varve-heads", "version": 1, "layers": 6, "kv_heads": 2,
 * "full": {"0": [1], "3": [0, 1]}}}. Layers that are not named have no full head; further fields
 * are ignored, so that a writer can say where a map comes from.
 */
public final class HeadMapFile {
  private static final String FORMAT = "varve-heads";
  private static final long MOST_BYTES = 16L << 20;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private HeadMapFile() {}

  /**
   * Reads a map.
   *
   * @throws IllegalArgumentException if the file is not there or holds something else
   */
  public static HeadMap read(Path file) {
    try {
      if (Files.size(file) > MOST_BYTES) {
        throw new IllegalArgumentException(
            "%s: a head map takes at most %d bytes, this file has %d"
                .formatted(file, MOST_BYTES, Files.size(file)));
      }
      return parse(file, JSON.readTree(Files.readAllBytes(file)));
    } catch (IOException e) {
      throw new IllegalArgumentException(file + ": the head map cannot be read: " + e, e);
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          file + ": the head map is not valid JSON: " + e.getOriginalMessage(), e);
    }
  }

  /** The map as text, with further fields behind. */
  public static String write(HeadMap map, Map<String, Object> further) {
    var root = JSON.createObjectNode();
    root.put("format", FORMAT);
    root.put("version", 1);
    root.put("layers", map.layers());
    root.put("kv_heads", map.kvHeads());
    var full = root.putObject("full");
    for (int layer = 0; layer < map.layers(); layer++) {
      if (!map.full().get(layer).isEmpty()) {
        var heads = full.putArray(Integer.toString(layer));
        map.full().get(layer).forEach(heads::add);
      }
    }
    further.forEach((name, value) -> root.set(name, JSON.valueToTree(value)));
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
  }

  /** Writes a map with further fields. */
  public static void write(Path file, HeadMap map, Map<String, Object> further) {
    try {
      Files.writeString(file, write(map, further));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static HeadMap parse(Path file, JsonNode root) {
    if (!root.path("format").asString("").equals(FORMAT) || root.path("version").asInt(0) != 1) {
      throw new IllegalArgumentException(
          "%s: a head map says \"format\": \"%s\" and \"version\": 1".formatted(file, FORMAT));
    }
    int layers = positive(file, root, "layers");
    int kvHeads = positive(file, root, "kv_heads");
    List<List<Integer>> full = new ArrayList<>();
    for (int layer = 0; layer < layers; layer++) {
      full.add(new ArrayList<>());
    }
    for (Map.Entry<String, JsonNode> entry : root.path("full").properties()) {
      if (!entry.getKey().matches("\\d{1,5}") || Integer.parseInt(entry.getKey()) >= layers) {
        throw new IllegalArgumentException(
            "%s: \"full\" names layer %s, the map has layers 0 to %d"
                .formatted(file, entry.getKey(), layers - 1));
      }
      for (JsonNode head : entry.getValue()) {
        if (!head.isInt()) {
          throw new IllegalArgumentException(
              "%s: layer %s names head %s, needed are whole numbers"
                  .formatted(file, entry.getKey(), head));
        }
        full.get(Integer.parseInt(entry.getKey())).add(head.intValue());
      }
    }
    try {
      return new HeadMap(kvHeads, full);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
    }
  }

  private static int positive(Path file, JsonNode root, String name) {
    JsonNode node = root.path(name);
    if (!node.isInt() || node.intValue() < 1 || node.intValue() > 65535) {
      throw new IllegalArgumentException(
          "%s: \"%s\" must be a whole number from 1 to 65535: %s".formatted(file, name, node));
    }
    return node.intValue();
  }
}
