package dev.varve.cli.serve;

import com.sun.management.OperatingSystemMXBean;
import dev.varve.sidecar.handover.HandoverConfig;
import java.lang.management.ManagementFactory;
import java.util.Optional;

/** Makes of the settings where memory is handed over. */
final class ServeHandover {

  private ServeHandover() {}

  /**
   * Where and how much; empty where no socket is set.
   *
   * @throws IllegalArgumentException for more memory than the machine has
   */
  static Optional<HandoverConfig> of(ServeSettings.Handover handover) {
    return handover
        .socket()
        .map(socket -> {
          HandoverConfig config =
              new HandoverConfig(
                  socket, handover.memory().bytes(), handover.tenants(), handover.clients());
          config.check(machineBytes());
          return config;
        });
  }

  private static long machineBytes() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
  }
}
