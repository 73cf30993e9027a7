// All kernels in one library for the processor.
#include "attention.cu"
#include "gather.cu"
#include "quantize.cu"
#include "rans.cu"
#include "scores.cu"
#include "topk.cu"

extern "C" int varve_has(const char *name) { return emulation::kernels().count(name) != 0; }

/** Returns 0, 1 where there is no such kernel, 2 where its threads wait for each other for ever. */
extern "C" int varve_run(const char *name, unsigned x, unsigned y, unsigned z, unsigned threads,
                         const uint64_t *values) {
  const auto found = emulation::kernels().find(name);
  if (found == emulation::kernels().end()) {
    return 1;
  }
  gridDim = {x, y, z};
  blockDim = {threads, 1, 1};
  emulation::body = [&] { found->second(values); };
  for (blockIdx.z = 0; blockIdx.z < z; blockIdx.z++) {
    for (blockIdx.y = 0; blockIdx.y < y; blockIdx.y++) {
      for (blockIdx.x = 0; blockIdx.x < x; blockIdx.x++) {
        if (!emulation::runBlock((int)threads)) {
          return 2;
        }
      }
    }
  }
  return 0;
}
