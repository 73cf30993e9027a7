// What a launch costs a caller in C: the same kernel size as varve bench gpu starts, not waited for.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

__global__ void nothing(const float *from, float *to, unsigned count, unsigned window) {
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < count) {
    to[i] = from[i] + window;
  }
}

int main() {
  float *from;
  float *to;
  cudaStream_t stream;
  if (cudaMalloc(&from, 4096) != cudaSuccess || cudaMalloc(&to, 4096) != cudaSuccess ||
      cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking) != cudaSuccess) {
    return 1;
  }
  std::vector<double> times;
  for (int repeat = 0; repeat < 55; repeat++) {
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < 1000; i++) {
      nothing<<<1, 256, 0, stream>>>(from, to, 32, 1);
    }
    const auto end = std::chrono::steady_clock::now();
    cudaStreamSynchronize(stream);
    if (repeat >= 5) {
      times.push_back(std::chrono::duration<double, std::micro>(end - begin).count() / 1000);
    }
  }
  std::sort(times.begin(), times.end());
  printf("launch\t%.4f\n", times[times.size() / 2]);
  return cudaGetLastError() == cudaSuccess ? 0 : 1;
}
