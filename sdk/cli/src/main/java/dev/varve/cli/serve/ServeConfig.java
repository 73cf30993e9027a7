package dev.varve.cli.serve;

import dev.varve.sidecar.SidecarConfig;
import dev.varve.sidecar.TransportChoice;
import dev.varve.sidecar.access.PasswordHash;
import dev.varve.sidecar.access.User;
import dev.varve.sidecar.access.Users;
import dev.varve.sidecar.access.UsersFile;
import dev.varve.store.Tenant;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Makes of the settings what a server is started with. */
public final class ServeConfig {

  private ServeConfig() {}

  /**
   * Checks the settings together.
   *
   * @throws IllegalArgumentException if they contradict each other
   */
  public static SidecarConfig of(ServeSettings settings) throws IOException {
    ServeSettings.Listen listen = settings.listen();
    ServeSettings.Limits limits = settings.limits();
    SidecarConfig config =
        new SidecarConfig(
            new InetSocketAddress(address(listen.host()), port(listen.port())),
            TransportChoice.named(listen.transport()),
            listen.eventLoops(),
            limits.clients(),
            limits.value().bytes(),
            limits.request().bytes(),
            limits.memory().bytes(),
            limits.readAhead().bytes(),
            limits.stall(),
            limits.drain(),
            listen.cluster(),
            users(settings.access()));
    return config.handingOver(ServeHandover.of(settings.handover()));
  }

  /** Where the port for people is; empty if it is off. */
  public static Optional<InetSocketAddress> http(ServeSettings settings) {
    return HttpAddress.parse(settings.http().address());
  }

  private static InetAddress address(String host) {
    try {
      return InetAddress.getAllByName(host)[0];
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(
          "listen.host: '" + host + "' is no address of this machine", e);
    }
  }

  private static int port(int port) {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("listen.port: " + port + " is not between 0 and 65535");
    }
    return port;
  }

  private static Users users(ServeSettings.Access access) throws IOException {
    List<User> users = new ArrayList<>();
    if (access.usersFile().isPresent()) {
      String text = Files.readString(access.usersFile().get());
      try {
        users.addAll(new UsersFile(access.tenantKey()).parse(text));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(access.usersFile().get() + ", " + e.getMessage(), e);
      }
    }
    boolean named = users.stream().anyMatch(user -> user.name().equals(User.DEFAULT));
    if (access.password().isPresent()) {
      if (named) {
        throw new IllegalArgumentException(
            "access.password and a default user in access.users-file: leave one of them out");
      }
      PasswordHash hash = PasswordHash.of(access.password().get().getBytes(StandardCharsets.UTF_8));
      users.add(new User(User.DEFAULT, true, false, List.of(hash), true, true, Tenant.NONE));
    }
    return users.isEmpty() ? Users.OPEN : new Users(users);
  }
}
