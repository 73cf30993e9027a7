// Rows that lie scattered, side by side. The source may be device memory or pinned host memory.
#include "common.cuh"

/** Copies row r from sources[r]; addresses and row length are multiples of 16. A warp copies a row. */
extern "C" __global__ void __launch_bounds__(256, 4)
    gather_rows(const uint64_t *sources, uint8_t *target, uint32_t rowBytes, uint32_t rows) {
  const uint32_t lane = threadIdx.x % 32;
  const uint32_t warps = blockDim.x / 32;
  const uint32_t pieces = rowBytes / 16;
  for (uint32_t row = blockIdx.x * warps + threadIdx.x / 32; row < rows; row += gridDim.x * warps) {
    const uint4 *from = (const uint4 *)sources[row];
    uint4 *to = (uint4 *)(target + (uint64_t)row * rowBytes);
    for (uint32_t i = lane; i < pieces; i += 32) {
      to[i] = from[i];
    }
  }
}
VARVE_KERNEL(gather_rows)

/**
 * Copies the keys and values that a ragged selection names from paged blocks: the rows of KV head h, ranges[h] to
 * ranges[h + 1], lie side by side in both targets, head after head. A warp copies a row.
 */
extern "C" __global__ void __launch_bounds__(256, 4)
    gather_selection(const uint64_t *blocks, const uint32_t *positions, const uint32_t *ranges, uint8_t *keys,
                     uint8_t *values, uint64_t valuesOffset, uint32_t rowBytes, uint32_t blockShift) {
  const uint32_t head = blockIdx.y;
  const uint32_t lane = threadIdx.x % 32;
  const uint32_t warps = blockDim.x / 32;
  const uint32_t pieces = rowBytes / 16;
  const uint32_t end = ranges[head + 1];
  for (uint32_t row = ranges[head] + blockIdx.x * warps + threadIdx.x / 32; row < end; row += gridDim.x * warps) {
    const uint32_t token = positions[row];
    const uint8_t *block = (const uint8_t *)blocks[token >> blockShift];
    const uint64_t at = ((uint64_t)(head << blockShift) + (token & ((1u << blockShift) - 1))) * rowBytes;
    const uint4 *key = (const uint4 *)(block + at);
    const uint4 *value = (const uint4 *)(block + valuesOffset + at);
    for (uint32_t i = lane; i < pieces; i += 32) {
      ((uint4 *)(keys + (uint64_t)row * rowBytes))[i] = key[i];
      ((uint4 *)(values + (uint64_t)row * rowBytes))[i] = value[i];
    }
  }
}
VARVE_KERNEL(gather_selection)

/**
 * Copies the rows of tokens and heads, head blockIdx.y, from one pair of strides to another: an engine's keys or values to
 * where a block has them. Addresses, strides and rows are multiples of 4 bytes. A warp copies a row.
 */
extern "C" __global__ void __launch_bounds__(256, 4)
    place_rows(const uint8_t *from, uint8_t *to, uint64_t fromToken, uint64_t fromHead, uint64_t toToken,
               uint64_t toHead, uint32_t tokens, uint32_t rowBytes) {
  const uint32_t lane = threadIdx.x % 32;
  const uint32_t warps = blockDim.x / 32;
  for (uint32_t token = blockIdx.x * warps + threadIdx.x / 32; token < tokens; token += gridDim.x * warps) {
    const uint32_t *source = (const uint32_t *)(from + token * fromToken + blockIdx.y * fromHead);
    uint32_t *target = (uint32_t *)(to + token * toToken + blockIdx.y * toHead);
    for (uint32_t i = lane; i < rowBytes / 4; i += 32) {
      target[i] = source[i];
    }
  }
}
VARVE_KERNEL(place_rows)
