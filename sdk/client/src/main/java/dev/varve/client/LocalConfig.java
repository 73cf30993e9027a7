package dev.varve.client;

import dev.varve.store.Checks;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * Where memory is handed over, and who asks.
 *
 * @param socket path of the server's Unix socket ({@code handover.socket})
 * @param login who to be there; empty for the default user without a password
 * @param deadline for one reply
 * @param pause after a failure, before the server is asked again
 */
public record LocalConfig(
    Path socket, Optional<RemoteConfig.Login> login, Duration deadline, Duration pause) {

  public LocalConfig {
    Objects.requireNonNull(socket, "socket");
    Objects.requireNonNull(login, "login");
    Checks.positive(deadline.toMillis(), "milliseconds for a reply");
    Checks.positive(pause.toMillis(), "milliseconds of a pause");
  }

  /** Thirty seconds for a reply, one second of pause. */
  public static LocalConfig of(Path socket) {
    return new LocalConfig(socket, Optional.empty(), Duration.ofSeconds(30), Duration.ofSeconds(1));
  }

  /** The same as another user. */
  public LocalConfig as(String user, String password) {
    return new LocalConfig(
        socket, Optional.of(new RemoteConfig.Login(user, password)), deadline, pause);
  }

  /** The same with another deadline and pause. */
  public LocalConfig within(Duration reply, Duration afterFailure) {
    return new LocalConfig(socket, login, reply, afterFailure);
  }
}
