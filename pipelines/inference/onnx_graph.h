// SPDX-License-Identifier: GPL-3.0-or-later
// The part of ONNX that the networks of pipelines/training use, read from a file into plain values:
// 2-D convolutions that keep the size, (leaky) ReLU, 2 x 2 max pooling, nearest upsampling by 2,
// concatenation of channels, addition, division by a number.
#pragma once

#include <string_view>
#include <vector>

#include "pipelines/base/result.h"

namespace osteon {

// Odd kernel, stride 1, padded by (kernel - 1) / 2.
struct Convolution {
  int inputs = 0, outputs = 0, kernel = 0;
  std::vector<float> weights;  // [output][input][row][column]
  std::vector<float> bias;     // One for each output.
};

enum class GraphOperator {
  kConvolve,     // `convolution` of one input.
  kLeakyRelu,    // Negative values times `factor`, which is 0 for a plain ReLU.
  kMaxPool,      // 2 x 2, stride 2.
  kUpsample,     // By 2, nearest.
  kConcatenate,  // Channels of the inputs in their order.
  kAdd,          // Two inputs of the same size.
  kScale,        // Times `factor`.
};

struct GraphNode {
  GraphOperator op = GraphOperator::kConvolve;
  std::vector<int> inputs;  // Tensors.
  Convolution convolution;
  float factor = 0;
};

// Tensor 0 is the input of the network, tensor n + 1 the output of node n. A node comes after those
// whose outputs it reads; the output of the last one is that of the network.
struct Graph {
  std::vector<GraphNode> nodes;
  std::vector<int> channels;  // Of each tensor.
};

// Errors: kInvalidInput when `onnx` is not a network with one input and one output, or its weights
// do not fit together; kUnsupported names the operator that is none of the above.
Result<Graph> ReadGraph(std::string_view onnx, int input_channels);

}  // namespace osteon
