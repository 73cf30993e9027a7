package dev.varve.offload.tenancy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.store.BlockChecksum;
import dev.varve.store.ChainKey;
import dev.varve.store.ChunkKey;
import dev.varve.store.Digest256;
import dev.varve.store.StoreException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalFileTest {

  private static final ChunkKey KEY =
      Keys.key(Keys.RED, new ChainKey(new Digest256(11, -12, 13, 14)));
  private static final List<JournalRecord> EVERY_KIND =
      List.of(
          new JournalRecord.Expires(KEY, 1_700_000_000_000L, true),
          new JournalRecord.Expires(KEY, Expiries.NEVER, false),
          new JournalRecord.Pinned(
              new PinRecord(
                  7, Keys.BLUE, Keys.MODEL, 64, 4096, 99, List.of(KEY.chain(), KEY.chain()))),
          new JournalRecord.Pinned(
              new PinRecord(8, Keys.BLUE, Keys.MODEL, 0, 1, Expiries.NEVER, List.of())),
          new JournalRecord.Unpinned(7),
          new JournalRecord.Erasing(new EraseScope.OfTenant(Keys.RED)),
          new JournalRecord.Erasing(new EraseScope.OfModel(Keys.MODEL)),
          new JournalRecord.Erasing(new EraseScope.OfPrefix(KEY, 96)),
          new JournalRecord.Erased(),
          new JournalRecord.Doomed(KEY),
          new JournalRecord.Gone(KEY));

  @TempDir Path store;

  @Test
  void givesBackEveryKindOfRecordInOrder() {
    append(EVERY_KIND.subList(0, 6));
    append(EVERY_KIND.subList(6, EVERY_KIND.size()));
    assertThat(read(0)).isEqualTo(EVERY_KIND);
    try (JournalFile journal = JournalFile.open(store, _ -> {})) {
      assertThat(journal.bloated()).isFalse();
      journal.rewrite(EVERY_KIND.subList(3, 5).stream());
      journal.append(EVERY_KIND.subList(5, 6));
      journal.force();
    }
    assertThat(read(0)).isEqualTo(EVERY_KIND.subList(3, 6));
  }

  @Test
  void aRecordCutOffAtTheEndIsWhatADyingProcessLeaves() throws IOException {
    append(EVERY_KIND);
    byte[] whole = Files.readAllBytes(file());
    for (int length = JournalFile.HEADER_LENGTH; length < whole.length; length += 7) {
      Files.write(file(), Arrays.copyOf(whole, length));
      List<JournalRecord> found = read(0);
      assertThat(found).as("%d bytes", length).isEqualTo(EVERY_KIND.subList(0, found.size()));
      append(EVERY_KIND.subList(0, 1));
      assertThat(read(0)).as("%d bytes", length).hasSize(found.size() + 1);
    }
  }

  @Test
  void aFlippedByteCostsOneRecordAndIsCountedAndTheFileIsKept() throws IOException {
    append(EVERY_KIND);
    byte[] whole = Files.readAllBytes(file());
    long seed = new SplittableRandom().nextLong();
    SplittableRandom random = new SplittableRandom(seed);
    for (int at = 0; at < whole.length; at += 1 + random.nextInt(9)) {
      byte[] damaged = whole.clone();
      damaged[at] ^= (byte) (1 << random.nextInt(8));
      Files.write(file(), damaged);
      List<JournalRecord> found = new ArrayList<>();
      try (JournalFile journal = JournalFile.open(store, found::add)) {
        int lost = EVERY_KIND.size() - found.size();
        assertThat(lost).as("byte %d, seed %d", at, seed).isBetween(0, 1);
        assertThat(EVERY_KIND).as("byte %d, seed %d", at, seed).containsAll(found);
        if (at < whole.length - JournalRecordDescriptor.FRAME_LENGTH - 100) {
          assertThat(journal.damaged()).as("byte %d, seed %d", at, seed).isPositive();
          assertThat(journal.bloated()).isTrue();
          assertThat(file().resolveSibling("journal.damaged")).hasBinaryContent(damaged);
        }
        journal.rewrite(found.stream());
      }
      assertThat(read(0)).isEqualTo(found);
    }
  }

  @Test
  void bytesOfAnybodyAreNoRecords() throws IOException {
    append(List.of());
    byte[] header = Files.readAllBytes(file());
    long seed = new SplittableRandom().nextLong();
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 200; round++) {
      byte[] bytes = Arrays.copyOf(header, header.length + random.nextInt(300));
      for (int at = header.length; at < bytes.length; at++) {
        bytes[at] = (byte) random.nextInt();
      }
      if (bytes.length > header.length + 16) {
        ByteBuffer forged = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        forged.putInt(header.length, JournalRecordDescriptor.MAGIC);
        forged.putShort(header.length + 4, (short) random.nextInt(9));
        int body = random.nextInt(bytes.length - header.length - 15);
        forged.putInt(header.length + 8, body);
        MemorySegment framed = MemorySegment.ofArray(bytes).asSlice(header.length, 12 + body);
        forged.putInt(header.length + 12 + body, BlockChecksum.crc32c(framed));
      }
      Files.write(file(), bytes);
      List<JournalRecord> found = new ArrayList<>();
      JournalFile.open(store, found::add).close();
      assertThat(found).as("seed %d, round %d", seed, round).hasSizeLessThanOrEqualTo(1);
    }
  }

  @Test
  void anotherVersionIsRefusedAndLeftAsItIs() throws IOException {
    append(EVERY_KIND);
    byte[] bytes = Files.readAllBytes(file());
    ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    header.putShort(4, (short) 2);
    header.putInt(12, BlockChecksum.crc32c(MemorySegment.ofArray(bytes).asSlice(0, 12)));
    Files.write(file(), bytes);
    assertThatThrownBy(() -> JournalFile.open(store, _ -> {}))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("has version 2, this program reads version 1");
    assertThat(file()).hasBinaryContent(bytes);
  }

  @Test
  void growsOldWhenItSaysMostThingsTwice() {
    try (JournalFile journal = JournalFile.open(store, _ -> {})) {
      List<JournalRecord> many =
          Collections.nCopies(5000, new JournalRecord.Expires(KEY, 5, false));
      journal.append(many);
      assertThat(journal.bloated()).isFalse();
      journal.append(many);
      assertThat(journal.bloated()).isTrue();
      journal.rewrite(many.stream().limit(1));
      assertThat(journal.bloated()).isFalse();
    }
    assertThat(read(0)).hasSize(1);
  }

  private void append(List<JournalRecord> records) {
    try (JournalFile journal = JournalFile.open(store, _ -> {})) {
      journal.append(records);
      journal.force();
    }
  }

  private List<JournalRecord> read(int damaged) {
    List<JournalRecord> found = new ArrayList<>();
    try (JournalFile journal = JournalFile.open(store, found::add)) {
      assertThat(journal.damaged()).isEqualTo(damaged);
    }
    return found;
  }

  private Path file() {
    return store.resolve("retention").resolve("journal");
  }
}
