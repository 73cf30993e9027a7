package dev.varve.store.cuda;

/**
 * The calls of the CUDA driver that are used, for one device. Thread-safe. Addresses are plain
 * numbers: nothing is checked against the size of what was allocated, and what an address names
 * must stay alive until the stream has passed the call.
 *
 * <p>Every call may throw {@link CudaException}, and {@link LostDeviceException} once the device is
 * lost.
 */
public interface CudaDriver extends AutoCloseable {

  /** An order of work. */
  interface Stream {}

  /** A point in a stream. */
  interface Event {}

  /** Loaded kernels. */
  interface Module {}

  /** One kernel. */
  interface Function {}

  /** What the device is. */
  DeviceInfo info();

  /** Bytes that are free on the device now, also for other processes. */
  long freeMemory();

  /** Takes device memory. */
  long allocate(long bytes);

  /** Gives device memory back. */
  void free(long address);

  /** Takes host memory that the device reaches at the same address and that never moves. */
  long allocatePinned(long bytes);

  /** Gives pinned host memory back. */
  void freePinned(long address);

  /** Pins host memory of somebody else, in whole pages. */
  void register(long address, long bytes);

  /** Ends {@link #register}. */
  void unregister(long address);

  /** Copies host memory to the device; pinned memory without waiting. Never memory of the heap. */
  void copyToDevice(long device, long host, long bytes, Stream stream);

  /** Copies device memory to the host; to pinned memory without waiting. */
  void copyToHost(long host, long device, long bytes, Stream stream);

  /** Copies on the device. */
  void copyOnDevice(long to, long from, long bytes, Stream stream);

  /** Sets bytes of device memory. */
  void fill(long device, byte value, long bytes, Stream stream);

  /** A stream that waits for no other. */
  Stream newStream();

  /** Ends a stream after its work. */
  void destroy(Stream stream);

  /** Waits until all work of the stream is done. */
  void await(Stream stream);

  /** A new event; with {@code timing} it can measure. */
  Event newEvent(boolean timing);

  /** Ends an event. */
  void destroy(Event event);

  /** Moves the event to the end of the stream's work. */
  void record(Event event, Stream stream);

  /** Whether the work before the event is done; true for an event that was never recorded. */
  boolean done(Event event);

  /** Waits until the work before the event is done. */
  void await(Event event);

  /** Work that the stream gets from here on waits for the event. */
  void order(Stream stream, Event event);

  /** Milliseconds between two events that are done. */
  float elapsed(Event from, Event to);

  /**
   * Loads kernels.
   *
   * @param image PTX text
   * @param name for messages
   */
  Module load(byte[] image, String name);

  /** Forgets kernels that no stream runs any more. */
  void unload(Module module);

  /** Finds a kernel by its name. */
  Function function(Module module, String name);

  /** Starts a kernel; the arguments are copied before this returns. */
  void launch(Function function, LaunchGrid grid, LaunchArguments arguments, Stream stream);

  /** Lets go of the device. Idempotent. */
  @Override
  void close();
}
