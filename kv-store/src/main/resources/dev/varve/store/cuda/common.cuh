// What the kernels share. Plain C++ but for the names of the CUDA language, so that a processor can run the kernels too.
#pragma once

#ifdef VARVE_EMULATION
#include "emulation.h"
#else
#include <cuda_fp16.h>
#define VARVE_KERNEL(name)
#endif

#include <stdint.h>

#define VARVE_LOG2_E 1.4426950408889634f
#define VARVE_INFINITY __builtin_huge_valf()

enum Element { F16 = 0, BF16 = 1, F32 = 2 };

__device__ inline float bitsToFloat(uint32_t bits) {
#ifdef VARVE_EMULATION
  return emulation::bitsToFloat(bits);
#else
  return __uint_as_float(bits);
#endif
}

__device__ inline uint32_t floatToBits(float value) {
#ifdef VARVE_EMULATION
  return emulation::floatToBits(value);
#else
  return __float_as_uint(value);
#endif
}

__device__ inline float halfToFloat(uint16_t bits) {
#ifdef VARVE_EMULATION
  return emulation::halfToFloat(bits);
#else
  return __half2float(__ushort_as_half(bits));
#endif
}

__device__ inline uint16_t floatToHalf(float value) {
#ifdef VARVE_EMULATION
  return emulation::floatToHalf(value);
#else
  return __half_as_ushort(__float2half_rn(value));
#endif
}

/** One stored 16-bit element. */
template <int TYPE>
__device__ inline float widen(uint16_t bits) {
  return TYPE == BF16 ? bitsToFloat((uint32_t)bits << 16) : halfToFloat(bits);
}

/** Two stored 16-bit elements, the lower half first. */
template <int TYPE>
__device__ inline void widenPair(uint32_t pair, float &low, float &high) {
  if (TYPE == BF16) {
    low = bitsToFloat(pair << 16);
    high = bitsToFloat(pair & 0xffff0000u);
  } else {
    low = halfToFloat((uint16_t)pair);
    high = halfToFloat((uint16_t)(pair >> 16));
  }
}

/** Element i of a row of any type. */
template <int TYPE>
__device__ inline float element(const uint8_t *row, uint32_t i) {
  return TYPE == F32 ? ((const float *)row)[i] : widen<TYPE == F32 ? F16 : TYPE>(((const uint16_t *)row)[i]);
}

/** exp(x); 0 for minus infinity. */
__device__ inline float expOf(float x) { return exp2f(x * VARVE_LOG2_E); }

/** The sum of a value over the 16 lanes that share a row; the mask names them. */
__device__ inline float sumOver16(unsigned mask, float value) {
#pragma unroll
  for (int offset = 8; offset > 0; offset >>= 1) {
    value += __shfl_xor_sync(mask, value, offset);
  }
  return value;
}

__device__ inline float sumOverWarp(float value) {
#pragma unroll
  for (int offset = 16; offset > 0; offset >>= 1) {
    value += __shfl_xor_sync(0xffffffffu, value, offset);
  }
  return value;
}

__device__ inline float maxOverWarp(float value) {
#pragma unroll
  for (int offset = 16; offset > 0; offset >>= 1) {
    value = fmaxf(value, __shfl_xor_sync(0xffffffffu, value, offset));
  }
  return value;
}

/** The piece of a row that one of 16 lanes reads: DIM / 16 elements of 16 bits. */
template <int DIM>
struct RowPiece {
  static constexpr int WORDS = DIM / 32;
  uint32_t words[WORDS];

  __device__ inline void load(const uint8_t *row, int lane) {
    const uint8_t *at = row + lane * WORDS * 4;
    if (WORDS == 4) {
      const uint4 piece = *(const uint4 *)at;
      words[0] = piece.x;
      words[1] = piece.y;
      words[WORDS > 2 ? 2 : 0] = piece.z;
      words[WORDS > 3 ? 3 : 0] = piece.w;
    } else {
      const uint2 piece = *(const uint2 *)at;
      words[0] = piece.x;
      words[1] = piece.y;
    }
  }

  __device__ inline void clear() {
#pragma unroll
    for (int w = 0; w < WORDS; w++) {
      words[w] = 0;
    }
  }
};
