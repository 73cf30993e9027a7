package dev.varve.store.cuda;

import dev.varve.store.StoreException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.CUfunction;
import jcuda.driver.CUjit_option;
import jcuda.driver.CUmodule;
import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;
import jcuda.driver.JITOptions;

/** The driver of this machine through JCuda, on the primary context of one device. */
final class JcudaDriver implements CudaDriver {
  private static final int LOG_BYTES = 8192;

  private record JcudaStream(CUstream handle) implements Stream {}

  private record JcudaEvent(CUevent handle) implements Event {}

  private record JcudaModule(CUmodule handle, String name) implements Module {}

  private record JcudaFunction(CUfunction handle, String name) implements Function {}

  private final CUdevice device;
  private final CUcontext context;
  private final DeviceInfo info;
  private final AtomicBoolean open = new AtomicBoolean(true);

  private JcudaDriver(CUdevice device, CUcontext context, DeviceInfo info) {
    this.device = device;
    this.context = context;
    this.info = info;
  }

  /**
   * Opens device {@code ordinal}. Call it only where {@link CudaProbe} found one.
   *
   * @param temporary the folder where JCuda looks for its library
   */
  static JcudaDriver open(int ordinal, Path temporary) {
    NativeLibrary.unpack(NativeLibrary.fileName("JCudaDriver"), temporary);
    try {
      JCudaDriver.setExceptionsEnabled(false);
    } catch (LinkageError e) {
      throw new StoreException("the library of JCuda cannot be loaded on this machine", e);
    }
    CudaError.check(JCudaDriver.cuInit(0), "starting the CUDA driver");
    CUdevice device = new CUdevice();
    CudaError.check(JCudaDriver.cuDeviceGet(device, ordinal), "finding GPU " + ordinal);
    DeviceInfo info = describe(device);
    CUcontext context = new CUcontext();
    CudaError.check(
        JCudaDriver.cuDevicePrimaryCtxRetain(context, device), "opening " + info.name());
    return new JcudaDriver(device, context, info);
  }

