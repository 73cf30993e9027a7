// Scores of keys, pages and centroids for the queries of a step, and votes made of them.
#include "common.cuh"

/**
 * Dot products of one KV head's queries with paged keys: out[kvHead][g][token]. Sixteen lanes share a
 * key; a block along y has up to GROUP queries.
 */
template <int TYPE, int DIM, int GROUP>
__device__ inline void scoreKeys(const uint64_t *blocks, const float *queries, float *out, uint32_t tokens,
                                 uint32_t group, uint32_t blockShift) {
  constexpr int PIECE = DIM / 16;
  constexpr int TEAMS = 8;
  constexpr int ROWS = 4;
  const int team = threadIdx.x / 16;
  const int lane = threadIdx.x % 16;
  const unsigned mask = 0xffffu << (16 * (team % 2));
  const uint32_t parts = (group + GROUP - 1) / GROUP;
  const uint32_t head = blockIdx.y / parts;
  const uint32_t firstQuery = blockIdx.y % parts * GROUP;
  const uint32_t firstVector = head * group + firstQuery;
  const uint32_t wanted = group - firstQuery < GROUP ? group - firstQuery : GROUP;

  float query[GROUP][PIECE];
  loadVectors<DIM>(queries, firstVector, wanted, lane, query);
  const uint32_t step = gridDim.x * TEAMS * ROWS;
  for (uint32_t token = (blockIdx.x * TEAMS + team) * ROWS; token < tokens; token += step) {
    RowPiece<DIM> keys[ROWS];
#pragma unroll
    for (int r = 0; r < ROWS; r++) {
      if (token + r < tokens) {
        const uint8_t *block = (const uint8_t *)blocks[(token + r) >> blockShift];
        keys[r].load(block + rowOffset<DIM>(head, token + r, blockShift), lane);
      } else {
        keys[r].clear();
      }
    }
#pragma unroll
    for (int r = 0; r < ROWS; r++) {
      float key[PIECE];
      widenPiece<TYPE>(keys[r], key);
#pragma unroll
      for (int g = 0; g < GROUP; g++) {
        const float dot = dotOver16(mask, query[g], key);
        if (lane == g && token + r < tokens && (uint32_t)g < wanted) {
          out[(uint64_t)(firstVector + g) * tokens + token + r] = dot;
        }
      }
    }
  }
}

#define SCORE_KEYS(name, TYPE, DIM, GROUP)                                                                            \
  extern "C" __global__ void __launch_bounds__(128, 4)                                                                \
      name(const uint64_t *blocks, const float *queries, float *out, uint32_t tokens, uint32_t group,                 \
           uint32_t blockShift) {                                                                                     \
    scoreKeys<TYPE, DIM, GROUP>(blocks, queries, out, tokens, group, blockShift);                                     \
  }                                                                                                                   \
  VARVE_KERNEL(name)

SCORE_KEYS(score_keys_f16_64_4, F16, 64, 4)
SCORE_KEYS(score_keys_f16_128_1, F16, 128, 1)
SCORE_KEYS(score_keys_f16_128_4, F16, 128, 4)
SCORE_KEYS(score_keys_bf16_64_4, BF16, 64, 4)
SCORE_KEYS(score_keys_bf16_128_1, BF16, 128, 1)
SCORE_KEYS(score_keys_bf16_128_4, BF16, 128, 4)

/**
 * Dot products of stored rows with the vectors of their head, one warp a row: summaries of pages, centroids. The vectors
 * of a group become one score by their largest (1) or their sum (2), or stay apart (0).
 */
template <int TYPE>
__device__ inline void scoreRows(const uint8_t *rows, const float *vectors, float *out, uint32_t count,
                                 uint32_t columns, uint32_t group, uint32_t reduction) {
  const uint32_t lane = threadIdx.x % 32;
  const uint32_t warps = blockDim.x / 32;
  const uint32_t head = blockIdx.y;
  const uint64_t rowBytes = (uint64_t)columns * (TYPE == F32 ? 4 : 2);
  for (uint32_t row = blockIdx.x * warps + threadIdx.x / 32; row < count; row += gridDim.x * warps) {
    const uint8_t *at = rows + ((uint64_t)head * count + row) * rowBytes;
    float reduced = 0;
    for (uint32_t g = 0; g < group; g++) {
      const float *vector = vectors + ((uint64_t)head * group + g) * columns;
      float dot = 0;
      for (uint32_t i = lane; i < columns; i += 32) {
        dot += element<TYPE>(at, i) * vector[i];
      }
      dot = sumOverWarp(dot);
      if (reduction == 0) {
        if (lane == 0) {
          out[((uint64_t)head * group + g) * count + row] = dot;
        }
      } else {
        reduced = g == 0 ? dot : reduction == 1 ? fmaxf(reduced, dot) : reduced + dot;
      }
    }
    if (reduction != 0 && lane == 0) {
      out[(uint64_t)head * count + row] = reduced;
    }
  }
}

