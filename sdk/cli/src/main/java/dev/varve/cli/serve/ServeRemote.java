package dev.varve.cli.serve;

import dev.varve.store.remote.RemoteConfig;
import java.util.Optional;

/** Makes of the settings which remote store several servers share. */
final class ServeRemote {

  private ServeRemote() {}

  /**
   * The remote store; empty if none is set.
   *
   * @throws IllegalArgumentException if the settings do not fit each other
   */
  static Optional<RemoteConfig> of(ServeSettings.Tiers tiers) {
    if (tiers.remote().isEmpty()) {
      boolean left =
          tiers.remoteUser().isPresent()
              || tiers.remotePassword().isPresent()
              || tiers.remoteAuthorities().isPresent();
      if (left) {
        throw new IllegalArgumentException(
            "tiers.remote-user, tiers.remote-password and tiers.remote-authorities belong to"
                + " tiers.remote, which is not set: name an address");
      }
      return Optional.empty();
    }
    try {
      return Optional.of(of(tiers, tiers.remote().get()));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("tiers.remote: " + e.getMessage(), e);
    }
  }

  private static RemoteConfig of(ServeSettings.Tiers tiers, String address) {
    RemoteConfig config = RemoteConfig.parse(address);
    if (config.password().isPresent()) {
      // The address is printed by --print-config.
      throw new IllegalArgumentException(
          "the address holds a password: write it as tiers.remote-password, or in the variable"
              + " VARVE_TIERS_REMOTE_PASSWORD");
    }
    return new RemoteConfig(
        config.topology(),
        config.nodes(),
        config.tls(),
        tiers.remoteUser(),
        tiers.remotePassword(),
        tiers.remoteAuthorities(),
        tiers.remoteTimeout(),
        tiers.remoteTimeToLive());
  }
}
