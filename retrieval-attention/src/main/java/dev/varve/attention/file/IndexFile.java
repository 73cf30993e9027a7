package dev.varve.attention.file;

import dev.varve.attention.index.DamagedIndexException;
import dev.varve.store.Digest256;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * The indices of all layers of a prefix. The layout is that of {@code docs/formats/index.md}:
 *
 * <pre>
 *  magic 8 | version 4 | CRC32C of the rest of the header 4 | header bytes 4
 *  model 32 | prefix 32 | tokens 4 | layers 4 | KV heads 4 | key elements 4
 *  policy bytes 4 | policy | of each layer: bytes 8, CRC32C 4
 *  the layers
 * </pre>
 *
 * @param identity what it was built from
 * @param policy text of the policy
 * @param kvHeads KV heads of a layer
 * @param keyDim elements of a key
 * @param layers what each layer's index wrote
 */
@SuppressWarnings("ArrayRecordComponent") // lists of arrays, never compared
public record IndexFile(
    IndexIdentity identity, String policy, int kvHeads, int keyDim, List<byte[]> layers) {

  private static final long MAGIC = 0x5844494556524156L; // "VARVEIDX"
  private static final int VERSION = 1;
  private static final int CHECKED_FROM = 16;
  private static final int FIXED_BYTES = 104;
  private static final int LAYER_BYTES = Long.BYTES + Integer.BYTES;
  private static final int LONGEST_POLICY = 1 << 16;
  private static final int MOST_LAYERS = 1 << 16;

  public IndexFile {
    layers = List.copyOf(layers);
  }

  /** The bytes of the file. */
  public byte[] encode() {
    byte[] text = policy.getBytes(StandardCharsets.UTF_8);
    int header = FIXED_BYTES + text.length + layers.size() * LAYER_BYTES;
    long total = header;
    for (byte[] layer : layers) {
      total += layer.length;
    }
    ByteBuffer out = ByteBuffer.allocate(Math.toIntExact(total)).order(ByteOrder.LITTLE_ENDIAN);
    out.putLong(MAGIC).putInt(VERSION).putInt(0).putInt(header);
    out.put(identity.model().toBytes()).put(identity.prefix().toBytes());
    out.putInt(identity.tokens()).putInt(layers.size()).putInt(kvHeads).putInt(keyDim);
    out.putInt(text.length).put(text);
    for (byte[] layer : layers) {
      out.putLong(layer.length).putInt(checksum(layer, 0, layer.length));
    }
    layers.forEach(out::put);
    out.putInt(12, checksum(out.array(), CHECKED_FROM, header - CHECKED_FROM));
    return out.array();
  }

  /**
   * Reads a file.
   *
   * @throws DamagedIndexException if the bytes are none, or damaged; any bytes end in a value or in
   *     this
   */
  public static IndexFile decode(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (bytes.length < FIXED_BYTES || in.getLong() != MAGIC) {
      throw new DamagedIndexException("this is no index file, or it is cut off");
    }
    int version = in.getInt();
    if (version != VERSION) {
      throw new DamagedIndexException(
          "the index file has version " + version + ", readable is " + VERSION);
    }
    int crc = in.getInt();
    int header = in.getInt();
    if (header < FIXED_BYTES || header > bytes.length) {
      throw new DamagedIndexException(
          "the index file is cut off: its header has %d bytes, the file %d"
              .formatted(header, bytes.length));
    }
    if (crc != checksum(bytes, CHECKED_FROM, header - CHECKED_FROM)) {
      throw new DamagedIndexException("the index file is damaged: its header has another checksum");
    }
    return readChecked(bytes, in, header);
  }

  private static IndexFile readChecked(byte[] bytes, ByteBuffer in, int header) {
    MemorySegment all = MemorySegment.ofArray(bytes);
    Digest256 model = Digest256.read(all, in.position());
    Digest256 prefix = Digest256.read(all, in.position() + Digest256.BYTES);
    in.position(in.position() + 2 * Digest256.BYTES);
    int tokens = in.getInt();
    int layers = in.getInt();
    int kvHeads = in.getInt();
    int keyDim = in.getInt();
    int textBytes = in.getInt();
    if (tokens < 1
        || layers < 1
        || layers > MOST_LAYERS
        || kvHeads < 1
        || keyDim < 1
        || textBytes < 0
        || textBytes > LONGEST_POLICY
        || header != FIXED_BYTES + textBytes + layers * LAYER_BYTES) {
      throw new DamagedIndexException(
          "the index file is damaged: %d tokens, %d layers, %d KV heads of %d"
              .formatted(tokens, layers, kvHeads, keyDim));
    }
    byte[] text = new byte[textBytes];
    in.get(text);
    List<byte[]> payloads = new ArrayList<>();
    long at = header;
    for (int layer = 0; layer < layers; layer++) {
      long length = in.getLong();
      int crc = in.getInt();
      if (length < 0 || length > bytes.length - at) {
        throw new DamagedIndexException(
            "the index file is cut off: layer %d needs %d bytes, there are %d"
                .formatted(layer, length, bytes.length - at));
      }
      if (crc != checksum(bytes, (int) at, (int) length)) {
        throw new DamagedIndexException(
            "the index file is damaged: layer " + layer + " has another checksum");
      }
      byte[] payload = new byte[(int) length];
      System.arraycopy(bytes, (int) at, payload, 0, payload.length);
      payloads.add(payload);
      at += length;
    }
    if (at != bytes.length) {
      throw new DamagedIndexException(
          "the index file is damaged: %d bytes follow its end".formatted(bytes.length - at));
    }
    IndexIdentity identity = new IndexIdentity(model, prefix, tokens);
    return new IndexFile(
        identity, new String(text, StandardCharsets.UTF_8), kvHeads, keyDim, payloads);
  }

  private static int checksum(byte[] bytes, int from, int count) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, from, count);
    return (int) crc.getValue();
  }
}
