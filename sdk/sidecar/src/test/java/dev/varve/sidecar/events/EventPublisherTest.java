package dev.varve.sidecar.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.msgpack.core.MessagePack;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
class EventPublisherTest {

  private static final EventSettings ANY =
      new EventSettings("tcp://127.0.0.1:*", Optional.of("tcp://127.0.0.1:*"), "kv@here@model");

  private final ExecutorService thread = Executors.newSingleThreadExecutor();

  @Test
  void publishesInOrderAndReplaysWhatWasMissed() throws IOException {
    try (EventPublisher publisher = EventPublisher.start(ANY, () -> 2500, thread);
        ZContext context = new ZContext()) {
      ZMQ.Socket subscriber = context.createSocket(SocketType.SUB);
      subscriber.setReceiveTimeOut(100);
      subscriber.connect(publisher.state().endpoint());
      subscriber.subscribe("kv@");
      long published = 0;
      byte[] topic = null;
      while (topic == null) {
        publisher.publish(List.of(new KvEvent.BlockRemoved(List.of(published++))));
        topic = subscriber.recv(0);
      }
      subscriber.setReceiveTimeOut(60_000);
      assertThat(new String(topic, StandardCharsets.UTF_8)).isEqualTo("kv@here@model");
      long first = ByteBuffer.wrap(subscriber.recv(0)).getLong();
      assertThat(json(subscriber.recv(0)))
          .isEqualTo(
              "[2.5,[{\"type\":\"BlockRemoved\",\"block_hashes\":[%d],\"medium\":\"STORAGE\"}],null]"
                  .formatted(first));
      publisher.publish(List.of(new KvEvent.AllBlocksCleared()));
      long last = first;
      String payload = "";
      while (!payload.contains("AllBlocksCleared")) {
        assertThat(subscriber.recv(0)).isEqualTo(topic);
        long next = ByteBuffer.wrap(subscriber.recv(0)).getLong();
        assertThat(next).isEqualTo(last + 1);
        last = next;
        payload = json(subscriber.recv(0));
      }
      assertThat(replayed(context, publisher, 0))
          .hasSize((int) last + 1)
          .startsWith(0L)
          .endsWith(last);
      assertThat(replayed(context, publisher, last)).containsExactly(last);
      assertThat(replayed(context, publisher, last + 1)).isEmpty();
      assertThat(publisher.state().nextSequence()).isEqualTo(last + 1);
      assertThat(publisher.state().events()).isEqualTo(last + 1);
    } finally {
      thread.shutdown();
    }
  }

  private static List<Long> replayed(ZContext context, EventPublisher publisher, long from) {
    try (ZMQ.Socket socket = context.createSocket(SocketType.DEALER)) {
      socket.setReceiveTimeOut(60_000);
      socket.connect(publisher.state().replayEndpoint());
      // What is no request is passed over, and the next is answered.
      socket.send(new byte[3], 0);
      socket.send(new byte[0], ZMQ.SNDMORE);
      socket.send(ByteBuffer.allocate(Long.BYTES).putLong(from).array(), 0);
      List<Long> numbers = new ArrayList<>();
      while (true) {
        assertThat(socket.recv(0)).isEmpty();
        long number = ByteBuffer.wrap(socket.recv(0)).getLong();
        byte[] payload = socket.recv(0);
        if (number == -1) {
          assertThat(payload).isEmpty();
          return numbers;
        }
        assertThat(json(payload)).startsWith("[2.5,[{\"type\":");
        numbers.add(number);
      }
    }
  }

  private static String json(byte[] payload) {
    try {
      return MessagePack.newDefaultUnpacker(payload).unpackValue().toJson();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void refusesAnEndpointThatIsTaken() throws IOException {
    EventSettings alone = new EventSettings("tcp://127.0.0.1:*", Optional.empty(), "");
    try (EventPublisher publisher = EventPublisher.start(alone, () -> 0, thread)) {
      EventSettings same = new EventSettings(publisher.state().endpoint(), Optional.empty(), "");
      assertThatThrownBy(() -> EventPublisher.start(same, () -> 0, thread))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("KV events cannot be published at " + same.endpoint());
      EventSettings nonsense = new EventSettings("nonsense", Optional.empty(), "");
      assertThatThrownBy(() -> EventPublisher.start(nonsense, () -> 0, thread))
          .isInstanceOf(IOException.class);
    } finally {
      thread.shutdown();
    }
  }
}
