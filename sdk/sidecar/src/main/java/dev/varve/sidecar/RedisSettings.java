package dev.varve.sidecar;

import dev.varve.sidecar.command.ServerFacts.Setting;
import java.util.List;

/** The settings that clients and tools of Redis ask for, with what they mean here. */
final class RedisSettings {

  private RedisSettings() {}

  static List<Setting> of(SidecarConfig config) {
    return List.of(
        new Setting("appendonly", "no"),
        new Setting("databases", "1"),
        new Setting("maxclients", Integer.toString(config.maxClients())),
        new Setting("maxmemory", Long.toString(config.memoryBytes())),
        new Setting("maxmemory-policy", "allkeys-lru"),
        new Setting("port", Integer.toString(config.address().getPort())),
        new Setting("proto-max-bulk-len", Long.toString(config.maxValueBytes())),
        new Setting("save", ""),
        new Setting("timeout", "0"));
  }
}
