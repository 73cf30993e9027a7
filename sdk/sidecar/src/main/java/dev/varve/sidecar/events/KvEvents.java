package dev.varve.sidecar.events;

import java.util.List;

/** Takes events. Thread-safe; does not wait. */
@FunctionalInterface
public interface KvEvents {

  /** Tells of what happened, in one message. */
  void publish(List<KvEvent> events);
}
