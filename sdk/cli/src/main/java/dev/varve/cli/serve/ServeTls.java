package dev.varve.cli.serve;

import dev.varve.cli.run.Cleanup;
import dev.varve.cli.run.Workers;
import dev.varve.sidecar.tls.ServerTls;
import dev.varve.sidecar.tls.TlsFiles;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Opens the certificates of a server and looks now and then whether they were changed. */
public final class ServeTls {

  private static final int LOOK_SECONDS = 5;

  private ServeTls() {}

  /**
   * What encrypts connections; empty where nothing is said of certificates.
   *
   * @throws IllegalArgumentException if only a part is said
   * @throws IOException in one sentence, if the files cannot be used
   */
  public static Optional<ServerTls> open(ServeSettings.Tls tls, Cleanup cleanup)
      throws IOException {
    Optional<TlsFiles> files = files(tls);
    if (files.isEmpty()) {
      return Optional.empty();
    }
    ServerTls opened = ServerTls.open(files.get(), System::currentTimeMillis);
    ScheduledExecutorService clock =
        cleanup.add(Executors.newSingleThreadScheduledExecutor(Workers.daemons("varve-tls")));
    var _ =
        clock.scheduleWithFixedDelay(
            opened::reloadIfChanged, LOOK_SECONDS, LOOK_SECONDS, TimeUnit.SECONDS);
    return Optional.of(opened);
  }

  private static Optional<TlsFiles> files(ServeSettings.Tls tls) {
    if (tls.certificate().isPresent() != tls.key().isPresent()) {
      throw new IllegalArgumentException("set both tls.certificate and tls.key, or neither");
    }
    if (tls.clientCa().isPresent() && tls.certificate().isEmpty()) {
      throw new IllegalArgumentException(
          "tls.client-ca says whom to trust, but nothing is encrypted: set tls.certificate and"
              + " tls.key");
    }
    return tls.certificate()
        .map(certificate -> new TlsFiles(certificate, tls.key().orElseThrow(), tls.clientCa()));
  }
}
