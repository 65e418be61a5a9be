// SPDX-License-Identifier: GPL-3.0-or-later
// The calls of oneDNN that differ between version 2 (Debian 12) and version 3 (Debian 13), and what
// holds for all calls: one thread, and no slow implementation.
#pragma once

#include <oneapi/dnnl/dnnl.hpp>
#include <string_view>

// OpenMP of the calling thread; <omp.h> is the compiler's and clang has none for Debian's oneDNN.
extern "C" {
int omp_get_max_threads(void);
void omp_set_num_threads(int count);
}

namespace osteon::onednn {

using Tag = dnnl::memory::format_tag;
using Type = dnnl::memory::data_type;

// A layer is never divided among threads: they would wait for each other forty times per slice, and
// the callers have slices for all of them.
class OneThread {
 public:
  OneThread() : before_(omp_get_max_threads()) { omp_set_num_threads(1); }
  ~OneThread() { omp_set_num_threads(before_); }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  int before_;
};

// Thrown where oneDNN's own errors are, and caught with them.
struct TooSlow {};

template <typename Description>
Description Fast(Description description) {
  // The reference implementations of oneDNN take a hundred times as long.
  const std::string_view name = description.impl_info_str();
  if (name.starts_with("ref") || name.starts_with("simple")) throw TooSlow();
  return description;
}

inline constexpr auto kForward = dnnl::prop_kind::forward_inference;

inline void AppendEltwise(dnnl::post_ops& ops, dnnl::algorithm algorithm, float alpha) {
#if DNNL_VERSION_MAJOR < 3
  ops.append_eltwise(1, algorithm, alpha, 0);
#else
  ops.append_eltwise(algorithm, alpha, 0);
#endif
}

inline dnnl::convolution_forward::primitive_desc Convolve(
    const dnnl::engine& engine, const dnnl::memory::desc& source, const dnnl::memory::desc& weights,
    const dnnl::memory::desc& bias, const dnnl::memory::desc& target, int padding,
    const dnnl::primitive_attr& attributes) {
  using dnnl::convolution_forward;
  const auto direct = dnnl::algorithm::convolution_direct;
#if DNNL_VERSION_MAJOR < 3
  return {convolution_forward::desc(kForward, direct, source, weights, bias, target, {1, 1},
                                    {padding, padding}, {padding, padding}),
          attributes, engine};
#else
  return convolution_forward::primitive_desc(engine, kForward, direct, source, weights, bias,
                                             target, {1, 1}, {padding, padding}, {padding, padding},
                                             attributes);
#endif
}

inline dnnl::pooling_forward::primitive_desc MaxPool(const dnnl::engine& engine,
                                                     const dnnl::memory::desc& source,
                                                     const dnnl::memory::desc& target) {
  using dnnl::pooling_forward;
  const auto max = dnnl::algorithm::pooling_max;
#if DNNL_VERSION_MAJOR < 3
  return {pooling_forward::desc(kForward, max, source, target, {2, 2}, {2, 2}, {0, 0}, {0, 0}),
          engine};
#else
  return pooling_forward::primitive_desc(engine, kForward, max, source, target, {2, 2}, {2, 2},
                                         {0, 0}, {0, 0}, {0, 0});
#endif
}

inline dnnl::resampling_forward::primitive_desc Upsample(const dnnl::engine& engine,
                                                         const dnnl::memory::desc& source,
                                                         const dnnl::memory::desc& target) {
  using dnnl::resampling_forward;
  const auto nearest = dnnl::algorithm::resampling_nearest;
#if DNNL_VERSION_MAJOR < 3
  return {resampling_forward::desc(kForward, nearest, source, target), engine};
#else
  return resampling_forward::primitive_desc(engine, kForward, nearest, source, target);
#endif
}

inline dnnl::binary::primitive_desc Add(const dnnl::engine& engine, const dnnl::memory::desc& one,
                                        const dnnl::memory::desc& other,
                                        const dnnl::memory::desc& target,
                                        const dnnl::primitive_attr& attributes) {
  const auto add = dnnl::algorithm::binary_add;
#if DNNL_VERSION_MAJOR < 3
  return {dnnl::binary::desc(add, one, other, target), attributes, engine};
#else
  return dnnl::binary::primitive_desc(engine, add, one, other, target, attributes);
#endif
}

inline dnnl::memory::dims Dims(const dnnl::memory::desc& desc) {
#if DNNL_VERSION_MAJOR < 3
  return desc.dims();
#else
  return desc.get_dims();
#endif
}

inline bool ProcessorHas(dnnl::cpu_isa wanted) {
  const auto has = static_cast<unsigned>(dnnl::get_effective_cpu_isa());
  return (has & static_cast<unsigned>(wanted)) == static_cast<unsigned>(wanted);
}

}  // namespace osteon::onednn