#define SCORE_ROWS(name, TYPE)                                                                                        \
  extern "C" __global__ void __launch_bounds__(128) name(const uint8_t *rows, const float *vectors, float *out,       \
                                                         uint32_t count, uint32_t columns, uint32_t group,            \
                                                         uint32_t reduction) {                                        \
    scoreRows<TYPE>(rows, vectors, out, count, columns, group, reduction);                                            \
  }                                                                                                                   \
  VARVE_KERNEL(name)

SCORE_ROWS(score_rows_f16, F16)
SCORE_ROWS(score_rows_bf16, BF16)
SCORE_ROWS(score_rows_f32, F32)

/**
 * Dot products of queries with keys kept as codes of 4 or 8 bits, one warp a row. Rows of 4-bit codes are planar: byte i
 * holds code i and code i + columns / 2. The vectors are already multiplied by the scales, and constants hold the dot
 * products with the zeros: out = code . vector + constant.
 */
extern "C" __global__ void __launch_bounds__(128)
    score_codes(const uint8_t *codes, const float *vectors, const float *constants, float *out, uint32_t count,
                uint32_t columns, uint32_t group, uint32_t bits) {
  const uint32_t lane = threadIdx.x % 32;
  const uint32_t warps = blockDim.x / 32;
  const uint32_t head = blockIdx.y;
  const uint32_t rowBytes = columns * bits / 8;
  for (uint32_t row = blockIdx.x * warps + threadIdx.x / 32; row < count; row += gridDim.x * warps) {
    const uint8_t *at = codes + ((uint64_t)head * count + row) * rowBytes;
    for (uint32_t g = 0; g < group; g++) {
      const float *vector = vectors + ((uint64_t)head * group + g) * columns;
      float dot = 0;
      for (uint32_t i = lane; i < rowBytes; i += 32) {
        const uint8_t code = at[i];
        if (bits == 8) {
          dot += (float)(int8_t)code * vector[i];
        } else {
          dot += (float)(code & 15) * vector[i] + (float)(code >> 4) * vector[i + rowBytes];
        }
      }
      dot = sumOverWarp(dot);
      if (lane == 0) {
        out[((uint64_t)head * group + g) * count + row] = dot + constants[head * group + g];
      }
    }
  }
}
VARVE_KERNEL(score_codes)

/**
 * The largest logit of a piece of a row of scores and the sum of exp(logit - largest), a thread block a piece. Row r sees
 * its first visible[r] scores, or all.
 */
extern "C" __global__ void __launch_bounds__(256)
    softmax_pieces(const float *scores, const uint32_t *visible, float *maxima, float *sums, uint32_t count,
                   float scale) {
  __shared__ float warpValues[8];
  const uint32_t row = blockIdx.y;
  const uint32_t piece = blockIdx.x;
  const uint32_t seen = visible == nullptr ? count : visible[row];
  const uint32_t begin = (uint32_t)((uint64_t)count * piece / gridDim.x);
  uint32_t end = (uint32_t)((uint64_t)count * (piece + 1) / gridDim.x);
  end = end < seen ? end : seen;
  const float *from = scores + (uint64_t)row * count;
  float highest = -VARVE_INFINITY;
  for (uint32_t i = begin + threadIdx.x; i < end; i += blockDim.x) {
    highest = fmaxf(highest, scale * from[i]);
  }
  highest = maxOverWarp(highest);
  if (threadIdx.x % 32 == 0) {
    warpValues[threadIdx.x / 32] = highest;
  }
  __syncthreads();
  for (uint32_t w = 0; w < blockDim.x / 32; w++) {
    highest = fmaxf(highest, warpValues[w]);
  }
  __syncthreads();
  float sum = 0;
  for (uint32_t i = begin + threadIdx.x; i < end; i += blockDim.x) {
    sum += expOf(scale * from[i] - highest);
  }
  sum = sumOverWarp(sum);
  if (threadIdx.x % 32 == 0) {
    warpValues[threadIdx.x / 32] = sum;
  }
  __syncthreads();
  if (threadIdx.x == 0) {
    sum = 0;
    for (uint32_t w = 0; w < blockDim.x / 32; w++) {
      sum += warpValues[w];
    }
    maxima[(uint64_t)row * gridDim.x + piece] = highest;
    sums[(uint64_t)row * gridDim.x + piece] = sum;
  }
}
VARVE_KERNEL(softmax_pieces)

