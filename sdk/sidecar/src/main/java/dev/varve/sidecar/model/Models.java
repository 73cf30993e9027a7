package dev.varve.sidecar.model;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The models that a server knows. */
public final class Models {

  /** None: every command about a model is refused. */
  public static final Models NONE = new Models(List.of());

  private final Map<String, ServedModel> byName = new TreeMap<>();

  /**
   * @throws IllegalArgumentException if two have the same name
   */
  public Models(List<ServedModel> models) {
    for (ServedModel model : models) {
      if (byName.put(model.name(), model) != null) {
        throw new IllegalArgumentException("model '" + model.name() + "' is there twice");
      }
    }
  }

  /** The model of this name. */
  public Optional<ServedModel> find(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  /** All names, sorted. */
  public List<String> names() {
    return List.copyOf(byName.keySet());
  }

  /** All of them, by name. */
  public List<ServedModel> all() {
    return List.copyOf(byName.values());
  }
}
