// Runs every family of kernels at awkward sizes, for compute-sanitizer: the answers are checked by the tests, here only
// that memory is read and written where it may be.
#include "attention.cu"
#include "gather.cu"
#include "quantize.cu"
#include "scores.cu"
#include "topk.cu"

#include <cstdio>
#include <vector>

template <class T>
static T *device(const std::vector<T> &values) {
  T *at;
  cudaMalloc(&at, values.size() * sizeof(T));
  cudaMemcpy(at, values.data(), values.size() * sizeof(T), cudaMemcpyHostToDevice);
  return at;
}

static int checked(const char *what) {
  const cudaError_t launched = cudaGetLastError();
  const cudaError_t ran = cudaDeviceSynchronize();
  printf("%s: %s, %s\n", what, cudaGetErrorString(launched), cudaGetErrorString(ran));
  return launched == cudaSuccess && ran == cudaSuccess ? 0 : 1;
}

int main() {
  const uint32_t heads = 2, group = 5, tokens = 97, dim = 128, splits = 3;
  const uint64_t valuesOffset = (uint64_t)heads * 32 * dim * 2;
  std::vector<uint64_t> blocks;
  for (int b = 0; b < 4; b++) {
    blocks.push_back((uint64_t)device(std::vector<uint16_t>(heads * 32 * dim * 2, 0x2e66)));
  }
  const uint64_t *table = device(blocks);
  const uint32_t *first = device(std::vector<uint32_t>{0});
  const uint32_t *lengths = device(std::vector<uint32_t>{tokens});
  const float *queries = device(std::vector<float>(heads * group * dim, 0.1f));
  float *partials = device(std::vector<float>(heads * group * splits * dim));
  float *lse = device(std::vector<float>(heads * group * splits));
  float *out = device(std::vector<float>(heads * group * dim));
  float *outLse = device(std::vector<float>(heads * group));
  const uint32_t *positions = device(std::vector<uint32_t>{0, 5, 31, 32, 96, 1, 95});
  const uint32_t *ranges = device(std::vector<uint32_t>{0, 5, 7});
  const float *bias = device(std::vector<float>(7, 0.5f));
  int bad = 0;
  attention_f16_128_4<<<dim3(splits, heads * 2, 1), 128>>>(table, first, lengths, nullptr, nullptr, nullptr, queries,
                                                           partials, lse, valuesOffset, heads, group, 5, 0.1f, 0.0f);
  attention_merge<<<dim3(heads * group, 1), dim>>>(partials, lse, out, outLse, dim, splits);
  bad += checked("attention");
  attention_bf16_128_4<<<dim3(splits, heads * 2, 1), 128>>>(table, first, lengths, positions, ranges, bias, queries,
                                                            partials, lse, valuesOffset, heads, group, 5, 0.1f, 2.0f);
  bad += checked("attention over a selection");
  float *scores = device(std::vector<float>(heads * group * tokens));
  score_keys_f16_128_4<<<dim3(2, heads * 2), 128>>>(table, queries, scores, tokens, group, 5);
  float *maxima = device(std::vector<float>(heads * group * 4));
  float *sums = device(std::vector<float>(heads * group * 4));
  float *votes = device(std::vector<float>(heads * tokens));
  softmax_pieces<<<dim3(4, heads * group), 256>>>(scores, nullptr, maxima, sums, tokens, 0.1f);
  softmax_rows<<<1, 128>>>(maxima, sums, lse, heads * group, 4);
  soft_votes<<<dim3(1, heads), 256>>>(scores, lse, nullptr, votes, tokens, group, 0.1f);
  float *pooled = device(std::vector<float>(heads * tokens));
  max_pool<<<dim3(1, heads), 256>>>(votes, pooled, tokens, 7);
  bad += checked("scores");
  uint32_t *places = device(std::vector<uint32_t>(heads * 30));
  top_k<<<heads, 1024>>>(pooled, places, tokens, 30);
  bad += checked("top-k");
  uint8_t *keys = device(std::vector<uint8_t>(7 * dim * 2));
  uint8_t *values = device(std::vector<uint8_t>(7 * dim * 2));
  gather_selection<<<dim3(1, heads), 256>>>(table, positions, ranges, keys, values, valuesOffset, dim * 2, 5);
  place_rows<<<dim3(1, heads), 256>>>(keys, values, dim * 2, dim * 6, dim * 4, dim * 2, 3, dim * 2);
  bad += checked("gather");
  uint8_t *codes = device(std::vector<uint8_t>(7 * dim / 2));
  uint16_t *parameters = device(std::vector<uint16_t>(7 * 4 * 2));
  float *back = device(std::vector<float>(7 * dim));
  quantize_rows_f16<<<7, 128>>>(keys, codes, parameters, dim, 32, 4, 0);
  dequantize_rows<<<7, 128>>>(codes, parameters, back, dim, 32, 4, 0);
  bad += checked("quantize");
  return bad;
}