/** The log-sum-exp of each row from its pieces; a thread a row. */
extern "C" __global__ void softmax_rows(const float *maxima, const float *sums, float *lse, uint32_t rows,
                                        uint32_t pieces) {
  const uint32_t row = blockIdx.x * blockDim.x + threadIdx.x;
  if (row >= rows) {
    return;
  }
  float highest = -VARVE_INFINITY;
  for (uint32_t p = 0; p < pieces; p++) {
    highest = fmaxf(highest, maxima[(uint64_t)row * pieces + p]);
  }
  float sum = 0;
  for (uint32_t p = 0; p < pieces && highest != -VARVE_INFINITY; p++) {
    sum += sums[(uint64_t)row * pieces + p] * expOf(maxima[(uint64_t)row * pieces + p] - highest);
  }
  lse[row] = sum > 0 ? highest + logf(sum) : -VARVE_INFINITY;
}
VARVE_KERNEL(softmax_rows)

/**
 * Votes: every row shares out one vote over the scores it sees, and the votes of the rows of a group are added:
 * out[group][i]. TokenSelect's soft vote has one group of all heads (Wu et al., 2025); SnapKV's window has a group for
 * each KV head, with the queries of the window as rows (Li et al., 2024).
 */
extern "C" __global__ void __launch_bounds__(256)
    soft_votes(const float *scores, const float *lse, const uint32_t *visible, float *votes, uint32_t count,
               uint32_t rows, float scale) {
  const uint32_t group = blockIdx.y;
  for (uint32_t i = blockIdx.x * blockDim.x + threadIdx.x; i < count; i += gridDim.x * blockDim.x) {
    float vote = 0;
    for (uint32_t r = 0; r < rows; r++) {
      const uint32_t row = group * rows + r;
      const uint32_t seen = visible == nullptr ? count : visible[row];
      if (i < seen) {
        vote += expOf(scale * scores[(uint64_t)row * count + i] - lse[row]);
      }
    }
    votes[(uint64_t)group * count + i] = vote;
  }
}
VARVE_KERNEL(soft_votes)

/** The largest score of the window around each; windows are cut off at the ends. */
extern "C" __global__ void __launch_bounds__(256)
    max_pool(const float *scores, float *pooled, uint32_t count, uint32_t window) {
  const float *from = scores + (uint64_t)blockIdx.y * count;
  const uint32_t half = window / 2;
  for (uint32_t i = blockIdx.x * blockDim.x + threadIdx.x; i < count; i += gridDim.x * blockDim.x) {
    const uint32_t begin = i < half ? 0 : i - half;
    const uint32_t end = i + half + 1 < count ? i + half + 1 : count;
    float largest = from[i];
    for (uint32_t j = begin; j < end; j++) {
      largest = fmaxf(largest, from[j]);
    }
    pooled[(uint64_t)blockIdx.y * count + i] = largest;
  }
}
VARVE_KERNEL(max_pool)

/** The assignment step of k-means: the centre with the largest dot product less half its square; a warp a vector. */
extern "C" __global__ void __launch_bounds__(128)
    assign_centres(const float *vectors, const float *centres, const float *halfSquares, uint32_t *labels,
                   uint32_t *changes, uint32_t count, uint32_t clusters, uint32_t dim) {
  const uint32_t lane = threadIdx.x % 32;
  const uint32_t warps = blockDim.x / 32;
  for (uint32_t v = blockIdx.x * warps + threadIdx.x / 32; v < count; v += gridDim.x * warps) {
    float best = -VARVE_INFINITY;
    uint32_t label = 0;
    for (uint32_t c = 0; c < clusters; c++) {
      float dot = 0;
      for (uint32_t i = lane; i < dim; i += 32) {
        dot += vectors[(uint64_t)v * dim + i] * centres[(uint64_t)c * dim + i];
      }
      dot = sumOverWarp(dot) - halfSquares[c];
      if (dot > best) {
        best = dot;
        label = c;
      }
    }
    if (lane == 0) {
      if (labels[v] != label) {
        atomicAdd(changes, 1u);
      }
      labels[v] = label;
    }
  }
}
VARVE_KERNEL(assign_centres)
