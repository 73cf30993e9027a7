package dev.varve.sidecar.command.server;

/** The slot of a key in a Redis cluster: CRC-16/XMODEM of the key, or of what stands in braces. */
final class HashSlot {

  /** Number of slots. */
  static final int COUNT = 1 << 14;

  private static final int POLYNOMIAL = 0x1021;

  private HashSlot() {}

  static int of(byte[] key) {
    int open = indexOf(key, '{', 0);
    int close = open < 0 ? -1 : indexOf(key, '}', open);
    boolean tagged = close > open + 1;
    return crc(key, tagged ? open + 1 : 0, tagged ? close : key.length) % COUNT;
  }

  private static int crc(byte[] key, int from, int to) {
    int crc = 0;
    for (int at = from; at < to; at++) {
      crc ^= (key[at] & 0xff) << 8;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 0x8000) == 0 ? crc << 1 : crc << 1 ^ POLYNOMIAL;
      }
    }
    return crc & 0xffff;
  }

  private static int indexOf(byte[] key, char wanted, int from) {
    for (int at = from; at < key.length; at++) {
      if (key[at] == wanted) {
        return at;
      }
    }
    return -1;
  }
}
