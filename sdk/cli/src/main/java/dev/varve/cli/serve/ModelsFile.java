package dev.varve.cli.serve;

import dev.varve.compression.Encodings;
import dev.varve.offload.transfer.PrefillCost;
import dev.varve.store.Encoding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads the file of models: {@code model NAME layers=32 kv-heads=8 ...}, one a line. */
public final class ModelsFile {

  private ModelsFile() {}

  /**
   * The models of a text.
   *
   * @throws IllegalArgumentException names the line and what is wrong with it
   */
  public static List<ModelLine> parse(String text) {
    List<ModelLine> models = new ArrayList<>();
    Set<String> names = new HashSet<>();
    int number = 0;
    for (String line : text.lines().map(String::strip).toList()) {
      number++;
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      try {
        ModelLine model = model(List.of(line.split("\\s+", -1)));
        if (!names.add(model.name())) {
          throw new IllegalArgumentException("model '" + model.name() + "' is there twice");
        }
        models.add(model);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("line " + number + ": " + e.getMessage(), e);
      }
    }
    return models;
  }

  private static ModelLine model(List<String> line) {
    if (line.size() < 3 || !line.getFirst().equals("model")) {
      throw new IllegalArgumentException(
          "write 'model NAME layers=N kv-heads=N head-dim=N dtype=bf16', see docs/protocol.md");
    }
    ModelWords words = new ModelWords(line.subList(2, line.size()));
    ModelLine model =
        new ModelLine(
            line.get(1),
            words.text("revision").orElse(""),
            ModelLine.shape(words),
            words.integer("chunk-tokens", 256),
            words.size("hot", "1GiB"),
            words.size("host", "1GiB"),
            words.size("ssd", "16GiB"),
            words.size("index", "256MiB"),
            levels(words.text("levels").orElse("lossless")),
            lmcache(words.text("lmcache").orElse("lossless")),
            words.text("encodings").orElse("").replace(',', ' ').replace(':', '='),
            words.size("quota"),
            words.decimal("prefill-us").map(micros -> PrefillCost.perToken(micros * 1e-6)));
    words.checkNoneLeft();
    return model;
  }

  private static Optional<Encoding> lmcache(String name) {
    return name.equals("off") ? Optional.empty() : Optional.of(Encodings.parse(name));
  }

  private static List<Encoding> levels(String names) {
    return Arrays.stream(names.split(",", -1)).map(Encodings::parse).toList();
  }
}
