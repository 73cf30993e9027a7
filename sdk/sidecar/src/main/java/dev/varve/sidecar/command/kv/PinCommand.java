package dev.varve.sidecar.command.kv;

import dev.varve.offload.tenancy.Pin;
import dev.varve.sdk.Retention;
import dev.varve.sidecar.command.Arguments;
import dev.varve.sidecar.command.Client;
import dev.varve.sidecar.command.Command;
import dev.varve.sidecar.command.CommandException;
import dev.varve.sidecar.command.CommandInfo;
import dev.varve.sidecar.command.CommandInfo.Flag;
import dev.varve.sidecar.model.Models;
import dev.varve.sidecar.resp.Reply;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * {@code KV.PIN model context [PX milliseconds]}: keeps the stored prefix whatever else needs room,
 * and returns a number for {@code KV.PIN model END number}; {@code KV.PIN model LIST}.
 */
public final class PinCommand implements Command {

  private static final CommandInfo INFO =
      CommandInfo.plain("kv.pin", -3, "Keeps a stored context from being displaced.", Flag.WRITE);

  private final Models models;
  private final LongSupplier millis;

  /**
   * @param millis milliseconds since 1970
   */
  public PinCommand(Models models, LongSupplier millis) {
    this.models = models;
    this.millis = millis;
  }

  @Override
  public CommandInfo info() {
    return INFO;
  }

  @Override
  public Reply run(Arguments arguments, Client client) {
    KvRequest request = KvRequest.of(arguments, client, models);
    Retention retention = request.model().cache().retention();
    if (request.take("list")) {
      checkDone(request);
      return list(retention, request);
    }
    if (request.take("end")) {
      long id = request.integer("the number of a pin", 0, Long.MAX_VALUE);
      checkDone(request);
      boolean own = own(retention, request).stream().anyMatch(pin -> pin.id() == id);
      return Reply.whole(own && retention.unpin(id) ? 1 : 0);
    }
    return pin(retention, request);
  }

  private static void checkDone(KvRequest request) {
    if (!request.done()) {
      throw CommandException.syntax();
    }
  }

  private Reply pin(Retention retention, KvRequest request) {
    int[] ids = request.context();
    boolean timed = request.take("px");
    long time = timed ? request.integer("the time of a pin", 1, 1L << 45) : 0;
    checkDone(request);
    try {
      Pin pin =
          timed
              ? retention.pin(
                  request.tenant(), ids, Instant.ofEpochMilli(millis.getAsLong() + time))
              : retention.pin(request.tenant(), ids);
      return Reply.whole(pin.id());
    } catch (IllegalArgumentException e) {
      throw CommandException.of(String.valueOf(e.getMessage()));
    }
  }

  /** Pins of other tenants are nobody's business. */
  private static List<Pin> own(Retention retention, KvRequest request) {
    return retention.pins().stream().filter(pin -> pin.tenant().equals(request.tenant())).toList();
  }

  private static Reply list(Retention retention, KvRequest request) {
    return new Reply.Many(
        own(retention, request).stream().<Reply>map(PinCommand::described).toList());
  }

  private static Reply described(Pin pin) {
    return new Reply.Pairs(
        List.of(
            Map.entry("id", Reply.whole(pin.id())),
            Map.entry("tokens", Reply.whole(pin.tokens())),
            Map.entry("chunks", Reply.whole(pin.chunks())),
            Map.entry("bytes", Reply.whole(pin.bytes())),
            Map.entry(
                "until_ms",
                pin.until().map(until -> Reply.whole(until.toEpochMilli())).orElse(Reply.NIL))));
  }
}