  private static DeviceInfo describe(CUdevice device) {
    byte[] name = new byte[256];
    CudaError.check(JCudaDriver.cuDeviceGetName(name, name.length, device), "naming the GPU");
    int end = 0;
    while (end < name.length && name[end] != 0) {
      end++;
    }
    long[] memory = new long[1];
    CudaError.check(JCudaDriver.cuDeviceTotalMem(memory, device), "measuring the GPU's memory");
    int[] version = new int[1];
    CudaError.check(JCudaDriver.cuDriverGetVersion(version), "asking for the driver's version");
    return new DeviceInfo(
        new String(name, 0, end, StandardCharsets.UTF_8),
        attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR),
        attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR),
        attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT),
        memory[0],
        version[0]);
  }

  private static int attribute(CUdevice device, int attribute) {
    int[] value = new int[1];
    CudaError.check(
        JCudaDriver.cuDeviceGetAttribute(value, attribute, device), "asking what the GPU is");
    return value[0];
  }

  /** A context is current for a thread, and any thread may call. */
  private void enter() {
    if (!open.get()) {
      throw new IllegalStateException("the GPU is closed");
    }
    CudaError.check(JCudaDriver.cuCtxSetCurrent(context), "entering the GPU's context");
  }

  @Override
  public DeviceInfo info() {
    return info;
  }

  @Override
  public long freeMemory() {
    enter();
    long[] free = new long[1];
    CudaError.check(JCudaDriver.cuMemGetInfo(free, new long[1]), "asking for free GPU memory");
    return free[0];
  }

  @Override
  public long allocate(long bytes) {
    enter();
    DevicePointer pointer = new DevicePointer();
    CudaError.check(
        JCudaDriver.cuMemAlloc(pointer, bytes), "taking " + bytes + " bytes of GPU memory");
    return pointer.address();
  }

  @Override
  public void free(long address) {
    enter();
    CudaError.check(JCudaDriver.cuMemFree(new DevicePointer(address)), "giving back GPU memory");
  }

  @Override
  public long allocatePinned(long bytes) {
    enter();
    RawPointer pointer = new RawPointer();
    CudaError.check(
        JCudaDriver.cuMemHostAlloc(
            pointer,
            bytes,
            JCudaDriver.CU_MEMHOSTALLOC_PORTABLE | JCudaDriver.CU_MEMHOSTALLOC_DEVICEMAP),
        "taking " + bytes + " bytes of pinned memory");
    return pointer.address();
  }

  @Override
  public void freePinned(long address) {
    enter();
    CudaError.check(
        JCudaDriver.cuMemFreeHost(new RawPointer(address)), "giving back pinned memory");
  }

  @Override
  public void register(long address, long bytes) {
    enter();
    CudaError.check(
        JCudaDriver.cuMemHostRegister(
            new RawPointer(address), bytes, JCudaDriver.CU_MEMHOSTREGISTER_PORTABLE),
        "pinning " + bytes + " bytes");
  }

  @Override
  public void unregister(long address) {
    enter();
    CudaError.check(JCudaDriver.cuMemHostUnregister(new RawPointer(address)), "unpinning memory");
  }

  @Override
  public void copyToDevice(long to, long host, long bytes, Stream stream) {
    enter();
    CudaError.check(
        JCudaDriver.cuMemcpyHtoDAsync(
            new DevicePointer(to), new RawPointer(host), bytes, handle(stream)),
        "copying " + bytes + " bytes to the GPU");
  }

  @Override
  public void copyToHost(long host, long from, long bytes, Stream stream) {
    enter();
    CudaError.check(
        JCudaDriver.cuMemcpyDtoHAsync(
            new RawPointer(host), new DevicePointer(from), bytes, handle(stream)),
        "copying " + bytes + " bytes from the GPU");
  }

  @Override
  public void copyOnDevice(long to, long from, long bytes, Stream stream) {
    enter();
    CudaError.check(
        JCudaDriver.cuMemcpyDtoDAsync(
            new DevicePointer(to), new DevicePointer(from), bytes, handle(stream)),
        "copying " + bytes + " bytes on the GPU");
  }

  @Override
  public void fill(long to, byte value, long bytes, Stream stream) {
    enter();
    CudaError.check(
        JCudaDriver.cuMemsetD8Async(new DevicePointer(to), value, bytes, handle(stream)),
        "filling " + bytes + " bytes of GPU memory");
  }

  @Override
  public Stream newStream() {
    enter();
    CUstream stream = new CUstream();
    CudaError.check(
        JCudaDriver.cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING),
        "making a stream");
    return new JcudaStream(stream);
  }

  @Override
  public void destroy(Stream stream) {
    enter();
    CudaError.check(JCudaDriver.cuStreamDestroy(handle(stream)), "ending a stream");
  }

  @Override
  public void await(Stream stream) {
    enter();
    CudaError.check(JCudaDriver.cuStreamSynchronize(handle(stream)), "waiting for the GPU");
  }

  @Override
  public Event newEvent(boolean timing) {
    enter();
    CUevent event = new CUevent();
    int flags = timing ? CUevent_flags.CU_EVENT_DEFAULT : CUevent_flags.CU_EVENT_DISABLE_TIMING;
    CudaError.check(JCudaDriver.cuEventCreate(event, flags), "making an event");
    return new JcudaEvent(event);
  }

  @Override
  public void destroy(Event event) {
    enter();
    CudaError.check(JCudaDriver.cuEventDestroy(handle(event)), "ending an event");
  }

  @Override
  public void record(Event event, Stream stream) {
    enter();
    CudaError.check(JCudaDriver.cuEventRecord(handle(event), handle(stream)), "recording an event");
  }

  @Override
  public boolean done(Event event) {
    enter();
    int code = JCudaDriver.cuEventQuery(handle(event));
    if (code == CudaError.NOT_READY) {
      return false;
    }
    CudaError.check(code, "asking for an event");
    return true;
  }

  @Override
  public void await(Event event) {
    enter();
    CudaError.check(JCudaDriver.cuEventSynchronize(handle(event)), "waiting for an event");
  }

  @Override
  public void order(Stream stream, Event event) {
    enter();
    CudaError.check(
        JCudaDriver.cuStreamWaitEvent(handle(stream), handle(event), 0), "ordering two streams");
  }

  @Override
  public float elapsed(Event from, Event to) {
    enter();
    float[] milliseconds = new float[1];
    CudaError.check(
        JCudaDriver.cuEventElapsedTime(milliseconds, handle(from), handle(to)), "measuring a time");
    return milliseconds[0];
  }

  @Override
  public Module load(byte[] image, String name) {
    enter();
    byte[] log = new byte[LOG_BYTES];
    JITOptions options = new JITOptions();
    options.putBytes(CUjit_option.CU_JIT_ERROR_LOG_BUFFER, log);
    options.putInt(CUjit_option.CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES, log.length);
    CUmodule module = new CUmodule();
    byte[] text = Arrays.copyOf(image, image.length + 1);
    int code = JCudaDriver.cuModuleLoadDataJIT(module, jcuda.Pointer.to(text), options);
    String reason = code == 0 ? "" : ": " + new String(log, StandardCharsets.UTF_8).trim();
    CudaError.check(code, "loading the kernels " + name + " on " + info.line() + reason);
    return new JcudaModule(module, name);
  }

  @Override
  public void unload(Module module) {
    enter();
    CudaError.check(
        JCudaDriver.cuModuleUnload(((JcudaModule) module).handle()), "unloading kernels");
  }

  @Override
  public Function function(Module module, String name) {
    enter();
    CUfunction function = new CUfunction();
    JcudaModule from = (JcudaModule) module;
    CudaError.check(
        JCudaDriver.cuModuleGetFunction(function, from.handle(), name),
        "finding the kernel " + name + " of " + from.name());
    return new JcudaFunction(function, name);
  }

  @Override
  public void launch(Function function, LaunchGrid grid, LaunchArguments arguments, Stream stream) {
    enter();
    JcudaFunction kernel = (JcudaFunction) function;
    CudaError.check(
        JCudaDriver.cuLaunchKernel(
            kernel.handle(),
            grid.x(),
            grid.y(),
            grid.z(),
            grid.threads(),
            1,
            1,
            grid.sharedBytes(),
            handle(stream),
            new RawPointer(arguments.addresses().address()),
            null),
        "starting " + kernel.name());
  }

  private static CUstream handle(Stream stream) {
    return ((JcudaStream) stream).handle();
  }

  private static CUevent handle(Event event) {
    return ((JcudaEvent) event).handle();
  }

  @Override
  public void close() {
    if (open.compareAndSet(true, false)) {
      CudaError.check(
          JCudaDriver.cuDevicePrimaryCtxRelease(device), "letting go of " + info.name());
    }
  }
}
