package dev.varve.cli.serve;

import dev.varve.cli.run.Cleanup;
import dev.varve.cli.run.Workers;
import dev.varve.sidecar.events.AnnouncedBlocks;
import dev.varve.sidecar.events.EventPublisher;
import dev.varve.sidecar.events.EventSettings;
import dev.varve.sidecar.events.KvEvents;
import dev.varve.sidecar.events.PutWatch;
import dev.varve.sidecar.model.Models;
import dev.varve.sidecar.observe.RequestWatch;
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

  /** Has what is put into models, and what leaves them, published. */
  public static RequestWatch watch(Models models, KvEvents events) {
    AnnouncedBlocks announced = new AnnouncedBlocks(events);
    models.all().forEach(model -> model.cache().onForgotten(announced::forgotten));
    return new PutWatch(models, events, announced);
  }
}
