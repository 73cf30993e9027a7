package dev.varve.cli.bench;

import java.util.List;

/** zstd at level 1 on each of several arrays alone, so that each can be read alone. */
final class ZstdSections implements AutoCloseable {
  private final List<ZstdProbe> sections;

  ZstdSections(List<byte[]> sections) {
    this.sections = sections.stream().map(ZstdProbe::new).toList();
  }

  void encode() {
    sections.forEach(ZstdProbe::encode);
  }

  void decode() {
    sections.forEach(ZstdProbe::decode);
  }

  /** Bytes of all. */
  long size() {
    return sections.stream().mapToLong(ZstdProbe::size).sum();
  }

  @Override
  public void close() {
    sections.forEach(ZstdProbe::close);
  }
}
