// The places of the k largest scores of each row, ascending; of equal scores the lower place wins, NaN is minus infinity.
// A radix search for the threshold, 11, 11 and 10 bits, then one ordered pass. One block of 1024 threads a row.
#include "common.cuh"

#define TOP_K_THREADS 1024
#define TOP_K_BINS 2048
#define TOP_K_CANDIDATES 4096

/** A number that ascends with the score. */
__device__ inline uint32_t orderedBits(float score) {
  const float clean = score != score ? -VARVE_INFINITY : score + 0.0f;
  const uint32_t bits = floatToBits(clean);
  return (bits & 0x80000000u) != 0 ? ~bits : bits | 0x80000000u;
}

/** The sum of a value over the threads before this one, and over all. */
__device__ inline uint32_t scanBlock(uint32_t value, uint32_t *warpSums, uint32_t &total) {
  const uint32_t lane = threadIdx.x % 32;
  const uint32_t warp = threadIdx.x / 32;
  uint32_t sum = value;
#pragma unroll
  for (int offset = 1; offset < 32; offset <<= 1) {
    const uint32_t below = __shfl_up_sync(0xffffffffu, sum, offset);
    sum += lane >= (uint32_t)offset ? below : 0;
  }
  if (lane == 31) {
    warpSums[warp] = sum;
  }
  __syncthreads();
  if (warp == 0) {
    uint32_t other = warpSums[lane];
#pragma unroll
    for (int offset = 1; offset < 32; offset <<= 1) {
      const uint32_t below = __shfl_up_sync(0xffffffffu, other, offset);
      other += lane >= (uint32_t)offset ? below : 0;
    }
    warpSums[lane] = other;
  }
  __syncthreads();
  const uint32_t before = (warp == 0 ? 0 : warpSums[warp - 1]) + sum - value;
  total = warpSums[31];
  __syncthreads();
  return before;
}

/** Of all bins from the highest down, the one that holds the wanted place; wanted becomes the place in it. */
__device__ inline uint32_t findBin(const uint32_t *bins, uint32_t *warpSums, uint32_t *found, uint32_t &wanted) {
  const uint32_t high = TOP_K_BINS - 1 - 2 * threadIdx.x;
  const uint32_t first = bins[high];
  const uint32_t second = bins[high - 1];
  uint32_t total;
  const uint32_t above = scanBlock(first + second, warpSums, total);
  if (wanted > above && wanted <= above + first) {
    found[0] = high;
    found[1] = wanted - above;
  } else if (wanted > above + first && wanted <= above + first + second) {
    found[0] = high - 1;
    found[1] = wanted - above - first;
  }
  __syncthreads();
  wanted = found[1];
  const uint32_t bin = found[0];
  __syncthreads();
  return bin;
}

extern "C" __global__ void __launch_bounds__(TOP_K_THREADS, 1)
    top_k(const float *scores, uint32_t *places, uint32_t count, uint32_t k) {
  __shared__ uint32_t bins[TOP_K_BINS];
  __shared__ uint32_t candidates[TOP_K_CANDIDATES];
  __shared__ uint32_t warpSums[32];
  __shared__ uint32_t found[2];
  __shared__ uint32_t candidateCount;
  const float *from = scores + (uint64_t)blockIdx.x * count;
  uint32_t *to = places + (uint64_t)blockIdx.x * k;
  uint32_t wanted = k < count ? k : count;
  const uint32_t taken = wanted;
  uint32_t prefix = 0;
  bool few = false;
  for (int pass = 0; pass < 3; pass++) {
    const int shift = pass == 0 ? 21 : pass == 1 ? 10 : 0;
    const uint32_t width = pass == 2 ? 1024 : TOP_K_BINS;
    for (uint32_t b = threadIdx.x; b < TOP_K_BINS; b += blockDim.x) {
      bins[b] = 0;
    }
    if (threadIdx.x == 0 && pass == 0) {
      candidateCount = 0;
    }
    __syncthreads();
    const uint32_t size = few ? candidateCount : count;
    for (uint32_t i = threadIdx.x; i < size; i += blockDim.x) {
      const uint32_t bits = few ? candidates[i] : orderedBits(from[i]);
      // After the first pass bits above the shift must be those of the threshold.
      const bool inside = pass == 0 || (bits >> (pass == 1 ? 21 : 10)) == prefix;
      if (inside) {
        atomicAdd(&bins[(bits >> shift) & (width - 1)], 1u);
      }
    }
    __syncthreads();
    const uint32_t bin = findBin(bins, warpSums, found, wanted);
    const uint32_t inBin = bins[bin];
    prefix = (prefix << (pass == 2 ? 10 : 11)) | bin;
    __syncthreads();
    if (pass == 0 && inBin <= TOP_K_CANDIDATES) {
      for (uint32_t i = threadIdx.x; i < count; i += blockDim.x) {
        const uint32_t bits = orderedBits(from[i]);
        if (bits >> 21 == prefix) {
          candidates[atomicAdd(&candidateCount, 1u)] = bits;
        }
      }
      few = true;
      __syncthreads();
    }
  }
  // prefix is the threshold, wanted how many equal to it are taken.
  uint32_t written = 0;
  uint32_t equals = 0;
  for (uint32_t tile = 0; tile < count && written < taken; tile += 4 * blockDim.x) {
    uint32_t bits[4];
    uint32_t above = 0;
    uint32_t equal = 0;
#pragma unroll
    for (int j = 0; j < 4; j++) {
      const uint32_t i = tile + 4 * threadIdx.x + j;
      bits[j] = i < count ? orderedBits(from[i]) : 0;
      above += bits[j] > prefix;
      equal += i < count && bits[j] == prefix;
    }
    uint32_t total;
    const uint32_t before = scanBlock(above << 16 | equal, warpSums, total);
    uint32_t equalBefore = equals + (before & 0xffff);
    uint32_t aboveBefore = before >> 16;
    const uint32_t takenEquals = equals < wanted ? equals : wanted;
    uint32_t at = written + aboveBefore + (equalBefore < wanted ? equalBefore : wanted) - takenEquals;
#pragma unroll
    for (int j = 0; j < 4; j++) {
      const uint32_t i = tile + 4 * threadIdx.x + j;
      const bool isEqual = i < count && bits[j] == prefix;
      if (bits[j] > prefix || (isEqual && equalBefore < wanted)) {
        to[at++] = i;
      }
      equalBefore += isEqual;
    }
    equals += total & 0xffff;
    written += (total >> 16) + (equals < wanted ? equals : wanted) - takenEquals;
  }
}
VARVE_KERNEL(top_k)
