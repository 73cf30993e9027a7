// Exact decode attention of paged keys and values: one query token per sequence, grouped heads, 16-bit elements. The rows
// are all tokens of a sequence, or those that a selection names, each with a bias on its logit. Rows are split over
// thread blocks; attention_merge folds the splits, in ascending order (Flash-Decoding: Dao et al., 2023).
#include "common.cuh"

/** A call, not inlined: few models cap their logits. */
__device__ __noinline__ float capped(float logit, float cap) { return cap * tanhf(logit / cap); }

/**
 * One split of one KV head of one sequence, for up to GROUP of its queries; more take several blocks along y. Sixteen lanes
 * share a row; every one of the eight groups of lanes of a block takes four rows at a time and keeps its own running
 * maximum, sum and output, which meet at the end.
 */
template <int TYPE, int DIM, int GROUP>
__device__ inline void attendSplit(const uint64_t *blocks, const uint32_t *firstBlock, const uint32_t *tokens,
                                   const uint32_t *positions, const uint32_t *ranges, const float *bias,
                                   const float *vectors, float *partials, float *lse, uint64_t valuesOffset,
                                   uint32_t kvHeads, uint32_t group, uint32_t blockShift, float scale, float cap) {
  constexpr int PIECE = DIM / 16;
  constexpr int TEAMS = 8;
  constexpr int ROWS = 4;
  __shared__ float outputs[TEAMS][GROUP][DIM];
  __shared__ float maxima[TEAMS][GROUP];
  __shared__ float sums[TEAMS][GROUP];

  const int team = threadIdx.x / 16;
  const int lane = threadIdx.x % 16;
  const unsigned mask = 0xffffu << (16 * (team % 2));
  const uint32_t split = blockIdx.x;
  const uint32_t splits = gridDim.x;
  const uint32_t parts = gridDim.y / kvHeads;
  const uint32_t head = blockIdx.y / parts;
  const uint32_t firstQuery = blockIdx.y % parts * GROUP;
  const uint32_t queries = group - firstQuery < GROUP ? group - firstQuery : GROUP;
  const uint32_t sequence = blockIdx.z;
  const uint32_t queryHeads = kvHeads * group;

  uint32_t firstRow = 0;
  uint32_t rows = tokens[sequence];
  if (positions != nullptr) {
    firstRow = ranges[sequence * kvHeads + head];
    rows = ranges[sequence * kvHeads + head + 1] - firstRow;
  }
  const uint32_t begin = (uint32_t)((uint64_t)rows * split / splits);
  const uint32_t end = (uint32_t)((uint64_t)rows * (split + 1) / splits);

  float query[GROUP][PIECE];
  loadVectors<DIM>(vectors, (uint64_t)sequence * queryHeads + head * group + firstQuery, queries, lane, query);
  float output[GROUP][PIECE];
  float maximum[GROUP];
  float sum[GROUP];
#pragma unroll
  for (int g = 0; g < GROUP; g++) {
    maximum[g] = -VARVE_INFINITY;
    sum[g] = 0;
#pragma unroll
    for (int i = 0; i < PIECE; i++) {
      output[g][i] = 0;
    }
  }

  for (uint32_t row = begin + team * ROWS; row < end; row += TEAMS * ROWS) {
    RowPiece<DIM> keys[ROWS];
    RowPiece<DIM> values[ROWS];
    float logits[ROWS][GROUP];
#pragma unroll
    for (int r = 0; r < ROWS; r++) {
      if (row + r < end) {
        const uint32_t token = positions == nullptr ? row + r : positions[firstRow + row + r];
        const uint8_t *block = (const uint8_t *)blocks[firstBlock[sequence] + (token >> blockShift)];
        const uint64_t at = rowOffset<DIM>(head, token, blockShift);
        keys[r].load(block + at, lane);
        values[r].load(block + valuesOffset + at, lane);
      } else {
        keys[r].clear();
        values[r].clear();
      }
    }
#pragma unroll
    for (int r = 0; r < ROWS; r++) {
      float key[PIECE];
      widenPiece<TYPE>(keys[r], key);
      const bool there = row + r < end;
      const float added = there && bias != nullptr ? bias[firstRow + row + r] : 0.0f;
#pragma unroll
      for (int g = 0; g < GROUP; g++) {
        float dot = scale * dotOver16(mask, query[g], key);
        if (cap != 0) {
          dot = capped(dot, cap);
        }
        logits[r][g] = there ? dot + added : -VARVE_INFINITY;
      }
    }
#pragma unroll
    for (int g = 0; g < GROUP; g++) {
      float highest = maximum[g];
#pragma unroll
      for (int r = 0; r < ROWS; r++) {
        highest = fmaxf(highest, logits[r][g]);
      }
      const float kept = highest == -VARVE_INFINITY ? 1.0f : expOf(maximum[g] - highest);
      maximum[g] = highest;
      sum[g] *= kept;
#pragma unroll
      for (int i = 0; i < PIECE; i++) {
        output[g][i] *= kept;
      }
#pragma unroll
      for (int r = 0; r < ROWS; r++) {
        logits[r][g] = highest == -VARVE_INFINITY ? 0.0f : expOf(logits[r][g] - highest);
        sum[g] += logits[r][g];
      }
    }
#pragma unroll
    for (int r = 0; r < ROWS; r++) {
      float value[PIECE];
      widenPiece<TYPE>(values[r], value);
#pragma unroll
      for (int g = 0; g < GROUP; g++) {
#pragma unroll
        for (int i = 0; i < PIECE; i++) {
          output[g][i] += logits[r][g] * value[i];
        }
      }
    }
  }

#pragma unroll
  for (int g = 0; g < GROUP; g++) {
#pragma unroll
    for (int i = 0; i < PIECE; i++) {
      outputs[team][g][lane * PIECE + i] = output[g][i];
    }
    if (lane == 0) {
      maxima[team][g] = maximum[g];
      sums[team][g] = sum[g];
    }
  }
  __syncthreads();
  for (int at = threadIdx.x; at < GROUP * DIM; at += blockDim.x) {
    const int g = at / DIM;
    const int i = at % DIM;
    if ((uint32_t)g >= queries) {
      break;
    }
    float highest = -VARVE_INFINITY;
    for (int t = 0; t < TEAMS; t++) {
      highest = fmaxf(highest, maxima[t][g]);
    }
    float total = 0;
    float value = 0;
    for (int t = 0; t < TEAMS && highest != -VARVE_INFINITY; t++) {
      const float weight = expOf(maxima[t][g] - highest);
      total += weight * sums[t][g];
      value += weight * outputs[t][g][i];
    }
    const uint64_t vector = (uint64_t)sequence * queryHeads + head * group + firstQuery + g;
    const uint64_t to = vector * splits + split;
    partials[to * DIM + i] = total > 0 ? value / total : 0.0f;
    if (i == 0) {
      lse[to] = total > 0 ? highest + logf(total) : -VARVE_INFINITY;
    }
  }
}

