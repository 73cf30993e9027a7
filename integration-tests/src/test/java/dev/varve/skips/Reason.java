package dev.varve.skips;

import java.util.Arrays;
import java.util.Optional;

/** The only tags that may keep a test from running, each with its reason. */
enum Reason {
  GPU("gpu", "needs an NVIDIA GPU and its driver"),
  SLOW("slow", "takes minutes; .ci/run runs it after the rest"),
  DOCKER("docker", "starts containers, so it needs a Docker daemon"),
  SERVER("server", "needs an installed server; it runs wherever the server is installed"),
  TOOL("tool", "needs a program, a library or a kind of machine; it runs wherever that is");

  private final String tag;
  private final String text;

  Reason(String tag, String text) {
    this.tag = tag;
    this.text = text;
  }

  String tag() {
    return tag;
  }

  String text() {
    return text;
  }

  static Optional<Reason> of(String tag) {
    return Arrays.stream(values()).filter(reason -> reason.tag.equals(tag)).findFirst();
  }
}
