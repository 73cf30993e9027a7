package dev.varve.offload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class AgentTest {

  private final Counters counters = new Counters();
  private final Doorbell doorbell = new Doorbell();

  @Test
  void closeWaitsForTheStepUnderWay() throws InterruptedException {
    CountDownLatch inside = new CountDownLatch(1);
    Semaphore mayEnd = new Semaphore(0);
    AtomicInteger ended = new AtomicInteger();
    Agent agent =
        new Agent(
            () -> {
              inside.countDown();
              mayEnd.acquireUninterruptibly();
              return ended.incrementAndGet();
            },
            doorbell,
            counters);
    Thread thread = start(agent);
    inside.await();
    Thread closer = new Thread(agent::close);
    closer.start();
    assertThat(closer.join(Duration.ofMillis(50))).as("still waiting").isFalse();
    mayEnd.release();
    closer.join();
    thread.join();
    assertThat(ended).hasValue(1);
    agent.close();
  }

  @Test
  void outlivesFailuresAndCountsThem() throws InterruptedException {
    Semaphore stepped = new Semaphore(0);
    AtomicInteger steps = new AtomicInteger();
    Agent agent =
        new Agent(
            () -> {
              if (steps.getAndIncrement() == 0) {
                throw new AssertionError("made by the test");
              }
              stepped.release();
              return 0;
            },
            doorbell,
            counters);
    Thread thread = start(agent);
    stepped.acquire();
    assertThat(counters.agentFailures()).isEqualTo(1);
    agent.close();
    thread.join();
  }

  @Test
  void closeDoesNotWaitOutThePauseAfterAFailure() throws InterruptedException {
    CountDownLatch failed = new CountDownLatch(1);
    Agent agent =
        new Agent(
            () -> {
              failed.countDown();
              throw new IllegalStateException("made by the test");
            },
            doorbell,
            counters);
    Thread thread = start(agent);
    failed.await();
    agent.close();
    thread.join();
    assertThat(counters.agentFailures()).isEqualTo(1);
  }

  @Test
  void theDoorbellWakesAndNoRingIsLost() throws InterruptedException {
    int rings = 20_000;
    AtomicInteger due = new AtomicInteger();
    Semaphore served = new Semaphore(0);
    Agent agent =
        new Agent(
            () -> {
              int found = due.getAndSet(0);
              served.release(found);
              return found;
            },
            doorbell,
            counters);
    Thread thread = start(agent);
    for (int i = 0; i < rings; i++) {
      due.incrementAndGet();
      doorbell.ring();
      assertThat(served.tryAcquire(10, TimeUnit.SECONDS)).as("ring %d", i).isTrue();
    }
    agent.close();
    thread.join();
  }

  @Test
  void anAgentThatNeverRanClosesAndRunsNoMore() {
    AtomicInteger steps = new AtomicInteger();
    Agent agent = new Agent(steps::incrementAndGet, doorbell, counters);
    agent.close();
    agent.run();
    assertThat(steps).hasValue(0);
  }

  @Test
  void twoThreadsForOneAgentAreRefused() throws InterruptedException {
    CountDownLatch running = new CountDownLatch(1);
    Agent agent =
        new Agent(
            () -> {
              running.countDown();
              return 0;
            },
            doorbell,
            counters);
    Thread thread = start(agent);
    running.await();
    assertThatThrownBy(agent::run).hasMessageContaining("one thread");
    agent.close();
    thread.join();
  }

  private static Thread start(Agent agent) {
    Thread thread = new Thread(agent, "mover");
    thread.start();
    return thread;
  }
}
