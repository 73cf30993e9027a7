package dev.varve.sidecar.handover;

import dev.varve.store.Checks;
import java.nio.file.Path;

/**
 * Where and how much is handed over.
 *
 * @param socket path of the Unix socket
 * @param fileBytes length of the memory file of a tenant, rounded up to whole pages
 * @param tenants most memory files at a time
 * @param clients most connections at a time, each with a thread
 */
public record HandoverConfig(Path socket, long fileBytes, int tenants, int clients) {

  public HandoverConfig {
    Checks.positive(fileBytes, "bytes of a memory file");
    Checks.inRange(tenants, 1, 1024, "tenants with a memory file");
    Checks.inRange(clients, 1, 4096, "clients that are handed memory");
    fileBytes = Slab.rounded(fileBytes);
  }

  /**
   * Refuses more memory than there is.
   *
   * @param machineBytes memory of the machine
   */
  public void check(long machineBytes) {
    if (fileBytes > machineBytes / tenants) {
      throw new IllegalArgumentException(
          "%d memory files of %d bytes are more than the %d bytes of this machine: set less"
              .formatted(tenants, fileBytes, machineBytes));
    }
  }
}
