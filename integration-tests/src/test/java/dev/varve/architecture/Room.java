package dev.varve.architecture;

import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/** The modules of the house, their root packages, and the only directions between them. */
enum Room {
  KV_STORE("kv-store", "dev.varve.store"),
  COMPRESSION("compression", "dev.varve.compression", KV_STORE),
  EVICTION("eviction", "dev.varve.eviction", KV_STORE),
  RETRIEVAL_ATTENTION("retrieval-attention", "dev.varve.attention", KV_STORE, COMPRESSION),
  OFFLOAD("offload", "dev.varve.offload", KV_STORE, COMPRESSION),
  SDK_CORE(
      "sdk/core", "dev.varve.sdk", KV_STORE, COMPRESSION, EVICTION, RETRIEVAL_ATTENTION, OFFLOAD),
  SDK_ENGINE("sdk/engine", "dev.varve.engine", SDK_CORE, KV_STORE),
  SDK_LLAMACPP("sdk/llamacpp", "dev.varve.llamacpp", SDK_CORE, EVICTION, KV_STORE),
  SDK_CLIENT("sdk/client", "dev.varve.client", SDK_CORE, COMPRESSION, KV_STORE),
  SDK_SIDECAR("sdk/sidecar", "dev.varve.sidecar", SDK_CORE, OFFLOAD, COMPRESSION, KV_STORE),
  SDK_CLI(
      "sdk/cli",
      "dev.varve.cli",
      KV_STORE,
      COMPRESSION,
      EVICTION,
      RETRIEVAL_ATTENTION,
      OFFLOAD,
      SDK_CORE,
      SDK_ENGINE,
      SDK_LLAMACPP,
      SDK_CLIENT,
      SDK_SIDECAR);

  private final String folder;
  private final String rootPackage;

  @SuppressWarnings("ImmutableEnumChecker") // made by Set.of
  private final Set<Room> uses;

  Room(String folder, String rootPackage, Room... uses) {
    this.folder = folder;
    this.rootPackage = rootPackage;
    this.uses = Set.of(uses);
  }

  /** The module's folder below the root of the repository. */
  String folder() {
    return folder;
  }

  /** The package that holds all classes of the module. */
  String rootPackage() {
    return rootPackage;
  }

  boolean holds(String className) {
    return className.startsWith(rootPackage + ".");
  }

  boolean mayUse(Room other) {
    return this == other || uses.contains(other);
  }

  /** The room whose root package the class lies in. */
  static Optional<Room> of(String className) {
    return Arrays.stream(values()).filter(room -> room.holds(className)).findFirst();
  }
}
