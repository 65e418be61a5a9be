// SPDX-License-Identifier: GPL-3.0-or-later
// Processor time of the skeleton network: network_speed METHOD ROWS COLUMNS SLICES
// METHOD: opencv, onednn-float32, onednn-bfloat16. Prints "<name of the method>\t<ms of processor
// time for each slice, after one that is not counted>\t<ms for the first>\t<peak memory, MiB>".
#include <sys/resource.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <map>
#include <string>

#include "pipelines/inference/network.h"

namespace {

double ProcessorMs() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return 1e3 * static_cast<double>(now.tv_sec) + 1e-6 * static_cast<double>(now.tv_nsec);
}

}  // namespace

int main(int argc, char** argv) {
  using osteon::InferenceMethod;
  const std::map<std::string, InferenceMethod> methods = {
      {"opencv", InferenceMethod::kOpenCv},
      {"onednn-float32", InferenceMethod::kOneDnnFloat32},
      {"onednn-bfloat16", InferenceMethod::kOneDnnBfloat16}};
  if (argc != 5 || !methods.contains(argv[1])) {
    std::fprintf(
        stderr, "usage: network_speed opencv|onednn-float32|onednn-bfloat16 ROWS COLUMNS SLICES\n");
    return 2;
  }
  const int rows = std::atoi(argv[2]), columns = std::atoi(argv[3]), slices = std::atoi(argv[4]);
  const auto dir = osteon::FindModelDir();
  if (!dir) return 1;
  const auto card = osteon::ReadNetworkCard(*dir, "skeleton");
  if (!card) return 1;
  const double start = ProcessorMs();
  auto network = osteon::Network::Load(*card, methods.at(argv[1]));
  if (!network) {
    std::fprintf(stderr, "%s\n", network.error().message().c_str());
    return 1;
  }
  osteon::Planes input(card->input_channels, rows, columns);
  for (std::size_t n = 0; n < input.values.size(); ++n)
    input.values[n] = std::sin(0.37F * static_cast<float>(n % 911));
  if (!network->Run(input)) return 1;
  const double first = ProcessorMs();
  for (int n = 0; n < slices; ++n)
    if (!network->Run(input)) return 1;
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf("%s\t%.1f\t%.1f\t%ld\n", network->method().c_str(), (ProcessorMs() - first) / slices,
              first - start, usage.ru_maxrss / 1024);
}
