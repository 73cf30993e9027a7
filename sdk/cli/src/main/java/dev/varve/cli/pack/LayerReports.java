package dev.varve.cli.pack;

import dev.varve.cli.file.ContainerSource;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** The reports that a container carries. */
public final class LayerReports {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private LayerReports() {}

  /** The report of each layer; empty where the container has none that can be read. */
  public static List<LayerReport> of(ContainerSource container) {
    Optional<MemorySegment> json = container.attachment(Packer.REPORT);
    if (json.isEmpty()) {
      return List.of();
    }
    try {
      List<LayerReport> reports =
          JSON.readValue(
              json.get().toArray(ValueLayout.JAVA_BYTE), new TypeReference<List<LayerReport>>() {});
      boolean fits = reports.size() == container.description().shape().layerCount();
      return fits ? reports : List.of();
    } catch (JacksonException e) {
      return List.of();
    }
  }
}
