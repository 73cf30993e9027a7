package dev.varve.compression.entropy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.store.cuda.CudaRans;
import dev.varve.store.cuda.KernelDevice;
import dev.varve.store.kernel.Backend;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A device decodes what the scalar coder wrote, and finds damage. */
abstract class CudaRansContract {
  private KernelDevice device;

  abstract KernelDevice open();

  @BeforeEach
  void openDevice() {
    device = open();
  }

  @AfterEach
  void close() {
    device.close();
  }

  @ParameterizedTest
  @CsvSource({"1,3,50", "8,2,100", "8,1,7", "32,2,64", "64,3,130", "64,1,640", "64,4,33"})
  void decodesWhatWasWritten(int states, int runs, int length) {
    long seed = 31L * states + length;
    SplittableRandom random = new SplittableRandom(seed);
    byte[] symbols = new byte[runs * length];
    RansTable[] tables = new RansTable[runs];
    for (int run = 0; run < runs; run++) {
      int[] counts = new int[Frequencies.SYMBOLS];
      Arrays.fill(counts, 0, 40, 1);
      for (int i = 0; i < length; i++) {
        int symbol = (int) Math.clamp(20 + 6 * random.nextGaussian(), 0, 39);
        symbols[run * length + i] = (byte) symbol;
        counts[symbol]++;
      }
      tables[run] = new RansTable(Frequencies.of(counts));
    }
    RansCoder coder = new RansCoder(Backend.SCALAR);
    int bytes = coder.encode(symbols, runs, length, states, run -> tables[run]);
    byte[] stream = new byte[bytes];
    coder.write(MemorySegment.ofArray(stream), 0);
    byte[] damaged = stream.clone();
    damaged[bytes - 1] ^= 0x55;

    byte[] data = new byte[2 * bytes];
    System.arraycopy(stream, 0, data, 0, bytes);
    System.arraycopy(damaged, 0, data, bytes, bytes);
    int[] slots = new int[runs * Frequencies.TOTAL];
    int[] tableOf = new int[2 * runs];
    for (int run = 0; run < runs; run++) {
      System.arraycopy(tables[run].bySlot(), 0, slots, run * Frequencies.TOTAL, Frequencies.TOTAL);
      tableOf[run] = run;
      tableOf[runs + run] = run;
    }
    long target = device.space(2L * symbols.length);
    long failed = device.space(8);
    CudaRans.Streams streams =
        new CudaRans.Streams(
            device.upload(data),
            device.upload(0L, bytes, 2L * bytes),
            device.upload(runs, runs),
            device.upload(length, length),
            device.upload(0, runs),
            device.upload(0L, symbols.length),
            device.upload(slots),
            device.upload(tableOf),
            2,
            states);
    new CudaRans(device.kernels()).decode(streams, target, failed, device.stream());
    assertThat(device.bytes(target, symbols.length)).as("seed %d", seed).isEqualTo(symbols);
    assertThat(device.integers(failed, 2)).as("seed %d", seed).containsExactly(0, 1);
  }
}
