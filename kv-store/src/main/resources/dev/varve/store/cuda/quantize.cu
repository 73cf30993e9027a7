// Quantizing to 8 and 4 bits in groups and to 8-bit floats, back again, and what is added or decoded beside it. The same
// bits as the processor's kernels: no fused steps, scales and zeros rounded outwards to binary16.
#include "common.cuh"

/** The binary16 above the bits, which are not infinity. */
__device__ inline uint16_t nextHalf(uint16_t bits) {
  return bits == 0x8000 ? 1 : (bits & 0x8000) != 0 ? bits - 1 : bits + 1;
}

/** The smallest binary16 that is not below the value. */
__device__ inline uint16_t halfUp(double value) {
  const uint16_t nearest = floatToHalf((float)value);
  return (double)halfToFloat(nearest) < value ? nextHalf(nearest) : nearest;
}

/**
 * Rows of codes, a thread block a row. A row is groups that follow each other, each with its scale and, where codes are
 * asymmetric, its zero: parameters[row][group] or parameters[row][group][2], binary16. Rows of 4-bit codes are planar.
 */
template <int TYPE>
__device__ inline void quantizeRow(const uint8_t *source, uint8_t *codes, uint16_t *parameters, uint32_t columns,
                                   uint32_t group, uint32_t bits, uint32_t symmetric) {
  __shared__ float zeros[512];
  __shared__ float inverses[512];
  const uint32_t row = blockIdx.x;
  const uint32_t lane = threadIdx.x % 32;
  const uint32_t groups = columns / group;
  const uint32_t top = (1u << bits) - (symmetric ? 2 : 1);
  const uint8_t *from = source + (uint64_t)row * columns * (TYPE == F32 ? 4 : 2);
  for (uint32_t g = threadIdx.x / 32; g < groups; g += blockDim.x / 32) {
    float lowest = VARVE_INFINITY;
    float highest = -VARVE_INFINITY;
    for (uint32_t i = lane; i < group; i += 32) {
      const float value = element<TYPE>(from, g * group + i);
      lowest = fminf(lowest, value);
      highest = fmaxf(highest, value);
    }
    highest = maxOverWarp(highest);
    lowest = -maxOverWarp(-lowest);
    if (lane == 0) {
      float scale;
      float zero;
      if (symmetric) {
        const double peak = fmax(fabs((double)lowest), fabs((double)highest));
        const uint16_t stored = halfUp(2 * peak / top);
        scale = halfToFloat(stored);
        zero = -((float)top / 2.0f) * scale;
        parameters[(uint64_t)row * groups + g] = stored;
      } else {
        const uint16_t storedZero = halfUp(-(double)lowest) ^ 0x8000;
        zero = halfToFloat(storedZero);
        const uint16_t stored = halfUp(((double)highest - zero) / top);
        scale = halfToFloat(stored);
        parameters[((uint64_t)row * groups + g) * 2] = stored;
        parameters[((uint64_t)row * groups + g) * 2 + 1] = storedZero;
      }
      zeros[g] = zero;
      inverses[g] = scale == 0 ? 0.0f : 1.0f / scale;
    }
  }
  __syncthreads();
  const uint32_t planes = 8 / bits;
  const uint32_t rowBytes = columns / planes;
  for (uint32_t i = threadIdx.x; i < rowBytes; i += blockDim.x) {
    uint32_t packed = 0;
    for (uint32_t plane = 0; plane < planes; plane++) {
      const uint32_t at = i + plane * rowBytes;
      const float value = element<TYPE>(from, at);
      const float steps = fminf(fmaxf(__fmul_rn(value - zeros[at / group], inverses[at / group]), 0.0f), (float)top);
      packed |= (uint32_t)rintf(steps) << (plane * bits);
    }
    codes[(uint64_t)row * rowBytes + i] = (uint8_t)packed;
  }
}

#define QUANTIZE_ROWS(name, TYPE)                                                                                     \
  extern "C" __global__ void __launch_bounds__(128)                                                                   \
      name(const uint8_t *source, uint8_t *codes, uint16_t *parameters, uint32_t columns, uint32_t group,             \
           uint32_t bits, uint32_t symmetric) {                                                                       \
    quantizeRow<TYPE>(source, codes, parameters, columns, group, bits, symmetric);                                    \
  }                                                                                                                   \
  VARVE_KERNEL(name)

QUANTIZE_ROWS(quantize_rows_f16, F16)
QUANTIZE_ROWS(quantize_rows_bf16, BF16)
QUANTIZE_ROWS(quantize_rows_f32, F32)

