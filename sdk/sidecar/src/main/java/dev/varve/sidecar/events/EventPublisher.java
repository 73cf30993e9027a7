package dev.varve.sidecar.events;

import dev.varve.sidecar.status.EventState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;
import org.zeromq.ZMQException;

/**
 * Publishes KV events over ZeroMQ as vLLM does: messages of three frames, topic, number (8 bytes,
 * big-endian, from 0) and payload. Who missed some asks the replay socket with the number of the
 * first; it gets each as number and payload, then the number of all ones and an empty payload.
 * Thread-safe; sockets belong to the one thread that runs it.
 */
public final class EventPublisher implements KvEvents, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(EventPublisher.class);
  private static final int WAITING = 100_000;
  private static final int HIGH_WATER = 100_000;
  private static final int REPLAYED = 10_000;
  private static final int LOOK_MILLIS = 20;

  /** Room for a request and for what ZeroMQ itself says when it connects. */
  private static final int MAX_MESSAGE_BYTES = 1024;

  private static final int SECONDS_TO_END = 10;
  private static final long END = -1L;

  private final EventSettings settings;
  private final LongSupplier millis;
  private final ZContext context;
  private final ZMQ.Socket publisher;
  private final ZMQ.@Nullable Socket replay;
  private final BlockingQueue<List<KvEvent>> waiting = new ArrayBlockingQueue<>(WAITING);
  private final ReplayBuffer sent = new ReplayBuffer(REPLAYED);
  private final AtomicLong sequence = new AtomicLong();
  private final LongAdder events = new LongAdder();
  private final LongAdder dropped = new LongAdder();
  private final CountDownLatch ended = new CountDownLatch(1);
  private final String endpoint;
  private final String replayEndpoint;
  private volatile boolean stopped;

  private EventPublisher(EventSettings settings, LongSupplier millis, ZContext context) {
    this.settings = settings;
    this.millis = millis;
    this.context = context;
    this.publisher = context.createSocket(SocketType.PUB);
    publisher.setHWM(HIGH_WATER);
    publisher.setLinger(0);
    publisher.bind(settings.endpoint());
    this.endpoint = publisher.getLastEndpoint();
    if (settings.replay().isPresent()) {
      this.replay = context.createSocket(SocketType.ROUTER);
      replay.setLinger(0);
      replay.setMaxMsgSize(MAX_MESSAGE_BYTES);
      replay.bind(settings.replay().get());
      this.replayEndpoint = replay.getLastEndpoint();
    } else {
      this.replay = null;
      this.replayEndpoint = "";
    }
  }

  /**
   * Opens the sockets and begins.
   *
   * @param millis milliseconds since 1970
   * @param thread runs the publisher until it is closed
   * @throws IOException if an endpoint cannot be used
   */
  public static EventPublisher start(EventSettings settings, LongSupplier millis, Executor thread)
      throws IOException {
    ZContext context = new ZContext();
    try {
      EventPublisher opened = new EventPublisher(settings, millis, context);
      LOG.info("KV events at {}", opened.endpoint);
      thread.execute(opened::run);
      return opened;
    } catch (ZMQException | IllegalArgumentException e) {
      context.close();
      throw new IOException(
          "KV events cannot be published at %s%s: %s"
              .formatted(
                  settings.endpoint(),
                  settings.replay().map(where -> " and replayed at " + where).orElse(""),
                  e.getMessage()),
          e);
    }
  }

  @Override
  public void publish(List<KvEvent> happened) {
    if (!happened.isEmpty() && !waiting.offer(List.copyOf(happened))) {
      dropped.add(happened.size());
    }
  }

  private void run() {
    try {
      while (!stopped) {
        List<KvEvent> next = waiting.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
        if (next != null) {
          send(next);
        }
        answerReplay();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ZMQException e) {
      LOG.error("KV events end", e);
    } finally {
      context.close();
      ended.countDown();
    }
  }

  private void send(List<KvEvent> happened) {
    byte[] payload = EventEncoder.payload(millis.getAsLong() / 1000.0, happened);
    long number = sequence.getAndIncrement();
    publisher.send(settings.topic().getBytes(StandardCharsets.UTF_8), ZMQ.SNDMORE);
    publisher.send(number(number), ZMQ.SNDMORE);
    publisher.send(payload, 0);
    sent.add(new ReplayBuffer.Message(number, payload));
    events.add(happened.size());
  }

  private void answerReplay() {
    ZMQ.Socket socket = replay;
    byte[] client = socket == null ? null : socket.recv(ZMQ.DONTWAIT);
    if (socket == null || client == null) {
      return;
    }
    byte[] last = client;
    int frames = 1;
    while (socket.hasReceiveMore()) {
      byte[] frame = socket.recv(0);
      last = frame == null ? last : frame;
      frames++;
    }
    if (frames != 3 || last.length != Long.BYTES) {
      LOG.debug("a replay request of {} frames is passed over", frames);
      return;
    }
    for (ReplayBuffer.Message message : sent.from(ByteBuffer.wrap(last).getLong())) {
      reply(socket, client, message.sequence, message.payload);
    }
    reply(socket, client, END, new byte[0]);
  }

  private static void reply(ZMQ.Socket socket, byte[] client, long number, byte[] payload) {
    socket.send(client, ZMQ.SNDMORE);
    socket.send(new byte[0], ZMQ.SNDMORE);
    socket.send(number(number), ZMQ.SNDMORE);
    socket.send(payload, 0);
  }

  private static byte[] number(long number) {
    return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
  }

  /** Where it publishes, and how much it did. */
  public EventState state() {
    return new EventState(
        endpoint,
        replayEndpoint,
        settings.topic(),
        sequence.get(),
        events.sum(),
        dropped.sum(),
        "blocks put with the engine's own hashes");
  }

  /** Ends; what still waits is not published. */
  @Override
  public void close() {
    stopped = true;
    try {
      if (!ended.await(SECONDS_TO_END, TimeUnit.SECONDS)) {
        throw new IllegalStateException("the publisher of KV events does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
