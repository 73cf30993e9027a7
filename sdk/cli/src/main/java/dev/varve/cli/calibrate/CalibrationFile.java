package dev.varve.cli.calibrate;

import dev.varve.cli.CommandFailure;
import dev.varve.cli.ExitCode;
import dev.varve.compression.calibrated.LayerTables;
import dev.varve.compression.calibrated.TableKind;
import dev.varve.store.Digest256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Codec calibrations as JSON; {@code docs/formats/calibration.md} specifies them. */
public final class CalibrationFile {
  private static final String FORMAT = "varve-codec-calibration";
  private static final int VERSION = 1;
  private static final long MOST_BYTES = 1L << 30;
  private static final String HALVES = "f16:";
  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxStringLength((int) MOST_BYTES).build())
                  .build())
          .build();

  private CalibrationFile() {}

  /**
   * Reads a calibration.
   *
   * @throws CommandFailure if the file holds something else, with the reason
   */
  public static CodecCalibration read(Path file) {
    try {
      if (Files.size(file) > MOST_BYTES) {
        throw refused(
            file, "has %d bytes, at most %d are read".formatted(Files.size(file), MOST_BYTES));
      }
      byte[] bytes = Files.readAllBytes(file);
      MessageDigest sha256 = Digest256.sha256();
      sha256.update(bytes);
      return parse(file, JSON.readTree(bytes), Digest256.finish(sha256).shortHex());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (JacksonException e) {
      throw new CommandFailure(
          ExitCode.NO,
          file + ": is no calibration, not even valid JSON: " + e.getOriginalMessage(),
          e);
    }
  }

  private static CodecCalibration parse(Path file, JsonNode root, String digest) {
    if (!root.path("format").asString("").equals(FORMAT)) {
      throw refused(file, "is no calibration: one says \"format\": \"" + FORMAT + "\"");
    }
    JsonNode version = root.path("version");
    if (!version.isInt() || version.intValue() != VERSION) {
      throw refused(
          file, "is a calibration of version %s, readable is %d".formatted(version, VERSION));
    }
    JsonNode layers = root.path("layers");
    if (!layers.isArray() || layers.isEmpty()) {
      throw refused(file, "names no layers: \"layers\" must be a list of tables");
    }
    List<LayerTables> tables = new ArrayList<>();
    for (JsonNode layer : layers) {
      tables.add(layer(file, tables.size(), layer));
    }
    return new CodecCalibration(
        root.path("model_identity").asString(""),
        root.path("fingerprint").asString(""),
        root.path("tokens").asInt(0),
        tables,
        digest);
  }

  private static LayerTables layer(Path file, int number, JsonNode layer) {
    Map<TableKind, float[]> tables = new EnumMap<>(TableKind.class);
    for (Map.Entry<String, JsonNode> entry : layer.properties()) {
      Optional<TableKind> kind = TableKind.named(entry.getKey());
      if (kind.isPresent()) {
        tables.put(kind.get(), numbers(file, number, entry.getKey(), entry.getValue()));
      }
    }
    try {
      return LayerTables.of(tables);
    } catch (IllegalArgumentException e) {
      throw refused(file, "layer %d: %s".formatted(number, e.getMessage()));
    }
  }

  private static float[] numbers(Path file, int layer, String name, JsonNode list) {
    if (list.isString()) {
      return halves(file, layer, name, list.stringValue());
    }
    float[] numbers = new float[list.size()];
    for (int i = 0; i < numbers.length; i++) {
      if (!list.path(i).isNumber()) {
        throw refused(
            file,
            "layer %d: %s must be a list of numbers: %s".formatted(layer, name, list.path(i)));
      }
      numbers[i] = (float) list.path(i).doubleValue();
    }
    return numbers;
  }

  /** Numbers as Base64 of binary16, little-endian. */
  private static float[] halves(Path file, int layer, String name, String text) {
    try {
      if (text.startsWith(HALVES)) {
        byte[] bytes = Base64.getDecoder().decode(text.substring(HALVES.length()));
        ByteBuffer shorts = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        float[] numbers = new float[bytes.length / Short.BYTES];
        for (int i = 0; i < numbers.length; i++) {
          numbers[i] = Float.float16ToFloat(shorts.getShort());
        }
        return numbers;
      }
    } catch (IllegalArgumentException e) {
      throw refused(file, "layer %d: %s is no Base64: %s".formatted(layer, name, e.getMessage()));
    }
    throw refused(
        file,
        "layer %d: %s must be a list of numbers, or a text that begins with %s"
            .formatted(layer, name, HALVES));
  }

  private static String halves(float[] numbers) {
    ByteBuffer bytes =
        ByteBuffer.allocate(numbers.length * Short.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (float number : numbers) {
      bytes.putShort(Float.floatToFloat16(number));
    }
    return HALVES + Base64.getEncoder().encodeToString(bytes.array());
  }

  /**
   * Writes a calibration.
   *
   * @param further fields behind, to say how it was made
   */
  public static void write(Path file, CodecCalibration calibration, Map<String, Object> further)
      throws IOException {
    ObjectNode root = JSON.createObjectNode();
    root.put("format", FORMAT);
    root.put("version", VERSION);
    root.put("model_identity", calibration.model());
    root.put("fingerprint", calibration.fingerprint());
    root.put("tokens", calibration.tokens());
    further.forEach((name, value) -> root.set(name, JSON.valueToTree(value)));
    var layers = root.putArray("layers");
    for (LayerTables tables : calibration.layers()) {
      ObjectNode layer = layers.addObject();
      for (TableKind kind : tables.kinds()) {
        float[] numbers = tables.find(kind).orElseThrow();
        if (kind.halves()) {
          layer.put(kind.text(), halves(numbers));
          continue;
        }
        var list = layer.putArray(kind.text());
        for (float number : numbers) {
          list.add(number);
        }
      }
    }
    Path partial = file.resolveSibling("." + file.getFileName() + ".partial");
    try {
      Files.writeString(partial, JSON.writeValueAsString(root) + "\n", StandardCharsets.UTF_8);
      Files.move(
          partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(partial);
    }
  }

  private static CommandFailure refused(Path file, String what) {
    return new CommandFailure(ExitCode.NO, file + ": " + what);
  }
}
