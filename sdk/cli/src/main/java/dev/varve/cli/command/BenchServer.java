package dev.varve.cli.command;

import dev.varve.cli.run.Cleanup;
import dev.varve.cli.run.Workers;
import dev.varve.cli.serve.GivenSettings;
import dev.varve.cli.serve.ServeConfig;
import dev.varve.cli.serve.ServeSettings;
import dev.varve.cli.serve.ServeStore;
import dev.varve.cli.text.ByteSize;
import dev.varve.sdk.KvCache;
import dev.varve.sidecar.Sidecar;
import dev.varve.sidecar.SidecarParts;
import dev.varve.sidecar.model.Models;
import java.io.IOException;
import java.security.SecureRandom;

/** A server in this process, at any free port, with memory for what a measurement stores. */
final class BenchServer {

  private final GivenSettings given = new GivenSettings();

  /**
   * @param data bytes of all values that are there at a time
   */
  BenchServer(ByteSize data) {
    setting("listen.port", "0");
    // What is replaced stays for a while beside what replaces it.
    setting("tiers.host", Long.toString(data.bytes() + data.bytes() / 2 + (1L << 30)));
  }

  /** Sets what a settings file would set. */
  BenchServer setting(String name, String value) {
    given.put(name, value, "bench");
    return this;
  }

  /** Starts it; it ends with {@code cleanup}. */
  Sidecar start(Models models, Cleanup cleanup) throws IOException {
    ServeSettings settings = given.settings();
    KvCache cache = cleanup.add(ServeStore.open(settings.tiers(), Workers.daemons("varve-mover")));
    Workers workers = cleanup.add(Workers.of(settings.listen().workers(), "varve-worker"));
    SidecarParts parts =
        new SidecarParts(
            Version.ours(),
            cache::objects,
            models,
            Workers.daemons("varve-loop"),
            workers,
            System::currentTimeMillis,
            System::nanoTime,
            new SecureRandom()::nextLong);
    return cleanup.add(Sidecar.start(ServeConfig.of(settings), parts));
  }
}
