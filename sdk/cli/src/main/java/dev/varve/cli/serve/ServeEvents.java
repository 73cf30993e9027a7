package dev.varve.cli.serve;

import dev.varve.cli.run.Cleanup;
import dev.varve.cli.run.Workers;
import dev.varve.sidecar.events.EventPublisher;
import dev.varve.sidecar.events.EventSettings;
import dev.varve.sidecar.events.KvEvents;
import java.io.IOException;
import java.util.Optional;

/** Opens the stream of KV events that the settings ask for. */
public final class ServeEvents {

  private ServeEvents() {}

  /**
   * The publisher; empty where there is no endpoint.
   *
   * @throws IOException if an endpoint cannot be used
   */
  public static Optional<EventPublisher> open(ServeSettings.Events events, Cleanup cleanup)
      throws IOException {
    if (events.endpoint().isEmpty()) {
      if (events.replay().isPresent()) {
        throw new IllegalArgumentException(
            "events.replay says where to replay what is published nowhere: set events.endpoint");
      }
      return Optional.empty();
    }
    EventSettings settings =
        new EventSettings(events.endpoint().get(), events.replay(), events.topic());
    Workers thread = cleanup.add(Workers.of(1, "varve-events"));
    return Optional.of(
        cleanup.add(EventPublisher.start(settings, System::currentTimeMillis, thread)));
  }

  /** Who is told. */
  public static KvEvents sink(Optional<EventPublisher> publisher) {
    return publisher.<KvEvents>map(each -> each).orElse(KvEvents.NONE);
  }
}
