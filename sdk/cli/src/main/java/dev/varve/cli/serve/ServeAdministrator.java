package dev.varve.cli.serve;

import dev.varve.sidecar.Sidecar;
import dev.varve.sidecar.http.Administrator;
import dev.varve.sidecar.status.StoreView;
import dev.varve.sidecar.tls.ServerTls;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * Does what an administrator asks of a server. Thread-safe.
 *
 * @param sidecar ended when it is to drain
 * @param store emptied when it is to be flushed
 * @param tls read again when it is to reload; empty where nothing is encrypted
 * @param ending runs the end
 */
public record ServeAdministrator(
    Sidecar sidecar, StoreView store, Optional<ServerTls> tls, Executor ending)
    implements Administrator {

  @Override
  public long flush() {
    return store.deleteAll();
  }

  @Override
  public void drain() {
    ending.execute(sidecar::close);
  }

  @Override
  public List<String> reload() throws IOException {
    if (tls.isEmpty()) {
      return List.of();
    }
    tls.get().reload();
    return List.of("tls");
  }
}
