package dev.varve.store.remote;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.ReadFrom;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SslOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.resource.ClientResources;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * A connection through Lettuce, which makes it again when it breaks and follows the topology. While
 * it is broken commands fail at once.
 *
 * @param commands for any thread
 * @param primaries every server that holds keys of its own; may connect to some
 * @param end closes it
 */
record RemoteConnection(
    RedisClusterAsyncCommands<byte[], byte[]> commands,
    Supplier<List<RedisClusterAsyncCommands<byte[], byte[]>>> primaries,
    Runnable end)
    implements AutoCloseable {

  private static final int MOST_WAITING = 1 << 16;
  private static final Duration REFRESH = Duration.ofSeconds(15);
  private static final Duration REFRESH_PAUSE = Duration.ofMillis(500);

  /**
   * Connects.
   *
   * @throws io.lettuce.core.RedisException if nobody answers
   */
  static RemoteConnection open(RemoteConfig config, ClientResources resources) {
    return switch (config.topology()) {
      case RemoteTopology.Single() -> single(config, resources, uri(config));
      case RemoteTopology.Sentinel(String master) ->
          single(config, resources, sentinels(config, master));
      case RemoteTopology.Cluster() -> cluster(config, resources);
    };
  }

  private static RemoteConnection single(
      RemoteConfig config, ClientResources resources, RedisURI uri) {
    RedisClient client = RedisClient.create(resources, uri);
    boolean connected = false;
    try {
      client.setOptions(options(config, ClientOptions.builder()).build());
      StatefulRedisConnection<byte[], byte[]> connection = client.connect(ByteArrayCodec.INSTANCE);
      connected = true;
      return new RemoteConnection(
          connection.async(),
          () -> List.of(connection.async()),
          () -> {
            connection.close();
            shutDown(client);
          });
    } finally {
      if (!connected) {
        shutDown(client);
      }
    }
  }

  private static RemoteConnection cluster(RemoteConfig config, ClientResources resources) {
    List<RedisURI> nodes = config.nodes().stream().map(node -> uri(config, node)).toList();
    RedisClusterClient client = RedisClusterClient.create(resources, nodes);
    boolean connected = false;
    try {
      ClusterTopologyRefreshOptions refresh =
          ClusterTopologyRefreshOptions.builder()
              .enablePeriodicRefresh(REFRESH)
              .adaptiveRefreshTriggersTimeout(REFRESH_PAUSE)
              .build();
      ClusterClientOptions.Builder options = ClusterClientOptions.builder();
      options(config, options);
      client.setOptions(
          options.topologyRefreshOptions(refresh).validateClusterNodeMembership(false).build());
      StatefulRedisClusterConnection<byte[], byte[]> connection =
          client.connect(ByteArrayCodec.INSTANCE);
      // What is stored never changes under its name, so a replica's answer is as good.
      connection.setReadFrom(ReadFrom.UPSTREAM_PREFERRED);
      connected = true;
      return new RemoteConnection(
          connection.async(),
          () -> primaries(client, connection),
          () -> {
            connection.close();
            client.shutdown(Duration.ZERO, config.timeout());
          });
    } finally {
      if (!connected) {
        client.shutdown(Duration.ZERO, config.timeout());
      }
    }
  }

  private static List<RedisClusterAsyncCommands<byte[], byte[]>> primaries(
      RedisClusterClient client, StatefulRedisClusterConnection<byte[], byte[]> connection) {
    client.refreshPartitions();
    List<RedisClusterAsyncCommands<byte[], byte[]>> primaries = new ArrayList<>();
    for (RedisClusterNode node : connection.getPartitions()) {
      if (node.getRole().isUpstream() && !node.getSlots().isEmpty()) {
        primaries.add(connection.getConnection(node.getNodeId()).async());
      }
    }
    return primaries;
  }

  private static void shutDown(RedisClient client) {
    client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
  }

  private static ClientOptions.Builder options(RemoteConfig config, ClientOptions.Builder options) {
    options
        .autoReconnect(true)
        .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
        .requestQueueSize(MOST_WAITING)
        .socketOptions(
            SocketOptions.builder().connectTimeout(config.timeout()).keepAlive(true).build())
        .timeoutOptions(TimeoutOptions.enabled(config.timeout()));
    config
        .trusted()
        .ifPresent(file ->
            options.sslOptions(
                SslOptions.builder().jdkSslProvider().trustManager(file.toFile()).build()));
    return options;
  }

  private static RedisURI uri(RemoteConfig config) {
    return uri(config, config.nodes().getFirst());
  }

  private static RedisURI uri(RemoteConfig config, RemoteAddress node) {
    return withLogin(config, RedisURI.builder().withHost(node.host()).withPort(node.port()));
  }

  private static RedisURI sentinels(RemoteConfig config, String master) {
    RedisURI.Builder builder = RedisURI.builder();
    for (RemoteAddress node : config.nodes()) {
      builder.withSentinel(node.host(), node.port());
    }
    return withLogin(config, builder.withSentinelMasterId(master));
  }

  private static RedisURI withLogin(RemoteConfig config, RedisURI.Builder builder) {
    RedisURI.Builder whole = builder.withSsl(config.tls()).withTimeout(config.timeout());
    config
        .password()
        .ifPresent(password -> {
          if (config.user().isPresent()) {
            whole.withAuthentication(config.user().get(), password.toCharArray());
          } else {
            whole.withPassword(password.toCharArray());
          }
        });
    return whole.build();
  }

  @Override
  public void close() {
    end.run();
  }
}
