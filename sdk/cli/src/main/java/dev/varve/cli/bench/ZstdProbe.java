package dev.varve.cli.bench;

import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import java.util.Arrays;

/** zstd at level 1 on one array, with contexts and buffers that are made once. */
final class ZstdProbe implements AutoCloseable {
  private static final int LEVEL = 1;

  private final byte[] plain;
  private final byte[] compressed;
  private final byte[] back;
  private final ZstdCompressCtx compressor = new ZstdCompressCtx().setLevel(LEVEL);
  private final ZstdDecompressCtx decompressor = new ZstdDecompressCtx();
  private int size;

  ZstdProbe(byte[] plain) {
    this.plain = plain;
    this.compressed = new byte[plain.length + plain.length / 128 + 1024];
    this.back = new byte[plain.length];
    encode();
    decode();
    if (!Arrays.equals(plain, back)) {
      throw new IllegalStateException("zstd did not give back what it was given");
    }
  }

  void encode() {
    size = compressor.compressByteArray(compressed, 0, compressed.length, plain, 0, plain.length);
  }

  void decode() {
    decompressor.decompressByteArray(back, 0, back.length, compressed, 0, size);
  }

  int size() {
    return size;
  }

  @Override
  public void close() {
    compressor.close();
    decompressor.close();
  }
}