#define ATTENTION(name, TYPE, DIM, GROUP)                                                                             \
  extern "C" __global__ void __launch_bounds__(128) name(                                                             \
      const uint64_t *blocks, const uint32_t *firstBlock, const uint32_t *tokens, const uint32_t *positions,          \
      const uint32_t *ranges, const float *bias, const float *queries, float *partials, float *lse,                   \
      uint64_t valuesOffset, uint32_t kvHeads, uint32_t group, uint32_t blockShift, float scale, float cap) {         \
    attendSplit<TYPE, DIM, GROUP>(blocks, firstBlock, tokens, positions, ranges, bias, queries, partials, lse,        \
                                  valuesOffset, kvHeads, group, blockShift, scale, cap);                              \
  }                                                                                                                   \
  VARVE_KERNEL(name)

ATTENTION(attention_f16_64_4, F16, 64, 4)
ATTENTION(attention_f16_128_1, F16, 128, 1)
ATTENTION(attention_f16_128_4, F16, 128, 4)
ATTENTION(attention_bf16_64_4, BF16, 64, 4)
ATTENTION(attention_bf16_128_1, BF16, 128, 1)
ATTENTION(attention_bf16_128_4, BF16, 128, 4)

/** Folds the splits of one query head of one sequence; a thread for each element of the output. */
extern "C" __global__ void attention_merge(const float *partials, const float *lse, float *out, float *outLse,
                                           uint32_t dim, uint32_t splits) {
  const uint64_t query = (uint64_t)blockIdx.y * gridDim.x + blockIdx.x;
  const float *from = lse + query * splits;
  float highest = -VARVE_INFINITY;
  for (uint32_t s = 0; s < splits; s++) {
    highest = fmaxf(highest, from[s]);
  }
  for (uint32_t i = threadIdx.x; i < dim; i += blockDim.x) {
    float total = 0;
    float value = 0;
    for (uint32_t s = 0; s < splits && highest != -VARVE_INFINITY; s++) {
      const float weight = expOf(from[s] - highest);
      total += weight;
      value += weight * partials[(query * splits + s) * dim + i];
    }
    out[query * dim + i] = total > 0 ? value / total : 0.0f;
    if (i == 0) {
      outLse[query] = total > 0 ? highest + logf(total) : -VARVE_INFINITY;
    }
  }
}
VARVE_KERNEL(attention_merge)
