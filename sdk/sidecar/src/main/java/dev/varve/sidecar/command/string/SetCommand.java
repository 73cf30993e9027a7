package dev.varve.sidecar.command.string;

import dev.varve.sidecar.command.Arguments;
import dev.varve.sidecar.command.Client;
import dev.varve.sidecar.command.Command;
import dev.varve.sidecar.command.CommandInfo;
import dev.varve.sidecar.command.CommandInfo.Flag;
import dev.varve.sidecar.command.Keys;
import dev.varve.sidecar.lmcache.LmCacheKey;
import dev.varve.sidecar.resp.Argument;
import dev.varve.sidecar.resp.Reply;
import dev.varve.sidecar.resp.StoredBytes;
import dev.varve.store.object.CommitTerms;
import dev.varve.store.object.ObjectInfo;
import dev.varve.store.object.ObjectLease;
import java.util.Optional;
import java.util.function.LongSupplier;

/** {@code SET key value [NX | XX] [GET] [EX s | PX ms | EXAT s | PXAT ms | KEEPTTL]}. */
public final class SetCommand implements Command {

  private final LongSupplier millis;

  /**
   * @param millis milliseconds since 1970
   */
  public SetCommand(LongSupplier millis) {
    this.millis = millis;
  }

  @Override
  public CommandInfo info() {
    return CommandInfo.oneKey("set", -3, "Sets the value of a key.", Flag.WRITE);
  }

  @Override
  public Reply run(Arguments arguments, Client client) {
    SetOptions options = SetOptions.parse(arguments, millis.getAsLong());
    byte[] key = arguments.key(1);
    Argument value = arguments.at(2);
    Keys keys = client.keys();
    if (options.get()) {
      return setAndGet(key, value, options, keys);
    }
    if (!put(key, value, options, options.terms(), keys)) {
      return Reply.NIL;
    }
    return Reply.OK;
  }

  /** Stores; a value whose time has passed already is deleted instead, as Redis does. */
  private boolean put(
      byte[] key, Argument value, SetOptions options, CommitTerms terms, Keys keys) {
    if (!options.endedBefore(millis.getAsLong())) {
      return keys.put(key, value, terms);
    }
    boolean met = terms.precondition().holds(keys.space().info(key));
    if (met) {
      keys.delete(key);
    }
    return met;
  }

  private Reply setAndGet(byte[] key, Argument value, SetOptions options, Keys keys) {
    while (true) {
      Optional<ObjectLease> before = keys.lease(key);
      Optional<ObjectInfo> info = before.map(ObjectLease::info);
      Optional<StoredBytes> old = before.flatMap(lease -> keys.range(lease, 0, lease.length()));
      boolean wanted = options.terms().precondition().holds(info);
      CommitTerms terms =
          info.isPresent()
              ? options.terms().ifVersion(info.get().version())
              : options.terms().ifAbsent();
      if (!wanted || put(key, value, options, terms, keys)) {
        return Reply.stored(old);
      }
      old.ifPresent(StoredBytes::close);
    }
  }

  /** LMCache takes nothing but OK: a value that could not be stored is one that was displaced. */
  @Override
  public Reply failed(Arguments arguments, Client client) {
    if (LmCacheKey.parse(arguments.key(1)).isEmpty()) {
      return Command.super.failed(arguments, client);
    }
    client.keys().dropped("the store failed");
    return Reply.OK;
  }
}
