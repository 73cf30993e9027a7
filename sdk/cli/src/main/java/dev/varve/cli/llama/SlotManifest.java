package dev.varve.cli.llama;

import java.util.List;

/**
 * What a packed slot file consists of.
 *
 * @param version of this record
 * @param name of the file
 * @param size bytes of the file
 * @param digest SHA-256 of the file
 * @param cells tokens
 * @param sections keys of all layers, then values of all layers
 * @param chunks names of the chunks, {@value SlotChunks#TOKENS} tokens of all sections each
 * @param frame all bytes that are in no section, in order
 */
@SuppressWarnings("ArrayRecordComponent") // written and read, never compared
record SlotManifest(
    int version,
    String name,
    long size,
    String digest,
    int cells,
    List<SlotSection> sections,
    List<String> chunks,
    byte[] frame) {

  static final int VERSION = 1;

  SlotManifest {
    sections = List.copyOf(sections);
    chunks = List.copyOf(chunks);
  }
}
