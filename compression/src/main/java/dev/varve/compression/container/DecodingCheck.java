package dev.varve.compression.container;

import dev.varve.store.BlockChecksum;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.LongConsumer;

/**
 * Decodes every block of a container, and compares what comes back of exact ones with the CRC of
 * what they were made from: from the encoder's input to the decoder's output.
 */
public final class DecodingCheck {
  /** Blocks that depend on each other come one after the other. */
  private static final Comparator<BlockEntry> BY_CHUNK =
      Comparator.comparingInt((BlockEntry entry) -> entry.address().chunk())
          .thenComparingInt(entry -> entry.address().level())
          .thenComparingInt(entry -> entry.address().layer());

  private final ContainerFile file;
  private final ContainerDecoder decoder;

  /** A check of {@code file}, which must stay open. */
  public DecodingCheck(ContainerFile file, CodecSource codecs) {
    this.file = file;
    this.decoder = new ContainerDecoder(file, codecs);
  }

  /**
   * What came of it.
   *
   * @param compared blocks that were compared with what they were made from
   * @param faults one for each block that is not as it should be
   */
  public record Finding(int compared, List<ContainerFault> faults) {
    public Finding {
      faults = List.copyOf(faults);
    }
  }

  /**
   * Checks all blocks.
   *
   * @param progress receives the number of blocks done so far, again and again
   */
  public Finding run(LongConsumer progress) {
    List<ContainerFault> faults = new ArrayList<>();
    int compared = 0;
    int done = 0;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment room = arena.allocate(largest(), 64);
      for (BlockEntry entry : file.blocks().stream().sorted(BY_CHUNK).toList()) {
        MemorySegment block = room.asSlice(0, bytes(entry)).fill((byte) 0);
        if (decoder.decode(entry, block) instanceof ContainerReading.Refused(ContainerFault why)) {
          faults.add(why);
        } else if (entry.info().encoding().exact()) {
          OptionalInt crc = file.originalCrc(entry);
          int found = BlockChecksum.crc32c(block);
          compared += crc.isPresent() ? 1 : 0;
          if (crc.isPresent() && crc.getAsInt() != found) {
            faults.add(different(entry, crc.getAsInt(), found));
          }
        }
        progress.accept(++done);
      }
    }
    return new Finding(compared, faults);
  }

  private long largest() {
    return file.blocks().stream().mapToLong(this::bytes).max().orElse(0);
  }

  private long bytes(BlockEntry entry) {
    return file.header().geometry(entry.address().layer()).bytes();
  }

  private ContainerFault different(BlockEntry entry, int told, int found) {
    return new ContainerFault(
        FaultKind.CHECKSUM_MISMATCH,
        "%s: %s: CRC of the decoded block is 0x%08x, that of what it was made from 0x%08x"
            .formatted(file.path(), entry.address(), found, told));
  }
}
