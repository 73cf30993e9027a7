package dev.varve.sidecar.command.server;

/** One part of {@code INFO}: a heading, and a name and a value a line. Immutable. */
record InfoSection(String text) {

  InfoSection {
    text = text.startsWith("# ") ? text : "# " + text + "\r\n";
  }

  InfoSection with(String name, String value) {
    return new InfoSection(text + name + ":" + value + "\r\n");
  }

  InfoSection with(String name, long value) {
    return with(name, Long.toString(value));
  }
}
