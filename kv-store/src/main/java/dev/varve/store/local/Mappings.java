package dev.varve.store.local;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Maps files into memory. */
final class Mappings {

  private static final int READ = 1;
  private static final int WRITE = 2;
  private static final int SHARED = 1;

  private Mappings() {}

  /** The first bytes of a file, mapped until {@code arena} is closed. */
  @SuppressWarnings("restricted") // the length is what was mapped
  static MemorySegment map(int descriptor, long bytes, boolean writable, Arena arena)
      throws IOException {
    try (Arena confined = Arena.ofConfined()) {
      MemorySegment state = confined.allocate(Linux.STATE);
      long address =
          (long)
              Linux.MMAP.invokeExact(
                  state,
                  MemorySegment.NULL,
                  bytes,
                  writable ? READ | WRITE : READ,
                  SHARED,
                  descriptor,
                  0L);
      if (address == -1) {
        throw Linux.failure("cannot map " + bytes + " bytes of a memory file", state);
      }
      return MemorySegment.ofAddress(address).reinterpret(bytes, arena, Mappings::unmap);
    } catch (IOException e) {
      throw e;
    } catch (Throwable e) {
      throw Linux.broken(e);
    }
  }

  private static void unmap(MemorySegment mapped) {
    try (Arena confined = Arena.ofConfined()) {
      int _ =
          (int) Linux.MUNMAP.invokeExact(confined.allocate(Linux.STATE), mapped, mapped.byteSize());
    } catch (Throwable e) {
      throw Linux.broken(e);
    }
  }
}
