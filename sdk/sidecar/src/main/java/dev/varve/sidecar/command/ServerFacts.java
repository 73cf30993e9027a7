package dev.varve.sidecar.command;

import java.util.List;

/**
 * What does not change while the server runs.
 *
 * @param version of Varve
 * @param runId differs from that of every other run; 40 hexadecimal digits
 * @param processId of the operating system
 * @param startedMillis since 1970
 * @param transport how bytes come and go, and why so
 * @param cluster whether it says of itself that it is a cluster of one
 * @param settings names and values of {@code CONFIG GET}, none of them secret
 */
public record ServerFacts(
    String version,
    String runId,
    long processId,
    long startedMillis,
    String transport,
    boolean cluster,
    List<Setting> settings) {

  /** The version of Redis whose behaviour clients may expect. */
  public static final String REDIS_VERSION = "7.2.0";

  /** One setting. */
  public record Setting(String name, String value) {}

  public ServerFacts {
    settings = List.copyOf(settings);
  }
}
