// SPDX-License-Identifier: GPL-3.0-or-later
// fuzz_wire_seeds FOLDER writes one valid message of each kind, as seeds for wire_fuzz.
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "daemon/protocol/frames.h"
#include "tests/fuzz/wire_input.h"

namespace osteon::protocol {
namespace {

std::vector<Message> OneOfEach() {
  const Lease lease{"17", 3};
  const std::string hash(64, 'a');
  Job job;
  job.lease = lease;
  job.fingerprint = hash;
  job.instances = {{InstanceRole::kStudy, "1.2.3", "1.2.3.4", 1234, std::string(32, '0')},
                   {InstanceRole::kPrior, "1.2.5", "1.2.5.6", 99, std::string(32, 'f')}};
  job.related = {{"1.2.9", "DX", "KNEE left", "20260102"}};
  ResultManifest result;
  result.lease = lease;
  result.fingerprint = hash;
  result.documents = {{"sr.dcm", "1.2.840.1", "2.25.1", 777, hash}};
  result.stages = {{"detect", 1500, 1U << 29}};
  return {Hello{"ward-1", "0.1.0", "cno", "0.1.0", hash, 2},
          Ready{1, "its settings cannot be used", 1'790'000'000'000},
          job,
          Fetch{lease, 4, 3 * kChunkBytes, 32},
          Instance{lease, 4, kChunkBytes, "DICM"},
          Touch{lease, "detect", 0.625},
          result,
          ResultChunk{lease, 0, 0, "bytes"},
          Failed{lease, ErrorCode::kUnsupported, "choose", "no STIR series", Ending::kDied},
          Committed{lease},
          Stale{lease, "attempt 4 is current"},
          Cancel{lease, "by an administrator"},
          Refused{RefusedReason::kHelloFirst, "who is there?"}};
}

int Write(const std::filesystem::path& folder) {
  for (const Message& message : OneOfEach()) {
    const auto frames = Encode(message);
    if (!frames) {
      std::fprintf(stderr, "fuzz_wire_seeds: %s\n", frames.error().message().c_str());
      return 1;
    }
    std::ofstream(folder / std::string(Name(message)), std::ios::binary) << JoinFrames(*frames);
  }
  return 0;
}

}  // namespace
}  // namespace osteon::protocol

int main(int argc, char** argv) {
  if (argc == 2) return osteon::protocol::Write(argv[1]);
  std::fputs("usage: fuzz_wire_seeds FOLDER\n", stderr);
  return 2;
}
