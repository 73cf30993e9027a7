package dev.varve.cli.bench;

import dev.varve.cli.bench.CapturedKv.Section;
import dev.varve.compression.entropy.ShapeChoice;
import dev.varve.compression.entropy.SymbolCounts;
import dev.varve.compression.entropy.SymbolWriter;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.Bfloat16;
import dev.varve.store.kernel.DtypeLayouts;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.OptionalDouble;

/**
 * What tables by layer and channel save on symbols of quantized keys or values: the symbols are
 * those of CacheGen's settings, 31 of them around zero with one scale a token, written section by
 * section as a bitstream writes its own, beside the entropy of all of them under one table.
 */
final class ChannelTables {
  private static final int MOST = 15;
  private static final int LEVELS = 2 * MOST + 1;
  private static final OptionalDouble GOAL = OptionalDouble.of(0.90);

  private ChannelTables() {}

  /** Bytes of the symbols of {@code kv}, tables and choices of tables included. */
  static SizeFinding quantized(String name, CapturedKv kv, Backend backend) {
    SymbolWriter writer = new SymbolWriter(backend);
    ShapeChoice choice = new ShapeChoice(backend);
    int[] all = new int[1 << Byte.SIZE];
    long symbols = 0;
    long ours = 0;
    for (Section section : kv.sections()) {
      byte[] byChannel = symbols(section);
      int count = byChannel.length;
      int[] counts = SymbolCounts.of(byChannel, 0, count);
      Arrays.setAll(all, symbol -> all[symbol] + counts[symbol]);
      MemorySegment target = MemorySegment.ofArray(new byte[(int) SymbolWriter.maxBytes(count)]);
      int channels = section.heads() * section.dim();
      choice.choose(byToken(byChannel, channels), count / channels, channels, LEVELS);
      int shapes = writer.writeShapes(byChannel, choice, target);
      ours += Math.min(shapes, writer.write(byChannel, count, channels, target));
      symbols += count;
    }
    return new SizeFinding(
        name + " in 31 levels, tables by channel as stored",
        "one table for all",
        symbols,
        ours,
        SymbolCounts.entropyBits(all) / Byte.SIZE,
        GOAL);
  }

  /** {@code [heads][dim][tokens]} symbols. */
  private static byte[] symbols(Section section) {
    byte[] symbols = new byte[section.heads() * section.dim() * section.tokens()];
    for (int token = 0; token < section.tokens(); token++) {
      float peak = 0;
      for (int channel = 0; channel < section.heads() * section.dim(); channel++) {
        peak = Math.max(peak, Math.abs(value(section, token, channel)));
      }
      for (int channel = 0; channel < section.heads() * section.dim(); channel++) {
        int level = peak == 0 ? 0 : Math.round(value(section, token, channel) * MOST / peak);
        symbols[channel * section.tokens() + token] = (byte) (level + MOST);
      }
    }
    return symbols;
  }

  private static byte[] byToken(byte[] byChannel, int channels) {
    int tokens = byChannel.length / channels;
    byte[] symbols = new byte[ShapeChoice.room(byChannel.length)];
    for (int i = 0; i < byChannel.length; i++) {
      symbols[i % tokens * channels + i / tokens] = byChannel[i];
    }
    return symbols;
  }

  private static float value(Section section, int token, int channel) {
    int head = channel / section.dim();
    long at = (head * (long) section.tokens() + token) * section.dim() + channel % section.dim();
    return Bfloat16.toFloat(section.bytes().get(DtypeLayouts.SHORT, Short.BYTES * at));
  }
}
