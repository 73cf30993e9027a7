// Decodes streams of interleaved rANS states (Giesen, 2014): one warp a stream, a lane a state, two where there are 64.
#include "common.cuh"

#define RANS_START (1u << 15)
#define RANS_MOST_STATES 64

/** Place in a round of the symbol of a state: the halves of a group of 32 share even and odd places. */
__device__ inline uint32_t placeOf(uint32_t state, uint32_t states) {
  const uint32_t group = states < 32 ? states : 32;
  const uint32_t half = group / 2;
  const uint32_t within = state % group;
  return state - within + (within < half || half == 0 ? 2 * within : 2 * (within - half) + 1);
}

/**
 * Stream s: its states and words begin at byte offsets[s] of data and end at offsets[s + 1]; it has runs[s] runs of
 * lengths[s] symbols, which go to target from targets[s] on. Run r of it is coded with the table of 4096 slots at
 * tables + 4096 * tableOf[firstRun[s] + r]. A stream that is damaged leaves a 1 in failed[s]; what it wrote lies within
 * its place.
 */
extern "C" __global__ void __launch_bounds__(32)
    decode_rans(const uint8_t *data, const uint64_t *offsets, const uint32_t *runs, const uint32_t *lengths,
                const uint32_t *firstRun, const uint64_t *targets, const uint32_t *tables, const uint32_t *tableOf,
                uint8_t *target, uint32_t *failed, uint32_t states) {
  __shared__ uint32_t table[4096];
  const uint32_t stream = blockIdx.x;
  const uint32_t lane = threadIdx.x;
  const uint32_t lanesBelow = (1u << lane) - 1;
  const uint64_t begin = offsets[stream];
  const uint64_t end = offsets[stream + 1];
  const uint32_t length = lengths[stream];
  if (end < begin + 4 * (uint64_t)states || ((end - begin) & 1) != 0) {
    if (lane == 0) {
      failed[stream] = 1;
    }
    return;
  }
  const uint32_t sets = states > 32 ? 2 : 1;
  uint32_t state[2];
  bool good = true;
  for (uint32_t s = 0; s < 2; s++) {
    const uint32_t number = lane + 32 * s;
    state[s] = RANS_START;
    if (number < states) {
      const uint8_t *at = data + begin + 4 * (uint64_t)number;
      state[s] = at[0] | at[1] << 8 | at[2] << 16 | (uint32_t)at[3] << 24;
      good = good && state[s] >= RANS_START && state[s] < 0x80000000u;
    }
  }
  uint64_t position = begin + 4 * (uint64_t)states;
  if (__ballot_sync(0xffffffffu, good) != 0xffffffffu) {
    if (lane == 0) {
      failed[stream] = 1;
    }
    return;
  }
  uint32_t loaded = 0xffffffffu;
  for (uint32_t run = 0; run < runs[stream] && position <= end; run++) {
    uint8_t *out = target + targets[stream] + (uint64_t)run * length;
    const uint32_t wanted = tableOf[firstRun[stream] + run];
    if (wanted != loaded) {
      __syncwarp();
      for (uint32_t i = lane; i < 4096; i += 32) {
        table[i] = tables[4096 * (uint64_t)wanted + i];
      }
      __syncwarp();
      loaded = wanted;
    }
    for (uint32_t round = 0; round < length && position <= end; round += states) {
      for (uint32_t s = 0; s < sets; s++) {
        const uint32_t number = lane + 32 * s;
        const uint32_t place = round + placeOf(number < states ? number : 0, states);
        const bool active = number < states && place < length;
        uint32_t x = state[s];
        bool refill = false;
        if (active) {
          const uint32_t entry = table[x & 4095];
          out[place] = (uint8_t)entry;
          x = ((entry >> 20) + 1) * (x >> 12) + (entry >> 8 & 4095);
          refill = x < RANS_START;
        }
        const uint32_t needing = __ballot_sync(0xffffffffu, refill);
        if (refill) {
          const uint64_t at = position + 2 * __popc(needing & lanesBelow);
          const uint32_t word = at + 2 <= end ? data[at] | data[at + 1] << 8 : 0;
          x = x << 16 | word;
        }
        state[s] = x;
        position += 2 * __popc(needing);
      }
    }
  }
  good = position == end && state[0] == RANS_START && state[1] == RANS_START;
  const bool finished = __ballot_sync(0xffffffffu, good) == 0xffffffffu;
  if (lane == 0) {
    failed[stream] = finished ? 0 : 1;
  }
}
VARVE_KERNEL(decode_rans)
