package dev.varve.sdk;

import dev.varve.store.Checks;
import dev.varve.store.Dtype;
import dev.varve.store.cuda.CudaDevice;
import dev.varve.store.cuda.CudaStream;
import dev.varve.store.cuda.PinnedMemory;

/**
 * An engine's tensor on a device, dense {@code [tokens][heads][dim]}, and the pinned host memory
 * through which it passes on its way into the cache and out of it. The device's memory is borrowed:
 * work of the engine that writes it must be done before {@link #fetch}, and what {@link #send}
 * wrote is there when that returns. For one thread at a time.
 *
 * <pre>
 *   step.append(layer, keys.fetch(), values.fetch());
 *   step.attend(layer, queries.fetch(), out.host());
 *   out.send();
 * </pre>
 */
public final class DeviceTensor implements AutoCloseable {
  private final long address;
  private final PinnedMemory pinned;
  private final CudaStream stream;
  private final EngineTensor host;

  /**
   * A tensor at an address.
   *
   * @param device that holds it, open until this is closed
   * @param address of token 0, head 0
   * @throws dev.varve.store.cuda.CudaException if no host memory can be pinned for it
   */
  public DeviceTensor(
      CudaDevice device, long address, Dtype dtype, int tokens, int heads, int dim) {
    Checks.positive(tokens, "tokens");
    Checks.positive(heads, "heads");
    Checks.positive(dim, "dim");
    if (address == 0) {
      throw new IllegalArgumentException("a tensor on a device does not lie at address 0");
    }
    this.address = address;
    this.pinned = new PinnedMemory(device.driver(), (long) tokens * heads * dim * dtype.bytes());
    this.stream = new CudaStream(device.driver());
    this.host = EngineTensor.dense(pinned.bytes(), dtype, tokens, heads, dim);
  }

  /** The host memory as it is: what was fetched last, or what is to be sent. */
  public EngineTensor host() {
    return host;
  }

  /** Copies the tensor from the device, waits for it, and shows the copy. */
  public EngineTensor fetch() {
    stream.copyToHost(pinned.bytes(), address);
    stream.await();
    return host;
  }

  /** Copies the host memory to the device and waits for it. */
  public void send() {
    stream.copyToDevice(address, pinned.bytes());
    stream.await();
  }

  /** Ends the host memory; the device's stays as it is. */
  @Override
  public void close() {
    stream.close();
    pinned.close();
  }
}
