package dev.varve.cli.command;

import dev.varve.cli.Console;
import dev.varve.cli.ExitCode;
import dev.varve.cli.run.Cleanup;
import dev.varve.cli.run.Workers;
import dev.varve.cli.serve.GivenSettings;
import dev.varve.cli.serve.ModelLine;
import dev.varve.cli.serve.RequestLines;
import dev.varve.cli.serve.ServeAdministrator;
import dev.varve.cli.serve.ServeConfig;
import dev.varve.cli.serve.ServeEvents;
import dev.varve.cli.serve.ServeModels;
import dev.varve.cli.serve.ServeSettings;
import dev.varve.cli.serve.ServeStore;
import dev.varve.cli.serve.ServeTls;
import dev.varve.cli.serve.SettingsFile;
import dev.varve.cli.serve.SettingsText;
import dev.varve.cli.serve.StoreViews;
import dev.varve.cli.serve.Visibility;
import dev.varve.sdk.KvCache;
import dev.varve.sidecar.Sidecar;
import dev.varve.sidecar.SidecarConfig;
import dev.varve.sidecar.SidecarParts;
import dev.varve.sidecar.events.EventPublisher;
import dev.varve.sidecar.http.AdminToken;
import dev.varve.sidecar.http.HttpServer;
import dev.varve.sidecar.model.Models;
import dev.varve.sidecar.observe.RequestWatch;
import dev.varve.sidecar.observe.RequestWatches;
import dev.varve.sidecar.status.Sampler;
import dev.varve.sidecar.status.TenantNames;
import dev.varve.sidecar.tls.Encryption;
import dev.varve.sidecar.tls.ServerTls;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs the server until it is told to end. */
@Command(
    name = "serve",
    description =
        "Serves values over the protocol of Redis, from memory and SSD, until it is interrupted.",
    footer = {
      "%nSettings come from the file, then the environment (VARVE_LISTEN_PORT and so on), then the"
          + " options; the last word counts. docs/configuration.md has them all."
    })
final class ServeCommand extends Task {

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "YAML file of settings ($VARVE_CONFIG, or none).")
  private Optional<Path> file = Optional.empty();

  @Option(
      names = "--set",
      paramLabel = "NAME=VALUE",
      description = "Any setting, as in --set limits.memory=2GiB. Can be given several times.")
  private Map<String, String> set = new LinkedHashMap<>();

  @Option(names = "--host", paramLabel = "ADDRESS", description = "Sets listen.host.")
  private Optional<String> host = Optional.empty();

  @Option(names = "--port", paramLabel = "N", description = "Sets listen.port.")
  private Optional<String> port = Optional.empty();

  @Option(
      names = "--http",
      paramLabel = "ADDRESS",
      description = "Sets http.address: HOST:PORT, PORT at loopback, or off.")
  private Optional<String> http = Optional.empty();

  @Option(names = "--store", paramLabel = "DIR", description = "Sets tiers.ssd.")
  private Optional<String> store = Optional.empty();

  @Option(
      names = "--print-config",
      description = "Print the settings that hold and who said so, without secrets, and end.")
  private boolean printConfig;

  @Override
  protected ExitCode perform(Console console, Cleanup cleanup)
      throws IOException, InterruptedException {
    GivenSettings given = given(console);
    ServeSettings settings = given.settings();
    SidecarConfig config = ServeConfig.of(settings);
    List<ModelLine> lines = ServeModels.read(settings.models());
    TenantNames names = new TenantNames(config.users());
    Visibility visibility = new Visibility(names, RequestLines.of(settings.log(), names));
    if (printConfig) {
      console.print(SettingsText.yaml(given));
      return ExitCode.OK;
    }
    Optional<InetSocketAddress> httpAddress = ServeConfig.http(settings);
    AdminToken token = new AdminToken(settings.http().token());
    Optional<ServerTls> tls = ServeTls.open(settings.tls(), cleanup);
    Optional<Encryption> encryption = tls.map(Function.identity());
    KvCache cache = cleanup.add(ServeStore.open(settings.tiers(), Workers.daemons("varve-mover")));
    Models models =
        ServeModels.open(lines, settings.tiers(), Workers.daemons("varve-mover"), cleanup::add);
    Workers workers = cleanup.add(Workers.of(settings.listen().workers(), "varve-worker"));
    Optional<EventPublisher> events = ServeEvents.open(settings.events(), cleanup);
    List<RequestWatch> watches = new ArrayList<>(List.of(visibility.watch()));
    events.ifPresent(publisher -> watches.add(ServeEvents.watch(models, publisher)));
    SidecarParts parts =
        new SidecarParts(
                Version.ours(),
                cache::objects,
                models,
                Workers.daemons("varve-loop"),
                workers,
                System::currentTimeMillis,
                System::nanoTime,
                new SecureRandom()::nextLong)
            .watchedBy(new RequestWatches(watches))
            .encryptedBy(encryption);
    Sidecar sidecar = cleanup.add(Sidecar.start(config, parts));
    console.println(
        "listening at %s:%d (%s)"
            .formatted(
                sidecar.address().getAddress().getHostAddress(),
                sidecar.address().getPort(),
                sidecar.transport().reason()));
    config
        .handover()
        .ifPresent(handover -> console.println("handing over memory at " + handover.socket()));
    StoreViews view = new StoreViews(cache, models, visibility.names());
    Sampler sampler = visibility.look(sidecar, view, settings.log().summary(), cleanup);
    if (httpAddress.isPresent()) {
      Workers ending = cleanup.add(Workers.of(1, "varve-end"));
      HttpServer page =
          visibility.open(
              httpAddress.get(),
              given.says("http.address"),
              sidecar,
              sampler,
              new ServeAdministrator(sidecar, view, tls, ending),
              token,
              tls,
              events,
              cleanup);
      console.println("page, status and metrics at " + page.url());
    }
    if (settings.tiers().ssd().isEmpty()) {
      console.note("values are kept in memory only: set tiers.ssd (--store DIR) to keep them");
    }
    sidecar.awaitEnd();
    return ExitCode.OK;
  }

  private GivenSettings given(Console console) throws IOException {
    GivenSettings given = new GivenSettings();
    Map<String, String> environment = System.getenv();
    Optional<Path> named =
        file.or(() -> Optional.ofNullable(environment.get("VARVE_CONFIG")).map(Path::of));
    if (named.isPresent()) {
      SettingsFile.read(named.get(), given);
    }
    for (String strange : given.putEnvironment(environment)) {
      console.note("the variable " + strange + " is no setting and is passed over");
    }
    host.ifPresent(text -> given.put("listen.host", text, "--host"));
    port.ifPresent(text -> given.put("listen.port", text, "--port"));
    http.ifPresent(text -> given.put("http.address", text, "--http"));
    store.ifPresent(text -> given.put("tiers.ssd", text, "--store"));
    set.forEach((path, text) -> given.put(path, text, "--set"));
    return given;
  }
}
