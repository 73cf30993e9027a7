package dev.varve.sidecar.status;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Names that become labels. There are only so many; all that come later share one, so that a client
 * that invents names costs no memory here and in who stores the metrics. Thread-safe.
 */
public final class BoundedNames {

  /** The name of those that came too late. */
  public static final String OTHER = "other";

  private final int most;
  private final Map<String, String> names = new ConcurrentHashMap<>();

  /**
   * @param most how many names are told apart
   */
  public BoundedNames(int most) {
    this.most = most;
  }

  /** The label for a name. */
  public String label(String name) {
    String known = names.get(name);
    if (known != null) {
      return known;
    }
    synchronized (names) {
      if (names.size() >= most && !names.containsKey(name)) {
        return OTHER;
      }
      return names.computeIfAbsent(name, each -> each);
    }
  }
}
