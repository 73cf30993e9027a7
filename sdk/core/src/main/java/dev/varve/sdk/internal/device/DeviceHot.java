package dev.varve.sdk.internal.device;

import dev.varve.store.cuda.CudaDevice;
import java.util.Optional;

/**
 * The device that holds the hot tier of a cache.
 *
 * @param device closed with the tier
 * @param attentions attend to the blocks there; empty where the processor does
 */
public record DeviceHot(CudaDevice device, Optional<DeviceAttentions> attentions) {}
