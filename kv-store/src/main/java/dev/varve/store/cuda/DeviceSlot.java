package dev.varve.store.cuda;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** What the host knows of one slot on the device; guarded by itself. */
final class DeviceSlot {
  /** Host copy, or the page that is filled. */
  @Nullable MemorySegment page;

  /** Set while the upload of the page may be under way. */
  CudaDriver.@Nullable Event upload;

  /** Views that have not ended. */
  int views;

  /** Whether it stands in the queue of uploads to look after. */
  boolean queued;

  /** Whether the device holds the content. */
  boolean published;

  /** Whether kernels fill it, and no page has its content. */
  boolean onDevice;
}
