package dev.varve.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** A real Redis gives the same bytes that the other tests expect of us. */
@Tag("server")
@EnabledIf(
    value = "dev.varve.sidecar.RedisServer$Programs#redisInstalled",
    disabledReason = "redis-server, redis-cli and redis-benchmark are not installed")
class RedisAgreementTest {

  @Test
  void redisAnswersInTheBytesThatWeDo(@TempDir Path folder)
      throws IOException, InterruptedException {
    try (RedisServer redis = RedisServer.start(folder);
        WireClient client = new WireClient(redis.address())) {
      assertThat(Transcript.play(client)).containsExactlyElementsOf(Transcript.exchanges());
    }
  }
}
