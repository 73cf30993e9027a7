package dev.varve.store.safetensors;

import dev.varve.store.StoreException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The JSON header: every tensor with its place in the data, in ascending order of place, without
 * holes or overlaps, and free text beside them.
 */
record Header(Map<String, String> metadata, List<Entry> entries) {

  static final String METADATA = "__metadata__";

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY).build();
  private static final BigInteger MOST = BigInteger.valueOf(Long.MAX_VALUE);

  /** A tensor and its bytes {@code [begin, end)}, counted from the end of the header. */
  record Entry(TensorSpec spec, long begin, long end) {}

  /** Reads a header and checks it against the {@code dataBytes} that follow it in the file. */
  static Header parse(Path path, byte[] json, long dataBytes) {
    if (json.length == 0 || json[0] != '{') {
      throw new StoreException(path + ": the safetensors header does not begin with '{'");
    }
    JsonNode root;
    try {
      root = JSON.readTree(json);
    } catch (JacksonException e) {
      throw new StoreException(path + ": the safetensors header is not valid JSON: " + plain(e), e);
    }
    Map<String, String> metadata = new LinkedHashMap<>();
    List<Entry> entries = new ArrayList<>();
    for (Map.Entry<String, JsonNode> field : root.properties()) {
      if (field.getKey().equals(METADATA)) {
        readMetadata(path, field.getValue(), metadata);
      } else {
        entries.add(readEntry(path, field.getKey(), field.getValue()));
      }
    }
    entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    checkPlaces(path, entries, dataBytes);
    return new Header(metadata, entries);
  }

  /** The parser's words without those on its own settings. */
  private static String plain(JacksonException e) {
    String message = String.valueOf(e.getOriginalMessage());
    int settings = message.indexOf("`");
    String kept = settings < 0 ? message : message.substring(0, settings);
    return kept.replaceAll("[ ,(]*(for|from)? *$", "");
  }

  /** Writes the header padded with spaces to {@code length % alignment == 0}, prefix included. */
  byte[] toJson(int prefixBytes, int alignment) {
    var root = JSON.createObjectNode();
    if (!metadata.isEmpty()) {
      var texts = root.putObject(METADATA);
      metadata.forEach(texts::put);
    }
    for (Entry entry : entries) {
      var node = root.putObject(entry.spec().name());
      node.put("dtype", entry.spec().type().name());
      var shape = node.putArray("shape");
      entry.spec().shape().forEach(shape::add);
      node.putArray("data_offsets").add(entry.begin()).add(entry.end());
    }
    byte[] json = JSON.writeValueAsBytes(root);
    int padding = Math.floorMod(-(prefixBytes + json.length), alignment);
    byte[] padded = Arrays.copyOf(json, json.length + padding);
    Arrays.fill(padded, json.length, padded.length, (byte) ' ');
    return padded;
  }

  private static void readMetadata(Path path, JsonNode node, Map<String, String> into) {
    for (Map.Entry<String, JsonNode> field : object(path, METADATA, node).properties()) {
      if (!field.getValue().isString()) {
        throw new StoreException(
            path + ": " + METADATA + "." + field.getKey() + " is not a text: " + field.getValue());
      }
      into.put(field.getKey(), field.getValue().stringValue());
    }
  }

  private static Entry readEntry(Path path, String name, JsonNode node) {
    object(path, name, node);
    TensorType type = type(path, name, node.path("dtype"));
    List<Long> offsets = longs(path, name, "data_offsets", node.path("data_offsets"));
    if (offsets.size() != 2) {
      throw new StoreException(
          path + ": tensor '" + name + "' needs two data_offsets, has " + offsets);
    }
    TensorSpec spec;
    try {
      spec = new TensorSpec(name, type, longs(path, name, "shape", node.path("shape")));
    } catch (IllegalArgumentException e) {
      throw new StoreException(path + ": " + e.getMessage(), e);
    }
    Entry entry = new Entry(spec, offsets.get(0), offsets.get(1));
    if (entry.end() - entry.begin() != spec.byteSize()) {
      throw new StoreException(
          "%s: tensor '%s' %s%s needs %d bytes, its data_offsets %s give %d"
              .formatted(
                  path,
                  name,
                  type,
                  spec.shape(),
                  spec.byteSize(),
                  offsets,
                  entry.end() - entry.begin()));
    }
    return entry;
  }

  private static TensorType type(Path path, String name, JsonNode node) {
    for (TensorType type : TensorType.values()) {
      if (node.isString() && type.name().equals(node.stringValue())) {
        return type;
      }
    }
    throw new StoreException(
        "%s: tensor '%s' has the dtype %s; readable are %s"
            .formatted(path, name, node, List.of(TensorType.values())));
  }

  private static JsonNode object(Path path, String name, JsonNode node) {
    if (!node.isObject()) {
      throw new StoreException(path + ": entry '" + name + "' is not a JSON object: " + node);
    }
    return node;
  }

  private static List<Long> longs(Path path, String name, String field, JsonNode node) {
    if (!node.isArray()) {
      throw new StoreException(
          path + ": tensor '" + name + "' has no list '" + field + "': " + node);
    }
    List<Long> values = new ArrayList<>();
    for (JsonNode element : node) {
      if (!element.isIntegralNumber()
          || element.bigIntegerValue().signum() < 0
          || element.bigIntegerValue().compareTo(MOST) > 0) {
        throw new StoreException(
            "%s: tensor '%s' has %s in '%s'; needed are whole numbers from 0 to 2^63 - 1"
                .formatted(path, name, element, field));
      }
      values.add(element.longValue());
    }
    return values;
  }

  private static void checkPlaces(Path path, List<Entry> entries, long dataBytes) {
    long next = 0;
    for (Entry entry : entries) {
      if (entry.begin() != next) {
        throw new StoreException(
            "%s: tensor '%s' begins at data byte %d; the tensor before it ends at %d"
                .formatted(path, entry.spec().name(), entry.begin(), next));
      }
      if (entry.end() > dataBytes) {
        throw new StoreException(
            ("%s: tensor '%s' ends at data byte %d, the file has %d data bytes: it is truncated;"
                    + " fetch it again")
                .formatted(path, entry.spec().name(), entry.end(), dataBytes));
      }
      next = entry.end();
    }
    if (next != dataBytes) {
      throw new StoreException(
          "%s: the tensors end at data byte %d, the file has %d data bytes"
              .formatted(path, next, dataBytes));
    }
  }
}
