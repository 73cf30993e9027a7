package dev.varve.compression.container;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The file that was compressed, as far as it takes to write it again.
 *
 * @param kind what kind of file, as {@code safetensors}; empty if there was none
 * @param metadata strings that the file carried, in their order
 * @param layout names, types, shapes and order of the file's parts, as text of the one who wrote
 *     it, JSON by custom; not looked at here; at most {@link #MAX_LAYOUT_BYTES} in UTF-8
 */
public record SourceDescription(String kind, Map<String, String> metadata, String layout) {

  /** Most bytes of a layout. */
  public static final int MAX_LAYOUT_BYTES = 16 << 20;

  /** No file. */
  public static final SourceDescription NONE = new SourceDescription("", Map.of(), "");

  public SourceDescription {
    metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
  }
}
