// SPDX-License-Identifier: GPL-3.0-or-later
// A network as steps that each write one tensor: activations, and additions to a convolution, are
// done where the convolution writes its result, without a pass over memory of their own.
#pragma once

#include <optional>
#include <vector>

#include "pipelines/base/result.h"
#include "pipelines/inference/onnx_graph.h"

namespace osteon {

struct Activation {
  GraphOperator op = GraphOperator::kLeakyRelu;  // kLeakyRelu or kScale.
  float factor = 0;
};

struct Layer {
  // kConvolve, kMaxPool, kUpsample, kConcatenate or kAdd.
  GraphOperator op = GraphOperator::kConvolve;
  std::vector<int> inputs;                   // Tensors of the graph.
  const Convolution* convolution = nullptr;  // Of the graph, which must live as long.
  std::optional<int> added;                  // Tensor added to what a convolution makes.
  std::vector<Activation> activations;       // Then these, in order. kConvolve and kAdd only.
  int output = 0;                            // Tensor.
};

// Errors: kUnsupported when an activation follows something else than a convolution or addition, or
// what it changes is read by others too.
Result<std::vector<Layer>> FuseLayers(const Graph& graph);

// The tensors from which the output is only summed up: they are kept as float32 whatever the
// precision of the others. One flag for each tensor.
std::vector<bool> LogitTensors(const std::vector<Layer>& layers, const Graph& graph);

struct TensorShape {
  int channels = 0, rows = 0, columns = 0;
};
// Of each tensor, for an input of rows x columns; zeros for those that no layer writes. Errors:
// kInvalidInput when the size does not fit the halvings of the network.
Result<std::vector<TensorShape>> ShapesOf(const std::vector<Layer>& layers, const Graph& graph,
                                          int rows, int columns);

// A tensor's place in one block of memory; places of tensors that are needed at the same time do
// not overlap.
struct Placement {
  std::vector<std::size_t> offset;  // Bytes, of each tensor.
  std::size_t bytes = 0;            // Of the block.
};
// `bytes`: of each tensor. Offsets are multiples of 64, as for memory that vectors are read from.
Placement PlaceTensors(const std::vector<Layer>& layers, const std::vector<std::size_t>& bytes);

}  // namespace osteon
