package dev.varve.store.cuda;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A driver whose device is host memory. Work waits in its stream until somebody waits for it, as
 * late as a device may be, so that memory that is used again too early shows. Copies outside what
 * was allocated are an illegal address, which loses the device, as they are on a real one. Kernels
 * run if {@link EmulatedKernels} were given.
 */
public final class FakeDriver implements CudaDriver {

  private static final class FakeStream implements Stream {
    private final Deque<Runnable> work = new ArrayDeque<>();

    private void runUntil(Event event) {
      while (!((FakeEvent) event).done) {
        work.removeFirst().run();
      }
    }

    private void runAll() {
      while (!work.isEmpty()) {
        work.removeFirst().run();
      }
    }
  }

  private static final class FakeEvent implements Event {
    private boolean done = true;
    private @Nullable FakeStream on;
  }

  private record FakeModule(String name) implements Module {}

  private record FakeFunction(String name) implements Function {}

  /** One allocation: where it begins in {@link #memory} is its key. */
  private record Allocation(Arena arena, long bytes, boolean pinned) {}

  private final DeviceInfo info;
  private final @Nullable EmulatedKernels kernels;
  private final TreeMap<Long, Allocation> memory = new TreeMap<>();
  private final TreeMap<Long, Long> registered = new TreeMap<>();
  private long free;
  private long pinnable = Long.MAX_VALUE;
  private int handles;
  private int lost;
  private int launches;
  private long bytesDown;
  private final Map<String, List<String>> signatures = new HashMap<>();

  /** A device with so much memory and no kernels. */
  public FakeDriver(long memoryBytes) {
    this(memoryBytes, null);
  }

  /** A device that runs {@code kernels}. */
  public FakeDriver(long memoryBytes, @Nullable EmulatedKernels kernels) {
    this.info = new DeviceInfo("Host memory in a device's place", 9, 0, 1, memoryBytes, 12_000);
    this.kernels = kernels;
    this.free = memoryBytes;
  }

  /** A device that runs our kernels; skips the test where g++ is missing. */
  public static FakeDriver emulated(long memoryBytes) {
    Optional<String> missing = EmulatedLibrary.missing();
    assumeTrue(missing.isEmpty(), () -> "the kernels cannot be compiled: " + missing.orElse(""));
    return new FakeDriver(memoryBytes, EmulatedLibrary.get());
  }

  /** From here on so much memory can be pinned, and no more. */
  public synchronized void pinAtMost(long bytes) {
    pinnable = bytes;
  }

  /** From here on every call fails with {@code code}. */
  public synchronized void lose(int code) {
    lost = code;
  }

  /** Allocations, streams and events that were not given back. */
  public synchronized int left() {
    return memory.size() + registered.size() + handles;
  }

  /** Bytes that were copied to the host. */
  public synchronized long bytesDown() {
    return bytesDown;
  }

  /** Kernels that were started. */
  public synchronized int launches() {
    return launches;
  }

  /** The types of the arguments that each kernel was given, as PTX names them. */
  public synchronized Map<String, List<String>> signatures() {
    return Map.copyOf(signatures);
  }

  private void check(String what) {
    CudaError.check(lost, what);
  }

  @Override
  public DeviceInfo info() {
    return info;
  }

  @Override
  public synchronized long freeMemory() {
    check("asking for free memory");
    return free;
  }

  @Override
  public synchronized long allocate(long bytes) {
    check("taking memory");
    if (bytes > free) {
      throw new CudaException(CudaError.OUT_OF_MEMORY, "taking " + bytes + " bytes of GPU memory");
    }
    free -= bytes;
    return take(bytes, false);
  }

  private long take(long bytes, boolean pinned) {
    Arena arena = Arena.ofShared();
    MemorySegment segment = arena.allocate(bytes, 4096);
    segment.fill((byte) 0xa5);
    memory.put(segment.address(), new Allocation(arena, bytes, pinned));
    return segment.address();
  }

  @Override
  public synchronized void free(long address) {
    check("giving memory back");
    free += giveBack(address, false);
  }

  private long giveBack(long address, boolean pinned) {
    Allocation allocation = memory.get(address);
    if (allocation == null || allocation.pinned() != pinned) {
      throw new CudaException(1, "giving back what was not taken");
    }
    memory.remove(address);
    allocation.arena().close();
    return allocation.bytes();
  }

  @Override
  public synchronized long allocatePinned(long bytes) {
    check("pinning memory");
    if (bytes > pinnable) {
      throw new CudaException(CudaError.OUT_OF_MEMORY, "taking " + bytes + " bytes pinned");
    }
    return take(bytes, true);
  }

  @Override
  public synchronized void freePinned(long address) {
    check("giving pinned memory back");
    giveBack(address, true);
  }

  @Override
  public synchronized void register(long address, long bytes) {
    check("registering memory");
    if (bytes > pinnable) {
      throw new CudaException(CudaError.OUT_OF_MEMORY, "pinning " + bytes + " bytes");
    }
    registered.put(address, bytes);
  }

