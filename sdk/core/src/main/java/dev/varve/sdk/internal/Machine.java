package dev.varve.sdk.internal;

import com.sun.management.OperatingSystemMXBean;
import dev.varve.sdk.CacheConfig;
import dev.varve.sdk.SsdConfig;
import dev.varve.store.StoreException;
import dev.varve.store.host.HostTierConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/**
 * What the tiers of a configuration have to fit into. Memory that is promised but not there ends
 * the process at some later write, without a word, so a configuration is checked before a tier
 * opens.
 *
 * @param memoryBytes memory of the machine or of the container around the process
 * @param freeDiskBytes bytes that this process may still write to the disk of a folder
 */
record Machine(long memoryBytes, ToLongFunction<Path> freeDiskBytes) {

  /** The machine that this process runs on. */
  static Machine here() {
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    return new Machine(system.getTotalMemorySize(), Machine::usableSpace);
  }

  /**
   * Refuses a configuration whose tiers do not fit.
   *
   * @param hot bytes of this machine's memory that its hot tier takes
   * @throws StoreException names the tier, its size and what the machine has
   */
  void check(CacheConfig config, long hot) {
    checkMemory(config, hot);
    config.ssd().ifPresent(this::checkDisk);
  }

  private void checkMemory(CacheConfig config, long hot) {
    long host = config.hostBytes().isPresent() ? hostMemory(config) : 0;
    if (hot > memoryBytes || host > memoryBytes - hot) {
      throw new StoreException(
          "a hot tier of "
              + hot
              + " bytes and a host tier that takes up to "
              + host
              + " bytes do not fit into the machine's memory of "
              + memoryBytes
              + " bytes: make them smaller");
    }
  }

  private static long hostMemory(CacheConfig config) {
    long payload = config.geometry().largestBlock();
    return new HostTierConfig(config.hostBytes().getAsLong(), Math.toIntExact(payload))
        .memoryBytes();
  }

  private void checkDisk(SsdConfig ssd) {
    try {
      long held = heldBytes(ssd.folder());
      long free = freeDiskBytes.applyAsLong(existing(ssd.folder()));
      if (ssd.capacityBytes() - held > free) {
        throw new StoreException(
            "an SSD tier of "
                + ssd.capacityBytes()
                + " bytes does not fit: "
                + ssd.folder()
                + " holds "
                + held
                + " bytes and its disk has "
                + free
                + " bytes left: make the tier smaller or free the disk");
      }
    } catch (IOException | UncheckedIOException e) {
      throw new StoreException("cannot tell what fits into " + ssd.folder() + ": " + e, e);
    }
  }

  private static Path existing(Path folder) {
    Path at = folder.toAbsolutePath();
    while (!Files.isDirectory(at) && at.getParent() != null) {
      at = at.getParent();
    }
    return at;
  }

  private static long heldBytes(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return 0;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      return files.map(Path::toFile).mapToLong(file -> file.isFile() ? file.length() : 0).sum();
    }
  }

  private static long usableSpace(Path folder) {
    try {
      return Files.getFileStore(folder).getUsableSpace();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
