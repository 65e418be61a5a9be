// SPDX-License-Identifier: GPL-3.0-or-later
// The frames of one instance out of Orthanc's "short" JSON of its tags ("0018,0081": "70"), for
// pipelines/selection. What `osteon analyze` reads from the file itself.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "pipelines/selection/frame_header.h"

namespace osteon::plugin {

struct InstanceFrames {
  std::vector<FrameHeader> frames;
  std::string problem;  // What makes the instance unusable, naming the attribute; empty: nothing.
  Physics physics;      // Of the first frame, also of an unusable one.
};
// `tags` may be anything that JSON can be; what is not there is absent.
InstanceFrames FramesOf(const nlohmann::json& tags);

}  // namespace osteon::plugin
