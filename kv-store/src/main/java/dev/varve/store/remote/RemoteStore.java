package dev.varve.store.remote;

import dev.varve.store.Fingerprint;
import dev.varve.store.StoreException;
import dev.varve.store.Tenant;
import io.lettuce.core.KeyScanCursor;
import io.lettuce.core.RedisException;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanCursor;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** One remote store: blocks, objects, and what is erased of both. Thread-safe. */
public final class RemoteStore implements AutoCloseable {

  private static final int PAGE = 1000;

  private final RemoteLink link;
  private final RemoteCounters counters;
  private final RemoteTier tier;
  private final RemoteObjects objects;

  private RemoteStore(
      RemoteLink link, RemoteCounters counters, LongSupplier millis, LongSupplier random) {
    this.link = link;
    this.counters = counters;
    this.tier = new RemoteTier(link, counters);
    this.objects = new RemoteObjects(link, counters, millis, random);
  }

  /**
   * Opens it; the servers need not run yet, and are asked when something is wanted.
   *
   * @param nanoTime a clock like {@link System#nanoTime}
   * @param millis since 1970
   * @param random numbers that no process gets twice
   */
  public static RemoteStore open(
      RemoteConfig config, LongSupplier nanoTime, LongSupplier millis, LongSupplier random) {
    RemoteCounters counters = new RemoteCounters();
    return new RemoteStore(RemoteLink.open(config, nanoTime, counters), counters, millis, random);
  }

  /** Its blocks; closing them closes the store. */
  public RemoteTier tier() {
    return tier;
  }

  /** Its objects. */
  public RemoteObjects objects() {
    return objects;
  }

  /** What became of what was asked so far. */
  public RemoteStats stats() {
    return counters.snapshot(link.reachable());
  }

  /**
   * Erases what the servers hold of {@code tenant}, whoever stored it.
   *
   * @return names that were removed
   * @throws StoreException if a server does not answer
   */
  public long eraseTenant(Tenant tenant) {
    return erase(RemoteKeys.ofTenant(tenant), tenant.toString());
  }

  /** The same of the objects of {@code tenant} only. */
  public long eraseObjects(Tenant tenant) {
    return erase(RemoteKeys.objectsOf(tenant), "the objects of " + tenant);
  }

  /** The same of a model's blocks, of every tenant. */
  public long eraseModel(Fingerprint model) {
    return erase(RemoteKeys.ofModel(model), "model " + model);
  }

  private long erase(String pattern, String what) {
    try {
      long erased = 0;
      for (RedisClusterAsyncCommands<byte[], byte[]> primary : link.primaries()) {
        erased += erase(primary, pattern, what);
      }
      return erased;
    } catch (RedisException | IllegalStateException e) {
      throw notErased(what, e);
    }
  }

  private long erase(
      RedisClusterAsyncCommands<byte[], byte[]> primary, String pattern, String what) {
    ScanArgs page = ScanArgs.Builder.matches(pattern).limit(PAGE);
    long erased = 0;
    ScanCursor cursor = ScanCursor.INITIAL;
    do {
      ScanCursor from = cursor;
      Answer<KeyScanCursor<byte[]>> answer = link.ask(_ -> primary.scan(from, page));
      KeyScanCursor<byte[]> found = answer.value().orElseThrow(() -> notErased(what, null));
      erased += remove(found.getKeys()).orElseThrow(() -> notErased(what, null));
      cursor = found;
    } while (!cursor.isFinished());
    return erased;
  }

  private Optional<Long> remove(List<byte[]> keys) {
    List<RemoteLink.Question<Long>> questions = new ArrayList<>();
    keys.forEach(key -> questions.add(commands -> commands.unlink(key)));
    List<Answer<Long>> answers = link.askAll(questions);
    return answers.stream().allMatch(Answer::reached)
        ? Optional.of(answers.stream().mapToLong(answer -> answer.value().orElse(0L)).sum())
        : Optional.empty();
  }

  private StoreException notErased(String what, @Nullable Exception cause) {
    String text =
        link.config()
            + " does not answer: what it holds of "
            + what
            + " is not erased there; erase again once it does";
    return cause == null ? new StoreException(text) : new StoreException(text, cause);
  }

  /** Ends the connections. Idempotent. */
  @Override
  public void close() {
    tier.close();
  }
}