/** The reverse: code * scale + zero in single precision, a thread block a row. */
extern "C" __global__ void __launch_bounds__(128)
    dequantize_rows(const uint8_t *codes, const uint16_t *parameters, float *target, uint32_t columns, uint32_t group,
                    uint32_t bits, uint32_t symmetric) {
  const uint32_t row = blockIdx.x;
  const uint32_t groups = columns / group;
  const uint32_t top = (1u << bits) - 2;
  const uint32_t rowBytes = columns * bits / 8;
  for (uint32_t i = threadIdx.x; i < columns; i += blockDim.x) {
    const uint32_t plane = i / rowBytes;
    const uint32_t packed = codes[(uint64_t)row * rowBytes + i % rowBytes];
    const uint32_t code = packed >> (plane * bits) & ((1u << bits) - 1);
    const uint64_t g = (uint64_t)row * groups + i / group;
    float scale;
    float zero;
    if (symmetric) {
      scale = halfToFloat(parameters[g]);
      zero = -((float)top / 2.0f) * scale;
    } else {
      scale = halfToFloat(parameters[2 * g]);
      zero = halfToFloat(parameters[2 * g + 1]);
    }
    target[(uint64_t)row * columns + i] = __fadd_rn(__fmul_rn((float)code, scale), zero);
  }
}
VARVE_KERNEL(dequantize_rows)

/** 8-bit floats with 4 bits of exponent, nearest, ties to even; beyond 448 that; NaN stays NaN. */
extern "C" __global__ void __launch_bounds__(256)
    encode_e4m3(const float *source, uint8_t *codes, uint64_t count) {
  const uint64_t step = (uint64_t)gridDim.x * blockDim.x;
  for (uint64_t i = (uint64_t)blockIdx.x * blockDim.x + threadIdx.x; i < count; i += step) {
    const uint32_t bits = floatToBits(source[i]);
    const uint32_t sign = bits >> 24 & 0x80;
    float magnitude = bitsToFloat(bits & 0x7fffffffu);
    if (magnitude != magnitude) {
      codes[i] = (uint8_t)(sign | 0x7f);
      continue;
    }
    magnitude = fminf(magnitude, 448.0f);
    int exponent = (int)(floatToBits(magnitude) >> 23) - 127;
    exponent = exponent < -6 ? -6 : exponent;
    const float unit = bitsToFloat((uint32_t)(exponent - 3 + 127) << 23);
    const uint32_t steps = (uint32_t)rintf(magnitude / unit);
    codes[i] = (uint8_t)(sign | (((uint32_t)(exponent + 6) << 3) + steps));
  }
}
VARVE_KERNEL(encode_e4m3)

/** The numbers that 8-bit floats with 4 bits of exponent stand for. */
extern "C" __global__ void __launch_bounds__(256)
    decode_e4m3(const uint8_t *codes, float *target, uint64_t count) {
  const uint64_t step = (uint64_t)gridDim.x * blockDim.x;
  for (uint64_t i = (uint64_t)blockIdx.x * blockDim.x + threadIdx.x; i < count; i += step) {
    const uint32_t code = codes[i];
    const uint32_t magnitude = code & 0x7f;
    const uint32_t exponent = magnitude >> 3;
    const uint32_t mantissa = magnitude & 7;
    float value;
    if (magnitude == 0x7f) {
      value = bitsToFloat(0x7fc00000u);
    } else if (exponent == 0) {
      value = (float)mantissa * (1.0f / 512.0f);
    } else {
      value = bitsToFloat((exponent - 7 + 127) << 23 | mantissa << 20);
    }
    target[i] = (code & 0x80) != 0 ? -value : value;
  }
}
VARVE_KERNEL(decode_e4m3)

/** Adds GEAR's correction of one head: tokens by channels, the product of two panels in binary16; a block a token. */
extern "C" __global__ void __launch_bounds__(128)
    add_low_rank(const uint16_t *tokenFactors, const uint16_t *channelFactors, float *values, uint32_t dim,
                 uint32_t rank) {
  const uint32_t token = blockIdx.x;
  for (uint32_t j = threadIdx.x; j < dim; j += blockDim.x) {
    float sum = 0;
    for (uint32_t r = 0; r < rank; r++) {
      const float left = halfToFloat(tokenFactors[(uint64_t)token * rank + r]);
      sum = __fadd_rn(sum, __fmul_rn(left, halfToFloat(channelFactors[(uint64_t)j * rank + r])));
    }
    values[(uint64_t)token * dim + j] += sum;
  }
}
VARVE_KERNEL(add_low_rank)
