package dev.varve.compression.container;

/**
 * The fixed numbers at the front of a file.
 *
 * @param flags lower half: a reader must know each that is set; upper half: it need not
 * @param dtype stored number of the element type
 * @param alignmentLog logarithm of the alignment of records
 * @param metadataBytes length of the metadata that follow
 */
record FileHeader(
    int major,
    int minor,
    long flags,
    long createdMillis,
    long tokens,
    int chunkTokens,
    int layers,
    int dtype,
    int alignmentLog,
    long metadataBytes,
    int metadataCrc) {}