  @Override
  public synchronized void unregister(long address) {
    check("unregistering memory");
    if (registered.remove(address) == null) {
      throw new CudaException(713, "unpinning memory");
    }
  }

  @Override
  public void copyToDevice(long device, long host, long bytes, Stream stream) {
    enqueue(stream, "copying up", () -> copy(device, host, bytes, device));
  }

  @Override
  public synchronized void copyToHost(long host, long device, long bytes, Stream stream) {
    bytesDown += bytes;
    enqueue(stream, "copying down", () -> copy(host, device, bytes, device));
  }

  @Override
  public void copyOnDevice(long to, long from, long bytes, Stream stream) {
    enqueue(
        stream,
        "copying on the device",
        () -> {
          inside(from, bytes);
          copy(to, from, bytes, to);
        });
  }

  @Override
  public void fill(long device, byte value, long bytes, Stream stream) {
    enqueue(
        stream,
        "filling",
        () -> {
          inside(device, bytes);
          HostMemory.at(device, bytes).fill(value);
        });
  }

  private void copy(long to, long from, long bytes, long device) {
    inside(device, bytes);
    MemorySegment.copy(HostMemory.at(from, bytes), 0, HostMemory.at(to, bytes), 0, bytes);
  }

  /** What a real device finds out at the access, and does not survive. */
  private void inside(long address, long bytes) {
    Map.Entry<Long, Allocation> below = memory.floorEntry(address);
    boolean inside =
        below != null
            && !below.getValue().pinned()
            && address + bytes <= below.getKey() + below.getValue().bytes();
    if (!inside) {
      lost = 700;
      check("a copy");
    }
  }

  private synchronized void enqueue(Stream stream, String what, Runnable work) {
    check(what);
    ((FakeStream) stream).work.add(work);
  }

  @Override
  public synchronized Stream newStream() {
    check("making a stream");
    handles++;
    return new FakeStream();
  }

  @Override
  public synchronized void destroy(Stream stream) {
    check("ending a stream");
    handles--;
    ((FakeStream) stream).runAll();
  }

  @Override
  public synchronized void await(Stream stream) {
    check("waiting for a stream");
    ((FakeStream) stream).runAll();
  }

  @Override
  public synchronized Event newEvent(boolean timing) {
    check("making an event");
    handles++;
    return new FakeEvent();
  }

  @Override
  public synchronized void destroy(Event event) {
    check("ending an event");
    handles--;
  }

  @Override
  public synchronized void record(Event event, Stream stream) {
    check("recording an event");
    FakeEvent point = (FakeEvent) event;
    point.done = false;
    point.on = (FakeStream) stream;
    point.on.work.add(() -> point.done = true);
  }

  /** One piece of work further, so that asking again and again ends. */
  @Override
  public synchronized boolean done(Event event) {
    check("asking for an event");
    FakeEvent point = (FakeEvent) event;
    if (!point.done && point.on != null) {
      point.on.work.removeFirst().run();
    }
    return point.done;
  }

  @Override
  public synchronized void await(Event event) {
    check("waiting for an event");
    runUntil((FakeEvent) event);
  }

  private void runUntil(FakeEvent event) {
    if (!event.done && event.on != null) {
      event.on.runUntil(event);
    }
  }

  @Override
  public synchronized void order(Stream stream, Event event) {
    check("ordering streams");
    ((FakeStream) stream).work.add(() -> runUntil((FakeEvent) event));
  }

  @Override
  public synchronized float elapsed(Event from, Event to) {
    check("measuring a time");
    return 0;
  }

  @Override
  public synchronized Module load(byte[] image, String name) {
    check("loading kernels");
    if (kernels == null) {
      throw new CudaException(209, "loading " + name);
    }
    return new FakeModule(name);
  }

  @Override
  public synchronized void unload(Module module) {
    check("unloading kernels");
  }

  @Override
  public synchronized Function function(Module module, String name) {
    check("finding a kernel");
    if (kernels == null || !kernels.has(name)) {
      throw new CudaException(500, "finding the kernel " + name);
    }
    return new FakeFunction(name);
  }

  @Override
  public synchronized void launch(
      Function function, LaunchGrid grid, LaunchArguments arguments, Stream stream) {
    check("starting a kernel");
    EmulatedKernels emulated = kernels;
    if (emulated == null) {
      throw new CudaException(400, "starting a kernel");
    }
    launches++;
    List<String> types = new ArrayList<>();
    for (int i = 0; i < arguments.count(); i++) {
      types.add(arguments.kind(i).ptx());
    }
    signatures.put(((FakeFunction) function).name(), types);
    byte[] values = arguments.values().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
    String name = ((FakeFunction) function).name();
    Consumer<byte[]> run = copied -> emulated.run(name, grid, copied);
    ((FakeStream) stream).work.add(() -> run.accept(values));
  }

  /** Takes nothing back, so that {@link #left} still says what was forgotten. */
  @Override
  public synchronized void close() {
    check("letting go of the device");
  }
}
