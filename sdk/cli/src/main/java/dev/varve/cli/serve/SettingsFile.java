package dev.varve.cli.serve;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Reads settings from a YAML file: sections, and a value for each setting in them. */
public final class SettingsFile {

  private static final YAMLMapper YAML =
      YAMLMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private SettingsFile() {}

  /**
   * Takes what a file says.
   *
   * @throws IllegalArgumentException if it is no YAML, or says what no setting is
   */
  public static void read(Path file, GivenSettings settings) throws IOException {
    String text = Files.readString(file);
    try {
      JsonNode root = YAML.readTree(text);
      if (root.isMissingNode() || root.isNull()) {
        return;
      }
      if (!root.isObject()) {
        throw new IllegalArgumentException(file + " holds no sections of settings");
      }
      for (Map.Entry<String, JsonNode> section : root.properties()) {
        readSection(file, section, settings);
      }
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          "%s, line %d: %s".formatted(file, e.getLocation().getLineNr(), e.getOriginalMessage()),
          e);
    }
  }

  private static void readSection(
      Path file, Map.Entry<String, JsonNode> section, GivenSettings settings) {
    if (section.getValue().isNull()) {
      return;
    }
    if (!section.getValue().isObject()) {
      settings.put(section.getKey(), section.getValue().asString(), file.toString());
      return;
    }
    for (Map.Entry<String, JsonNode> each : section.getValue().properties()) {
      String path = section.getKey() + "." + each.getKey();
      JsonNode value = each.getValue();
      if (!value.isValueNode()) {
        settings.put(path, "", file.toString());
        throw new IllegalArgumentException(
            "%s: %s takes one value, no list and no section".formatted(file, path));
      }
      if (!value.isNull()) {
        settings.put(path, value.asString(), file.toString());
      }
    }
  }
}
