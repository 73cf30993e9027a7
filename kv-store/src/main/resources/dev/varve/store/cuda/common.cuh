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

/** The elements of a piece, widened. */
template <int TYPE, int DIM>
__device__ inline void widenPiece(const RowPiece<DIM> &piece, float (&elements)[DIM / 16]) {
#pragma unroll
  for (int w = 0; w < DIM / 32; w++) {
    widenPair<TYPE>(piece.words[w], elements[2 * w], elements[2 * w + 1]);
  }
}

/** The pieces of up to GROUP vectors that one of 16 lanes holds; zeros for those that are not wanted. */
template <int DIM, int GROUP>
__device__ inline void loadVectors(const float *vectors, uint64_t first, uint32_t wanted, int lane,
                                   float (&pieces)[GROUP][DIM / 16]) {
#pragma unroll
  for (int g = 0; g < GROUP; g++) {
    const float *from = vectors + (first + g) * DIM + lane * (DIM / 16);
#pragma unroll
    for (int i = 0; i < DIM / 16; i++) {
      pieces[g][i] = (uint32_t)g < wanted ? from[i] : 0.0f;
    }
  }
}

/** The dot product of a vector and a row that 16 lanes share, on each of them. */
template <int PIECE>
__device__ inline float dotOver16(unsigned mask, const float (&vector)[PIECE], const float (&row)[PIECE]) {
  float dot = 0;
#pragma unroll
  for (int i = 0; i < PIECE; i++) {
    dot += vector[i] * row[i];
  }
  return sumOver16(mask, dot);
}

/** Where a block of 2^blockShift tokens has the row of a token and head, in bytes behind its first row. */
template <int DIM>
__device__ inline uint64_t rowOffset(uint32_t head, uint32_t token, uint32_t blockShift) {
  return ((uint64_t)(head << blockShift) + (token & ((1u << blockShift) - 1))) * DIM * 2;
}
