package dev.varve.cli.file;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a container remembers of the file it was made from, as JSON.
 *
 * @param name the file's name without folders
 * @param complete whether that file says how queries see the keys
 * @param codec the plan that was asked for
 * @param first tokens at the front that were kept as they are
 * @param newest tokens at the end that were kept as they are
 * @param layout how that file is made up
 */
public record Origin(
    String name, boolean complete, String codec, int first, int newest, KvLayout layout) {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** Reads what {@link #text} wrote. */
  static Origin parse(String text) {
    try {
      return JSON.readValue(text, Origin.class);
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          "the description of the original file cannot be read: " + e.getOriginalMessage(), e);
    }
  }

  /** This as JSON. */
  public String text() {
    return JSON.writeValueAsString(this);
  }
}
