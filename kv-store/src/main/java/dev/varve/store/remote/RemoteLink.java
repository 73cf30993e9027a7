package dev.varve.store.remote;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the servers of a remote store, many questions in one round trip, and never throws for what
 * they do: who does not answer in time has said nothing, and who failed a few times is left alone
 * for a while. Connects when it is first asked. Thread-safe.
 */
final class RemoteLink implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(RemoteTier.class);

  private static final int THREADS = 2;

  /** One command. */
  @FunctionalInterface
  interface Question<T> {
    RedisFuture<T> ask(RedisClusterAsyncCommands<byte[], byte[]> commands);
  }

  private final RemoteConfig config;
  private final LongSupplier nanoTime;
  private final CircuitBreaker breaker;
  private final RemoteCounters counters;
  private final ClientResources resources;
  private final ReentrantLock connecting = new ReentrantLock();
  private volatile @Nullable RemoteConnection connection;
  private volatile boolean open = true;

  private RemoteLink(
      RemoteConfig config, LongSupplier nanoTime, RemoteCounters counters, ClientResources made) {
    this.config = config;
    this.nanoTime = nanoTime;
    this.breaker = new CircuitBreaker(nanoTime);
    this.counters = counters;
    this.resources = made;
  }

  /** A link to these servers, which need not run yet. */
  static RemoteLink open(RemoteConfig config, LongSupplier nanoTime, RemoteCounters counters) {
    ClientResources resources =
        DefaultClientResources.builder()
            .ioThreadPoolSize(THREADS)
            .computationThreadPoolSize(THREADS)
            .build();
    return new RemoteLink(config, nanoTime, counters, resources);
  }

  RemoteConfig config() {
    return config;
  }

  /** Whether it is worth asking. */
  boolean reachable() {
    return open && !breaker.open();
  }

  /**
   * Every server that holds keys of its own, to be asked by itself in a question.
   *
   * @throws RedisException if nobody answers
   */
  List<RedisClusterAsyncCommands<byte[], byte[]>> primaries() {
    return connected().primaries().get();
  }

  /** Asks one question. */
  <T> Answer<T> ask(Question<T> question) {
    return askAll(List.of(question)).getFirst();
  }

  /** Asks all questions at once; returns an answer to each, in order. */
  <T> List<Answer<T>> askAll(List<Question<T>> questions) {
    if (questions.isEmpty()) {
      return List.of();
    }
    if (!open || !breaker.permits()) {
      counters.spared.add(questions.size());
      return Collections.nCopies(questions.size(), Answer.none());
    }
    List<Optional<RedisFuture<T>>> asked = new ArrayList<>();
    String reason = "";
    try {
      RedisClusterAsyncCommands<byte[], byte[]> commands = connected().commands();
      for (Question<T> question : questions) {
        asked.add(Optional.of(question.ask(commands)));
      }
    } catch (RedisException | IllegalStateException e) {
      reason = sentence(e);
    }
    while (asked.size() < questions.size()) {
      asked.add(Optional.empty());
    }
    return answers(asked, reason);
  }

  private <T> List<Answer<T>> answers(List<Optional<RedisFuture<T>>> asked, String before) {
    long deadline = nanoTime.getAsLong() + config.timeout().toNanos();
    List<Answer<T>> answers = new ArrayList<>();
    boolean alive = false;
    String reason = before;
    for (Optional<RedisFuture<T>> future : asked) {
      Answer<T> answer = Answer.none();
      if (future.isPresent()) {
        try {
          answer = await(future.get(), deadline);
          alive = true;
        } catch (ExecutionException e) {
          alive |= e.getCause() instanceof RedisCommandExecutionException;
          reason = sentence(e.getCause() == null ? e : e.getCause());
        } catch (TimeoutException e) {
          reason = "no answer within " + config.timeout().toMillis() + " ms";
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          reason = "interrupted";
        }
      }
      counters.failures.add(answer.reached() ? 0 : 1);
      answers.add(answer);
    }
    note(alive, reason);
    return answers;
  }

  private <T> Answer<T> await(RedisFuture<T> future, long deadline)
      throws ExecutionException, TimeoutException, InterruptedException {
    try {
      long left = Math.max(0, deadline - nanoTime.getAsLong());
      return new Answer<>(true, Optional.ofNullable(future.get(left, TimeUnit.NANOSECONDS)));
    } finally {
      if (!future.isDone()) {
        future.cancel(true);
      }
    }
  }

  private void note(boolean alive, String reason) {
    if (alive) {
      if (breaker.succeeded()) {
        LOG.info("{} answers again", config);
      }
    } else if (breaker.failed()) {
      LOG.warn(
          "{} does not answer and is left alone for a while; until then all it holds is a miss:"
              + " {}",
          config,
          reason);
    }
  }

  private RemoteConnection connected() {
    @Nullable RemoteConnection known = connection;
    if (known != null) {
      return known;
    }
    connecting.lock();
    try {
      known = connection;
      if (known == null) {
        if (!open) {
          throw new IllegalStateException("the remote store is closed");
        }
        known = RemoteConnection.open(config, resources);
        connection = known;
        LOG.info("{} is connected", config);
      }
      return known;
    } finally {
      connecting.unlock();
    }
  }

  private static String sentence(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return String.valueOf(root.getMessage());
  }

  /** Ends the connection. Idempotent. */
  @Override
  public void close() {
    connecting.lock();
    try {
      if (!open) {
        return;
      }
      open = false;
      @Nullable RemoteConnection known = connection;
      connection = null;
      if (known != null) {
        known.close();
      }
      var _ = resources.shutdown(0, 2, TimeUnit.SECONDS);
    } finally {
      connecting.unlock();
    }
  }
}
