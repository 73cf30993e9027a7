package dev.varve.cli.serve;

import dev.varve.cli.text.ByteSize;
import dev.varve.sidecar.TransportChoice;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * All settings of {@code varve serve}. A component's name with dashes is its name in the file, in
 * capitals with underscores in the environment.
 */
public record ServeSettings(
    Listen listen,
    Http http,
    Tls tls,
    Limits limits,
    Tiers tiers,
    Models models,
    Access access,
    Log log,
    Events events,
    Handover handover) {

  /** Where and how it listens. */
  public record Listen(
      @Setting(
              value = "address; anything but loopback lets other machines in",
              byDefault = "127.0.0.1")
          String host,
      @Setting(value = "port; 0 for any that is free", byDefault = "6390") int port,
      @Setting(
              value = "`epoll`, `io_uring` or `nio`; `auto` takes the first of them that is there",
              byDefault = TransportChoice.AUTO)
          String transport,
      @Setting(value = "threads that move bytes", byDefault = "2") int eventLoops,
      @Setting(value = "threads that run requests and may wait for a disk", byDefault = "8")
          int workers,
      @Setting(
              value = "whether it says of itself that it is a cluster of one node",
              byDefault = "false")
          boolean cluster) {}

  /** The port for people and tools. */
  public record Http(
      @Setting(
              value =
                  "where page, status and metrics are: `HOST:PORT`, `PORT` at loopback (0 for any"
                      + " that is free), or `off`",
              byDefault = HttpAddress.DEFAULT)
          String address,
      @Setting(
              value =
                  "token of admin calls, at least 16 characters; without it there are none"
                      + " ([visible.md](visible.md#admin-calls))",
              secret = true)
          Optional<String> token) {}

  /** Encryption of both ports. */
  public record Tls(
      @Setting(
              "certificate in PEM, and behind it those that vouch for it; without it nothing is"
                  + " encrypted")
          Optional<Path> certificate,
      @Setting("its private key, PKCS #8 in PEM without a password") Optional<Path> key,
      @Setting("certificates in PEM that vouch for clients; without them clients need none")
          Optional<Path> clientCa) {}

  /** What clients may take. */
  public record Limits(
      @Setting(value = "most connections at a time", byDefault = "1000") int clients,
      @Setting(value = "longest value, at most 512 MiB", byDefault = "512MiB") ByteSize value,
      @Setting(value = "most memory of one request", byDefault = "576MiB") ByteSize request,
      @Setting(
              value = "memory for values on their way, of all connections together",
              byDefault = "1GiB")
          ByteSize memory,
      @Setting(
              value = "longest value that is checked to its end before it is sent",
              byDefault = "64MiB")
          ByteSize readAhead,
      @Setting(
              value = "how long a client may leave a request half sent or a reply unread",
              byDefault = "60s")
          Duration stall,
      @Setting(
              value = "how long running requests may take once the server is told to end",
              byDefault = "10s")
          Duration drain) {}

  /** Where values are kept. */
  public record Tiers(
      @Setting(value = "size of the host tier, in memory", byDefault = "1GiB") ByteSize host,
      @Setting("folder of the SSD tier; without it nothing outlives the process")
          Optional<Path> ssd,
      @Setting(value = "most bytes of the SSD tier", byDefault = "16GiB") ByteSize ssdSize,
      @Setting(
              value = "what a loss of power may take: `sync`, `batched(ms)` or `none`",
              byDefault = "batched(100)")
          String durability,
      @Setting(
              "address of a Valkey or Redis that several servers share values through"
                  + " ([below](#sharing-values))")
          Optional<String> remote,
      @Setting("user at the remote store") Optional<String> remoteUser,
      @Setting(value = "password at the remote store", secret = true)
          Optional<String> remotePassword,
      @Setting("PEM file of the authorities that a remote store's certificate may come from")
          Optional<Path> remoteAuthorities,
      @Setting(
              value = "how long the remote store may take until its answer is a miss",
              byDefault = "1s")
          Duration remoteTimeout,
      @Setting(
              value = "after which the remote store forgets what nobody stored again",
              byDefault = "24h")
          Duration remoteTimeToLive) {}

  /** Models whose blocks are kept. */
  public record Models(
      @Setting("file of models, one a line ([protocol.md](protocol.md#models))")
          Optional<Path> file) {}

  /** Who may use it. */
  public record Access(
      @Setting("file of users, one a line ([protocol.md](protocol.md#users))")
          Optional<Path> usersFile,
      @Setting(value = "password of the default user", secret = true) Optional<String> password,
      @Setting(value = "key that tenants are derived with", secret = true)
          Optional<String> tenantKey) {}

  /** What it says in its log. */
  public record Log(
      @Setting(
              value =
                  "requests that get a line: `off`, `slow` (and such as fail), `kv` (and commands"
                      + " about models), `all`",
              byDefault = "kv")
          String requests,
      @Setting(value = "how long a request runs that is slow", byDefault = "1s") Duration slow,
      @Setting(value = "most lines about requests a second", byDefault = "100") int lines,
      @Setting(
              value = "time between two lines that sum up what happened; `0s` for none",
              byDefault = "60s")
          Duration summary) {}

  /** KV events for routers. */
  public record Events(
      @Setting(
              "where KV events are published over ZeroMQ, as in `tcp://127.0.0.1:5567`; without it"
                  + " there are none ([visible.md](visible.md#kv-events))")
          Optional<String> endpoint,
      @Setting("where missed events can be asked for, as in `tcp://127.0.0.1:5568`")
          Optional<String> replay,
      @Setting(value = "first frame of every message, as in `kv@POD@MODEL`", byDefault = "kv")
          String topic) {}

  /** Memory that clients of this machine map. */
  public record Handover(
      @Setting(
              "path of the Unix socket where memory is handed over to clients of this machine;"
                  + " without it there is none ([protocol.md](protocol.md#local-hand-over))")
          Optional<Path> socket,
      @Setting(value = "length of the memory file of a tenant", byDefault = "1GiB") ByteSize memory,
      @Setting(value = "most tenants with a memory file", byDefault = "4") int tenants,
      @Setting(
              value = "most connections at that socket at a time, each with a thread",
              byDefault = "64")
          int clients) {}
}
