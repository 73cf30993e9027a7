package dev.varve.sidecar.command;

import dev.varve.sidecar.access.User;
import dev.varve.sidecar.connection.RequestRunner;
import dev.varve.sidecar.observe.Observed;
import dev.varve.sidecar.observe.RequestWatch;
import dev.varve.sidecar.resp.Protocol;
import dev.varve.sidecar.resp.Reply;
import dev.varve.sidecar.resp.Request;
import dev.varve.sidecar.resp.Text;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs the requests of one client: finds the command, asks whether it is allowed, and runs it. */
public final class Dispatcher implements RequestRunner {

  private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);

  /** Length of what an unknown command's error repeats of it. */
  private static final int REPEATED = 128;

  private static final CommandInfo NO_COMMAND = CommandInfo.plain(Observed.UNKNOWN, -1, "");

  private final CommandTable table;
  private final Client client;
  private final Clients clients;
  private final Counters counters;
  private final RequestWatch watch;
  private final LongSupplier nanos;

  /**
   * @param watch hears of every request
   * @param nanos a clock like {@link System#nanoTime}
   */
  public Dispatcher(
      CommandTable table,
      Client client,
      Clients clients,
      Counters counters,
      RequestWatch watch,
      LongSupplier nanos) {
    this.table = table;
    this.client = client;
    this.clients = clients;
    this.counters = counters;
    this.watch = watch;
    this.nanos = nanos;
    clients.add(client);
  }

  @Override
  public Reply run(Request request) {
    Optional<Command> found = table.find(request.command());
    long began = watch.listening() ? nanos.getAsLong() : 0;
    Reply reply = run(request, found);
    ran(request, found, reply, began);
    return reply;
  }

  @Override
  public Optional<Reply> runNow(Request request) {
    Optional<Command> found = table.find(request.command());
    long began = watch.listening() ? nanos.getAsLong() : 0;
    Optional<Reply> reply = found.flatMap(command -> runNow(request, command));
    reply.ifPresent(made -> ran(request, found, made, began));
    return reply;
  }

  private Optional<Reply> runNow(Request request, Command command) {
    Arguments arguments = new Arguments(request);
    try {
      check(command.info(), arguments);
      Optional<Reply> reply = command.runNow(arguments, client);
      reply.ifPresent(_ -> client.lastCommand(command.info().name()));
      return reply;
    } catch (CommandException e) {
      return Optional.empty();
    }
  }

  private void ran(Request request, Optional<Command> found, Reply reply, long began) {
    counters.commands.increment();
    if (!watch.listening()) {
      return;
    }
    long took = nanos.getAsLong() - began;
    CommandInfo info = found.map(Command::info).orElse(NO_COMMAND);
    watch.ran(
        new Observed(
            info.name(),
            info.firstKey(),
            info.is(CommandInfo.Flag.READONLY),
            client.id(),
            client.user(),
            request,
            reply,
            took));
  }

  private Reply run(Request request, Optional<Command> found) {
    Arguments arguments = new Arguments(request);
    if (found.isEmpty()) {
      return unknown(arguments);
    }
    Command command = found.get();
    client.lastCommand(command.info().name());
    try {
      check(command.info(), arguments);
      return command.run(arguments, client);
    } catch (CommandException e) {
      return e.reply();
    } catch (RuntimeException e) {
      counters.failures.increment();
      LOG.error("{} failed", command.info().name(), e);
      return command.failed(arguments, client);
    }
  }

  private void check(CommandInfo info, Arguments arguments) {
    if (!info.takes(arguments.size())) {
      throw CommandException.arity(info.name());
    }
    if (info.is(CommandInfo.Flag.NO_AUTH)) {
      return;
    }
    User user =
        client
            .user()
            .orElseThrow(() -> CommandException.coded("NOAUTH", "Authentication required."));
    boolean allowed =
        (user.mayWrite() || !info.is(CommandInfo.Flag.WRITE))
            && (user.mayAdminister() || !info.is(CommandInfo.Flag.ADMIN));
    if (!allowed) {
      throw CommandException.coded(
          "NOPERM",
          "User %s has no permissions to run the '%s' command".formatted(user.name(), info.name()));
    }
  }

  private Reply unknown(Arguments arguments) {
    if (client.user().isEmpty()) {
      return new Reply.Failure("NOAUTH Authentication required.");
    }
    StringBuilder begin = new StringBuilder();
    for (int i = 1; i < arguments.size() && begin.length() < REPEATED; i++) {
      begin.append('\'').append(beginning(arguments, i, REPEATED - begin.length())).append("' ");
    }
    return Reply.error(
        "unknown command '%s', with args beginning with: %s"
            .formatted(beginning(arguments, 0, REPEATED), begin));
  }

  private static String beginning(Arguments arguments, int index, int length) {
    if (arguments.at(index).length() > 1 << 15) {
      return "...";
    }
    String text = Text.of(arguments.at(index));
    return text.substring(0, Math.min(text.length(), length));
  }

  @Override
  public Protocol protocol() {
    return client.protocol();
  }

  @Override
  public boolean trusted() {
    return client.user().isPresent();
  }

  @Override
  public boolean finished() {
    return client.finished();
  }

  @Override
  public void ended() {
    clients.remove(client);
  }
}
