package dev.varve.compression;

import dev.varve.compression.bitstream.BitstreamFormat;
import dev.varve.store.Encoding;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Names for encodings: a short name of {@link #known}, or {@code KEYS/VALUES} with the names of two
 * {@link SectionFormat}s, as {@code int8.token/int4.token32}. {@code NAME(level=N)} stands for
 * {@code NAMEN}.
 */
public final class Encodings {
  private static final Pattern LEVEL = Pattern.compile("(bitstream)\\(level=([0-9]+)\\)");
  private static final Map<String, Encoding> KNOWN = new LinkedHashMap<>();

  static {
    KNOWN.put("raw", Encoding.RAW);
    alias("lossless", "lossless", "lossless");
    alias("fp8", "fp8.e4m3", "fp8.e4m3");
    alias("int8", "int8.token", "int8.token");
    alias("twoclass4-2", "twoclass4-2", "twoclass4-2");
    alias("nsn2", "nsn2", "nsn2");
    alias("nsn1", "nsn1", "nsn1");
    alias("int4", "int4.token32", "int4.token32");
    alias("int2", "int2.token32", "int2.token32");
    alias("kivi4", "int4.channel32", "int4.token32");
    alias("kivi2", "int2.channel32", "int2.token32");
    alias("int8-rotated4", "int8.token", "rotated4");
    alias("int8-rotated3", "int8.token", "rotated3");
    alias("gear4", "gear4.kcvt.rank2", "gear4.kcvt.rank2");
    alias("gear2", "gear2.kivi.rank2", "gear2.kivi.rank2");
    alias("gearl2", "gearl2.kivi.rank2", "gearl2.kivi.rank2");
    alias("kv4", "smooth4.token", "int4.token");
    alias("kv4-32", "smooth4.token32", "int4.token32");
    alias("kvquant4", "kvquant4", "kvquant4");
    alias("kvquant3", "kvquant3", "kvquant3");
    alias("kvquant2", "kvquant2", "kvquant2");
    alias("grid4", "grid4", "grid4");
    alias("grid3", "grid3", "grid3");
    alias("grid2", "grid2", "grid2");
    alias("aquakv4", "aquakv4", "aquakv4");
    alias("aquakv3", "aquakv3", "aquakv3");
    alias("aquakv2", "aquakv2", "aquakv2");
    for (BitstreamFormat format : BitstreamFormat.all()) {
      alias(format.name(), format.name(), format.name());
    }
  }

  private Encodings() {}

  private static void alias(String name, String keys, String values) {
    KNOWN.put(name, Encoding.of(format(keys).number(), format(values).number()));
  }

  /** The short names, in the order in which they are worth offering. */
  public static Map<String, Encoding> known() {
    return Collections.unmodifiableMap(KNOWN);
  }

  /**
   * The encoding with this name.
   *
   * @throws IllegalArgumentException if there is none: lists the names there are
   */
  public static Encoding parse(String written) {
    String name = LEVEL.matcher(written).replaceAll("$1$2");
    Encoding known = KNOWN.get(name);
    if (known != null) {
      return known;
    }
    String[] parts = name.split("/", -1);
    if (parts.length != 2) {
      throw new IllegalArgumentException(
          "no encoding is named '%s': there are %s, or KEYS/VALUES with two formats%s"
              .formatted(
                  written,
                  String.join(", ", KNOWN.keySet()),
                  meant(name, List.copyOf(KNOWN.keySet()))));
    }
    return Encoding.of(format(parts[0]).number(), format(parts[1]).number());
  }

  /** The shortest name of {@code encoding}; its number where this program does not know it. */
  public static String name(Encoding encoding) {
    for (Map.Entry<String, Encoding> entry : KNOWN.entrySet()) {
      if (entry.getValue().equals(encoding)) {
        return entry.getKey();
      }
    }
    Optional<SectionFormat> keys = SectionFormats.of(encoding.keyFormat());
    Optional<SectionFormat> values = SectionFormats.of(encoding.valueFormat());
    return keys.isPresent() && values.isPresent()
        ? keys.get().name() + "/" + values.get().name()
        : encoding.toString();
  }

  private static SectionFormat format(String name) {
    return SectionFormats.named(name)
        .orElseThrow(() ->
            new IllegalArgumentException(
                "no format is named '%s': there are %s%s"
                    .formatted(
                        name, String.join(", ", formatNames()), meant(name, formatNames()))));
  }

  private static String meant(String written, List<String> known) {
    return NearestName.of(written, known).map("; did you mean %s?"::formatted).orElse("");
  }

  private static List<String> formatNames() {
    return SectionFormats.all().stream().map(SectionFormat::name).toList();
  }
}
