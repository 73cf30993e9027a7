package dev.varve.store.remote;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Three primaries with a replica each. */
final class RedisCluster implements AutoCloseable {

  private static final int NODES = 6;
  private static final int PATIENCE = 600;

  private final List<RedisProcess> nodes = new ArrayList<>();

  private RedisCluster() {}

  static RedisCluster start(Path folder) throws IOException, InterruptedException {
    RedisCluster cluster = new RedisCluster();
    boolean ready = false;
    try {
      for (int i = 0; i < NODES; i++) {
        Path place = Files.createDirectories(folder.resolve("node" + i));
        cluster.nodes.add(cluster.node(place));
      }
      cluster.join();
      ready = true;
      return cluster;
    } finally {
      if (!ready) {
        cluster.close();
      }
    }
  }

  private RedisProcess node(Path folder) throws IOException, InterruptedException {
    // The default bus port is 10,000 above, which may be no port or somebody else's.
    return RedisProcess.start(
        folder,
        "--cluster-enabled",
        "yes",
        "--cluster-port",
        Integer.toString(RedisProcess.freePort()),
        "--cluster-node-timeout",
        "2000",
        "--cluster-require-full-coverage",
        "no",
        "--repl-diskless-sync-delay",
        "0");
  }

  private void join() throws IOException, InterruptedException {
    List<String> line = new ArrayList<>(List.of("--cluster", "create"));
    nodes.forEach(node -> line.add("127.0.0.1:" + node.port()));
    line.addAll(List.of("--cluster-replicas", "1", "--cluster-yes"));
    String said = nodes.getFirst().cli(line.toArray(String[]::new));
    for (int i = 0; i < PATIENCE; i++) {
      boolean linked = true;
      for (RedisProcess node : nodes) {
        String info = node.cli("cluster", "info");
        String replication = node.cli("info", "replication");
        linked &=
            info.contains("cluster_state:ok")
                && info.contains("cluster_known_nodes:6")
                && (replication.contains("role:master")
                    ? replication.contains("state=online")
                    : replication.contains("master_link_status:up"));
      }
      if (linked) {
        return;
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }
    throw new IOException("the cluster does not come together: " + said);
  }

  String address() {
    return "redis-cluster://"
        + nodes.stream().map(node -> "127.0.0.1:" + node.port()).collect(Collectors.joining(","));
  }

  /** Returns once every replica has all that its primary has. */
  void awaitReplicas() throws IOException, InterruptedException {
    for (RedisProcess node : nodes) {
      for (int i = 0; ; i++) {
        String replication = node.cli("info", "replication");
        if (!replication.contains("role:master") || caughtUp(replication)) {
          break;
        }
        if (i == PATIENCE) {
          throw new IOException("a replica stays behind: " + replication);
        }
        TimeUnit.MILLISECONDS.sleep(100);
      }
    }
  }

  private static boolean caughtUp(String replication) {
    String offset = "";
    String behind = "none";
    for (String line : replication.lines().toList()) {
      if (line.startsWith("master_repl_offset:")) {
        offset = line.substring("master_repl_offset:".length());
      } else if (line.startsWith("slave0:")) {
        behind = line.replaceAll(".*offset=(\\d+).*", "$1");
      }
    }
    return offset.equals(behind);
  }

  /** A primary with a replica. */
  RedisProcess primary() throws IOException, InterruptedException {
    for (RedisProcess node : nodes) {
      if (node.cli("info", "replication").contains("connected_slaves:1")) {
        return node;
      }
    }
    throw new IOException("no primary has a replica");
  }

  @Override
  public void close() {
    nodes.forEach(RedisProcess::close);
  }
}
