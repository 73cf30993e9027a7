package dev.varve.sidecar.events;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The last messages, for those who missed some. For one thread. */
final class ReplayBuffer {

  private final int most;
  private final Deque<Message> kept = new ArrayDeque<>();

  /** A message that was sent. */
  static final class Message {
    final long sequence;
    final byte[] payload;

    Message(long sequence, byte[] payload) {
      this.sequence = sequence;
      this.payload = payload;
    }
  }

  ReplayBuffer(int most) {
    this.most = most;
  }

  void add(Message message) {
    kept.addLast(message);
    if (kept.size() > most) {
      kept.removeFirst();
    }
  }

  /** Those from a number on, oldest first. */
  List<Message> from(long sequence) {
    return kept.stream()
        .filter(message -> Long.compareUnsigned(message.sequence, sequence) >= 0)
        .toList();
  }
}
