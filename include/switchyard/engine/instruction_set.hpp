#pragma once

#include <string_view>
#include <vector>

namespace switchyard {

/// What a kernel may be compiled for, the least first; each includes those before it. `portable` is plain C++ and what
/// every other processor than x86-64 takes.
enum class InstructionSet {
  portable,
  sse2,    // what every x86-64 has
  avx2,    // AVX2 with FMA and BMI2
  avx512,  // AVX-512 F, BW, DQ, VL and VBMI
};

[[nodiscard]] constexpr std::string_view name_of(InstructionSet set) noexcept {
  switch (set) {
    case InstructionSet::portable: return "portable";
    case InstructionSet::sse2: return "sse2";
    case InstructionSet::avx2: return "avx2";
    case InstructionSet::avx512: return "avx512";
  }
  return "unknown";
}

/// The best that this processor and its operating system offer. Asks the processor: call it once, when a model is
/// compiled, never per row.
[[nodiscard]] inline InstructionSet best_instruction_set() noexcept {
#if defined(__x86_64__)
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
  const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
                      __builtin_cpu_supports("avx512vbmi");
  if (avx2 && avx512) return InstructionSet::avx512;
  return avx2 ? InstructionSet::avx2 : InstructionSet::sse2;
#else
  return InstructionSet::portable;
#endif
}

/// All that this processor has, `portable` first: what a test compares.
[[nodiscard]] inline std::vector<InstructionSet> available_instruction_sets() {
  std::vector<InstructionSet> sets;
  for (const InstructionSet set :
       {InstructionSet::portable, InstructionSet::sse2, InstructionSet::avx2, InstructionSet::avx512}) {
    if (set <= best_instruction_set()) sets.push_back(set);
  }
  return sets;
}

}  // namespace switchyard
