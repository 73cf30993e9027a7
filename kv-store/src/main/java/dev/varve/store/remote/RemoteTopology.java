package dev.varve.store.remote;

/** How the servers of a remote store belong together. */
public sealed interface RemoteTopology {

  /** One server. */
  record Single() implements RemoteTopology {}

  /**
   * Sentinels that know the primary.
   *
   * @param master the name that they know it by
   */
  record Sentinel(String master) implements RemoteTopology {}

  /** A cluster; some of its nodes are known, they know the others. */
  record Cluster() implements RemoteTopology {}
}
