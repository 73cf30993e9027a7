package dev.varve.sidecar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.KeyScanCursor;
import io.lettuce.core.KeyValue;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.SetArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.protocol.ProtocolVersion;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Lettuce, the client of the JVM, in both protocols. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class LettuceTest {

  @ParameterizedTest
  @EnumSource
  void worksInBothProtocols(ProtocolVersion version) throws IOException {
    try (TestServer server = TestServer.start();
        RedisClient client = RedisClient.create(uri(server))) {
      client.setOptions(ClientOptions.builder().protocolVersion(version).build());
      try (StatefulRedisConnection<String, String> connection = client.connect()) {
        RedisCommands<String, String> redis = connection.sync();
        assertThat(redis.ping()).isEqualTo("PONG");
        assertThat(redis.set("k", "v", SetArgs.Builder.nx().ex(100))).isEqualTo("OK");
        assertThat(redis.set("k", "w", SetArgs.Builder.nx())).isNull();
        assertThat(redis.ttl("k")).isBetween(99L, 100L);
        assertThat(redis.setGet("k", "w")).isEqualTo("v");
        assertThat(redis.mset(Map.of("a", "1", "b", "2"))).isEqualTo("OK");
        assertThat(redis.mget("a", "nosuch", "b"))
            .containsExactly(
                KeyValue.just("a", "1"), KeyValue.empty("nosuch"), KeyValue.just("b", "2"));
        assertThat(redis.incrby("a", 41)).isEqualTo(42);
        assertThat(redis.append("a", "!")).isEqualTo(3);
        assertThat(redis.getrange("a", -2, -1)).isEqualTo("2!");
        assertThat(redis.exists("a", "b", "nosuch")).isEqualTo(2);
        KeyScanCursor<String> page = redis.scan(ScanArgs.Builder.matches("[ab]").limit(100));
        assertThat(page.getKeys()).containsExactlyInAnyOrder("a", "b");
        assertThat(page.isFinished()).isTrue();
        assertThat(redis.type("a")).isEqualTo("string");
        assertThat(redis.del("a", "b", "k")).isEqualTo(3);
        assertThat(redis.dbsize()).isZero();
        assertThat(redis.configGet("appendonly")).containsEntry("appendonly", "no");
        assertThat(redis.clientList()).contains("lib-name=Lettuce");
        assertThat(redis.command()).hasSize(Math.toIntExact(redis.commandCount()));
        assertThat(redis.info("server")).contains("redis_version:");
        assertThatThrownBy(() -> redis.hset("h", "f", "v"))
            .isInstanceOf(RedisCommandExecutionException.class)
            .hasMessageStartingWith("ERR unknown command 'HSET'");
      }
    }
  }

  @Test
  void pipelinesLongValues() throws Exception {
    byte[] value = new byte[3_000_000];
    new Random(3).nextBytes(value);
    try (TestServer server = TestServer.start();
        RedisClient client = RedisClient.create(uri(server));
        StatefulRedisConnection<byte[], byte[]> connection =
            client.connect(ByteArrayCodec.INSTANCE)) {
      List<RedisFuture<byte[]>> replies = new ArrayList<>();
      for (byte i = 0; i < 20; i++) {
        var _ = connection.async().set(new byte[] {i}, value);
        replies.add(connection.async().get(new byte[] {i}));
      }
      for (RedisFuture<byte[]> reply : replies) {
        assertThat(reply.get(60, TimeUnit.SECONDS)).isEqualTo(value);
      }
    }
  }

  @Test
  void takesItForAClusterOfOne() throws IOException {
    try (TestServer server = TestServer.start();
        RedisClusterClient client = RedisClusterClient.create(uri(server));
        StatefulRedisClusterConnection<String, String> connection = client.connect()) {
      assertThat(connection.sync().set("{tag}k", "v")).isEqualTo("OK");
      assertThat(connection.sync().get("{tag}k")).isEqualTo("v");
      assertThat(connection.getPartitions()).hasSize(1);
    }
  }

  private static RedisURI uri(TestServer server) {
    return RedisURI.builder()
        .withHost("127.0.0.1")
        .withPort(server.address().getPort())
        .withTimeout(Duration.ofSeconds(60))
        .build();
  }
}
