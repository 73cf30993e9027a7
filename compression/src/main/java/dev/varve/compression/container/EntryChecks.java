package dev.varve.compression.container;

import static dev.varve.compression.container.FaultException.corrupt;

import dev.varve.store.Digest256;
import dev.varve.store.Encoding;

/** Whether records fit the header of their file. */
final class EntryChecks {
  private EntryChecks() {}

  static void check(RecordEntry entry, ContainerHeader header) throws FaultException {
    if (entry.bytes() < 0 || entry.bytes() > RecordDescriptor.MAX_PAYLOAD) {
      throw corrupt(
          "a payload of %d bytes, the limit is %d"
              .formatted(entry.bytes(), RecordDescriptor.MAX_PAYLOAD));
    }
    switch (entry.key().kind()) {
      case BLOCK -> block(entry, header);
      case TABLE_SET -> tables(entry);
      case ATTACHMENT -> piece(entry);
    }
  }

  private static void block(RecordEntry entry, ContainerHeader header) throws FaultException {
    RecordKey key = entry.key();
    if (key.group() >= header.shape().layerCount() || !header.shape().owns(key.group())) {
      throw corrupt(
          ("layer %d stores no blocks: there are %d layers, and those that share another's store"
                  + " none")
              .formatted(key.group(), header.shape().layerCount()));
    }
    if (key.part() >= header.chunks()) {
      throw corrupt(
          "%d tokens make %d chunks of %d, there is no chunk %d"
              .formatted(header.tokens(), header.chunks(), header.chunkTokens(), key.part()));
    }
    if (key.level() >= header.plan().levels().size()) {
      throw corrupt(
          "there are %d levels, not %d".formatted(header.plan().levels().size(), key.level() + 1));
    }
    if (entry.held() != header.tokensOf(key.part())) {
      throw corrupt(
          "chunk %d holds %d tokens, not %d"
              .formatted(key.part(), header.tokensOf(key.part()), entry.held()));
    }
    if (entry.dependsOn() != RecordEntry.INDEPENDENT
        && (entry.dependsOn() >= key.group() || !header.shape().owns(entry.dependsOn()))) {
      throw corrupt(
          "a block of layer %d cannot depend on layer %d: it must be an earlier one with blocks"
              .formatted(key.group(), entry.dependsOn()));
    }
    long raw = header.geometry(key.group()).bytes();
    if (entry.encoding().equals(Encoding.RAW) && entry.bytes() != raw) {
      throw corrupt("a raw block has %d bytes, not %d".formatted(raw, entry.bytes()));
    }
  }

  private static void tables(RecordEntry entry) throws FaultException {
    RecordKey key = entry.key();
    if (key.group() != 0
        || key.level() != 0
        || key.part() == 0
        || entry.bytes() < Digest256.BYTES) {
      throw corrupt(
          "%s cannot be: %d bytes in group %d".formatted(key, entry.bytes(), key.group()));
    }
  }

  private static void piece(RecordEntry entry) throws FaultException {
    boolean description = entry.key().part() == 0;
    int most = description ? 0 : AttachmentDescriptor.PIECE_BYTES;
    boolean raw = entry.encoding().equals(Encoding.RAW);
    boolean fits = raw ? entry.bytes() == entry.held() : entry.bytes() < entry.held();
    boolean sound =
        description
            ? entry.held() == 0 && entry.bytes() <= AttachmentDescriptor.MAX_BYTES
            : entry.held() > 0 && entry.held() <= most && fits;
    if (entry.key().level() != 0 || !sound) {
      throw corrupt(
          "%s cannot be: %d bytes for %d, at most %d"
              .formatted(entry.key(), entry.bytes(), entry.held(), most));
    }
  }
}
