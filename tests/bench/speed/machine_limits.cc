// SPDX-License-Identifier: GPL-3.0-or-later
// What one core, the memory and the disk of this machine can do at most, as one JSON object: what
// the figures of a benchmark are held against. Takes about two seconds.
//   float32_gflops, bfloat16_gflops  multiply-adds from registers, two operations each; one core
//   memory_read_gbps, memory_copy_gbps  over 256 MiB, one core
//   fsync_ms                         median of an append of 4 KiB and fdatasync below /var/tmp
//   md5_gbps, sha256_gbps            one core
//   loopback_gbps                    TCP between two threads
#include <arpa/inet.h>
#include <fcntl.h>
#include <immintrin.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include "pipelines/base/digest.h"

namespace {

double Seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Of this thread: other programs on the machine hardly count.
double ProcessorSeconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// Keeps a value that is not used otherwise.
volatile float g_sink = 0;

constexpr int kChains = 10;  // Independent sums: more than the latency times the units of any core.
constexpr long kSteps = 20'000'000;

__attribute__((target("avx2,fma"))) double FloatAvx2() {
  __m256 sums[kChains], a = _mm256_set1_ps(1.0001F), b = _mm256_set1_ps(0.9999F);
  for (__m256& s : sums) s = _mm256_setzero_ps();
  const double start = ProcessorSeconds();
  for (long n = 0; n < kSteps; ++n)
#pragma GCC unroll 10
    for (__m256& s : sums) s = _mm256_fmadd_ps(a, b, s);
  const double spent = ProcessorSeconds() - start;
  for (const __m256& s : sums) g_sink = g_sink + _mm256_cvtss_f32(s);
  return 2.0 * 8 * kChains * kSteps / spent / 1e9;
}

__attribute__((target("avx512f"))) double FloatAvx512() {
  __m512 sums[kChains], a = _mm512_set1_ps(1.0001F), b = _mm512_set1_ps(0.9999F);
  for (__m512& s : sums) s = _mm512_setzero_ps();
  const double start = ProcessorSeconds();
  for (long n = 0; n < kSteps; ++n)
#pragma GCC unroll 10
    for (__m512& s : sums) s = _mm512_fmadd_ps(a, b, s);
  const double spent = ProcessorSeconds() - start;
  for (const __m512& s : sums) g_sink = g_sink + _mm512_cvtss_f32(s);
  return 2.0 * 16 * kChains * kSteps / spent / 1e9;
}

__attribute__((target("avx512f,avx512bf16"))) double Bfloat16() {
  __m512 sums[kChains];
  for (__m512& s : sums) s = _mm512_setzero_ps();
  const __m512bh a = _mm512_cvtne2ps_pbh(_mm512_set1_ps(1.0F), _mm512_set1_ps(1.0F));
  const double start = ProcessorSeconds();
  for (long n = 0; n < kSteps; ++n)
#pragma GCC unroll 10
    for (__m512& s : sums) s = _mm512_dpbf16_ps(s, a, a);
  const double spent = ProcessorSeconds() - start;
  for (const __m512& s : sums) g_sink = g_sink + _mm512_cvtss_f32(s);
  return 2.0 * 32 * kChains * kSteps / spent / 1e9;
}

double MemoryRead(const std::vector<std::uint64_t>& block) {
  double best = 0;
  for (int n = 0; n < 3; ++n) {
    const double start = ProcessorSeconds();
    std::uint64_t sum = 0;
    for (const std::uint64_t value : block) sum += value;
    g_sink = g_sink + static_cast<float>(sum & 1U);
    best =
        std::max(best, static_cast<double>(block.size()) * 8 / (ProcessorSeconds() - start) / 1e9);
  }
  return best;
}

double MemoryCopy(const std::vector<std::uint64_t>& from, std::vector<std::uint64_t>& to) {
  double best = 0;
  for (int n = 0; n < 3; ++n) {
    const double start = ProcessorSeconds();
    std::memcpy(to.data(), from.data(), from.size() * 8);
    best =
        std::max(best, static_cast<double>(from.size()) * 8 / (ProcessorSeconds() - start) / 1e9);
  }
  return best;
}

double FsyncMs() {
  char path[] = "/var/tmp/osteon-bench-XXXXXX";
  const int file = ::mkstemp(path);
  if (file < 0) return 0;
  const std::string page(4096, 'x');
  std::vector<double> took;
  for (int n = 0; n < 50; ++n) {
    const double start = Seconds();
    if (::write(file, page.data(), page.size()) < 0 || ::fdatasync(file) != 0) break;
    took.push_back(1e3 * (Seconds() - start));
  }
  ::close(file);
  ::unlink(path);
  if (took.empty()) return 0;
  std::nth_element(took.begin(), took.begin() + static_cast<long>(took.size() / 2), took.end());
  return took[took.size() / 2];
}

double DigestRate(std::string (*digest)(std::string_view), const std::string& bytes) {
  const double start = ProcessorSeconds();
  g_sink = g_sink + static_cast<float>(digest(bytes).size());
  return static_cast<double>(bytes.size()) / (ProcessorSeconds() - start) / 1e9;
}

double LoopbackRate() {
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::listen(listener, 1) != 0 ||
      ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    return 0;
  constexpr std::size_t kBytes = std::size_t{1} << 30;
  std::thread sender([&] {
    const int out = ::socket(AF_INET, SOCK_STREAM, 0);
    if (::connect(out, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) {
      const std::string piece(std::size_t{256} << 10, 'x');
      for (std::size_t sent = 0; sent < kBytes;) {
        const ssize_t n = ::send(out, piece.data(), std::min(piece.size(), kBytes - sent), 0);
        if (n <= 0) break;
        sent += static_cast<std::size_t>(n);
      }
    }
    ::close(out);
  });
  const int in = ::accept(listener, nullptr, nullptr);
  std::string buffer(std::size_t{256} << 10, '\0');
  const double start = Seconds();
  std::size_t got = 0;
  for (ssize_t n = 0; (n = ::recv(in, buffer.data(), buffer.size(), 0)) > 0;)
    got += static_cast<std::size_t>(n);
  const double spent = Seconds() - start;
  sender.join();
  ::close(in);
  ::close(listener);
  return static_cast<double>(got) / spent / 1e9;
}

}  // namespace

int main() {
  const bool avx512 = __builtin_cpu_supports("avx512f") != 0;
  const double float32 = avx512                                ? FloatAvx512()
                         : __builtin_cpu_supports("avx2") != 0 ? FloatAvx2()
                                                               : 0;
  const double bfloat16 = __builtin_cpu_supports("avx512bf16") != 0 ? Bfloat16() : 0;
  std::vector<std::uint64_t> block(std::size_t{32} << 20), other(block.size());
  std::iota(block.begin(), block.end(), 0U);
  const std::string bytes(std::size_t{64} << 20, 'x');
  std::printf(
      "{\"float32_gflops\": %.1f, \"bfloat16_gflops\": %.1f, \"memory_read_gbps\": %.1f, "
      "\"memory_copy_gbps\": %.1f, \"fsync_ms\": %.3f, \"md5_gbps\": %.3f, \"sha256_gbps\": %.3f, "
      "\"loopback_gbps\": %.2f}\n",
      float32, bfloat16, MemoryRead(block), MemoryCopy(block, other), FsyncMs(),
      DigestRate(osteon::Md5Hex, bytes), DigestRate(osteon::Sha256Hex, bytes), LoopbackRate());
}
