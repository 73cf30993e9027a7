// The words of the CUDA language on a processor: one fibre a CUDA thread, one thread block at a time, on one thread of the
// machine, so that runs repeat to the bit. Barriers and shuffles switch fibres; a barrier that some of its threads never
// reach is an error and no hang.
#pragma once

#include <setjmp.h>
#include <ucontext.h>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#define __device__
#define __global__
#define __host__
#define __noinline__ __attribute__((noinline))
#define __shared__ static
#define __launch_bounds__(...)

struct Index {
  unsigned x, y, z;
};
struct uint2 {
  unsigned x, y;
};
struct alignas(16) uint4 {
  unsigned x, y, z, w;
};

inline Index threadIdx, blockIdx, blockDim, gridDim;

namespace emulation {

inline float bitsToFloat(uint32_t bits) {
  float value;
  memcpy(&value, &bits, 4);
  return value;
}

inline uint32_t floatToBits(float value) {
  uint32_t bits;
  memcpy(&bits, &value, 4);
  return bits;
}

inline float halfToFloat(uint16_t bits) {
  _Float16 half;
  memcpy(&half, &bits, 2);
  return (float)half;
}

inline uint16_t floatToHalf(float value) {
  const _Float16 half = (_Float16)value;
  uint16_t bits;
  memcpy(&bits, &half, 2);
  return bits;
}

struct Barrier {
  int arrived = 0;
  unsigned generation = 0;
};

/** Entered once through its context; afterwards jumps change stacks, which ask nothing of the system. */
struct Fiber {
  ucontext_t context;
  jmp_buf place;
  bool entered = false;
  bool over = false;
};

constexpr size_t STACK = 64 << 10;
constexpr int MOST = 1024;

inline std::vector<Fiber> fibers(MOST);
inline std::vector<char> stacks;
inline ucontext_t scheduler;
inline jmp_buf schedulerPlace;
inline int current, running;
inline long progress;
inline Barrier whole;
inline std::map<std::pair<int, unsigned>, Barrier> parts;
inline uint64_t lanes[MOST];
inline std::function<void()> body;

__attribute__((noinline)) inline void yieldToOthers() {
  if (_setjmp(fibers[current].place) == 0) {
    _longjmp(schedulerPlace, 1);
  }
}

__attribute__((noinline)) inline void resume(Fiber &fiber) {
  if (_setjmp(schedulerPlace) == 0) {
    if (fiber.entered) {
      _longjmp(fiber.place, 1);
    }
    fiber.entered = true;
    setcontext(&fiber.context);
  }
}

inline void meet(Barrier &barrier, int expected) {
  const unsigned generation = barrier.generation;
  if (++barrier.arrived >= expected) {
    barrier.arrived = 0;
    barrier.generation++;
    progress++;
    return;
  }
  while (barrier.generation == generation) {
    yieldToOthers();
  }
}

inline void meetWarp(unsigned mask) {
  const int inWarp = running - current / 32 * 32 < 32 ? running - current / 32 * 32 : 32;
  const unsigned there = inWarp == 32 ? mask : mask & ((1u << inWarp) - 1);
  meet(parts[{current / 32, mask}], __builtin_popcount(there));
}

template <class T>
T exchange(unsigned mask, T value, int from) {
  static_assert(sizeof(T) <= 8, "a lane holds 8 bytes");
  memcpy(&lanes[current], &value, sizeof(T));
  meetWarp(mask);
  T other;
  memcpy(&other, &lanes[current / 32 * 32 + from], sizeof(T));
  meetWarp(mask);
  return other;
}

inline void enter() {
  body();
  fibers[current].over = true;
  progress++;
  yieldToOthers();
}

inline bool runBlock(int threads) {
  stacks.resize(STACK * MOST);
  running = threads;
  whole = Barrier();
  parts.clear();
  for (int t = 0; t < threads; t++) {
    Fiber &fiber = fibers[t];
    fiber.over = false;
    fiber.entered = false;
    getcontext(&fiber.context);
    fiber.context.uc_stack.ss_sp = stacks.data() + STACK * t;
    fiber.context.uc_stack.ss_size = STACK;
    fiber.context.uc_link = &scheduler;
    makecontext(&fiber.context, enter, 0);
  }
  for (int left = threads; left > 0;) {
    const long before = progress;
    for (int t = 0; t < threads; t++) {
      if (!fibers[t].over) {
        current = t;
        threadIdx = {(unsigned)t, 0, 0};
        resume(fibers[t]);
        if (fibers[t].over) {
          left--;
        }
      }
    }
    if (progress == before) {
      return false;
    }
  }
  return true;
}

using Kernel = std::function<void(const uint64_t *)>;

inline std::map<std::string, Kernel> &kernels() {
  static std::map<std::string, Kernel> all;
  return all;
}

template <class T>
T argument(const uint64_t *values, size_t index) {
  T value;
  memcpy(&value, values + index, sizeof(T));
  return value;
}

template <class... A, size_t... I>
Kernel wrap(void (*kernel)(A...), std::index_sequence<I...>) {
  return [kernel](const uint64_t *values) { kernel(argument<A>(values, I)...); };
}

template <class... A>
bool add(const char *name, void (*kernel)(A...)) {
  kernels()[name] = wrap(kernel, std::index_sequence_for<A...>{});
  return true;
}

}  // namespace emulation

#define VARVE_KERNEL(name) static const bool registered_##name = emulation::add(#name, &name);

inline void __syncthreads() { emulation::meet(emulation::whole, emulation::running); }
inline void __syncwarp(unsigned mask = 0xffffffffu) { emulation::meetWarp(mask); }

template <class T>
T __shfl_xor_sync(unsigned mask, T value, int offset) {
  return emulation::exchange(mask, value, emulation::current % 32 ^ offset);
}

template <class T>
T __shfl_up_sync(unsigned mask, T value, int offset) {
  const int lane = emulation::current % 32;
  return emulation::exchange(mask, value, lane >= offset ? lane - offset : lane);
}

inline unsigned __ballot_sync(unsigned mask, bool yes) {
  emulation::lanes[emulation::current] = yes;
  emulation::meetWarp(mask);
  unsigned all = 0;
  for (int lane = 0; lane < 32; lane++) {
    const int thread = emulation::current / 32 * 32 + lane;
    if (thread < emulation::running && (mask >> lane & 1) != 0 && emulation::lanes[thread] != 0) {
      all |= 1u << lane;
    }
  }
  emulation::meetWarp(mask);
  return all;
}

inline unsigned atomicAdd(unsigned *at, unsigned value) {
  const unsigned before = *at;
  *at += value;
  return before;
}

inline int __popc(unsigned bits) { return __builtin_popcount(bits); }
inline float __fmul_rn(float a, float b) { return a * b; }
inline float __fadd_rn(float a, float b) { return a + b; }
