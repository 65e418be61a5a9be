// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/inference/layers.h"

#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <utility>

namespace osteon {
namespace {

std::size_t Index(int tensor) { return static_cast<std::size_t>(tensor); }

// How many nodes read each tensor; the output of the network is read once more.
std::vector<int> CountReaders(const Graph& graph) {
  std::vector<int> readers(graph.channels.size());
  for (const GraphNode& node : graph.nodes)
    for (const int input : node.inputs) ++readers[Index(input)];
  ++readers.back();
  return readers;
}

Layer* WriterOf(int tensor, std::vector<Layer>& layers) {
  const auto found = std::find_if(layers.rbegin(), layers.rend(),
                                  [&](const Layer& layer) { return layer.output == tensor; });
  return found == layers.rend() ? nullptr : &*found;
}

// The convolution that can add the other of two tensors to its result: the later one of both, read
// by nobody else.
Layer* AddingConvolution(const GraphNode& add, const std::vector<int>& readers,
                         std::vector<Layer>& layers) {
  const int later = std::max(add.inputs[0], add.inputs[1]);
  Layer* writer = WriterOf(later, layers);
  const bool able = writer != nullptr && writer->op == GraphOperator::kConvolve &&
                    add.inputs[0] != add.inputs[1] && readers[Index(later)] == 1 &&
                    !writer->added && writer->activations.empty();
  return able ? writer : nullptr;
}

std::vector<int> ReadBy(const Layer& layer) {
  std::vector<int> read = layer.inputs;
  if (layer.added) read.push_back(*layer.added);
  return read;
}

bool Fits(const TensorShape& a, const TensorShape& b) {
  return a.rows == b.rows && a.columns == b.columns;
}

}  // namespace

Result<std::vector<Layer>> FuseLayers(const Graph& graph) {
  const std::vector<int> readers = CountReaders(graph);
  std::vector<Layer> layers;
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    const GraphNode& node = graph.nodes[n];
    const int output = static_cast<int>(n) + 1;
    if (node.op == GraphOperator::kLeakyRelu || node.op == GraphOperator::kScale) {
      Layer* writer = WriterOf(node.inputs[0], layers);
      if (writer == nullptr || readers[Index(node.inputs[0])] != 1 ||
          (writer->op != GraphOperator::kConvolve && writer->op != GraphOperator::kAdd))
        return Unsupported("an activation does not follow a convolution or addition");
      writer->activations.push_back({node.op, node.factor});
      writer->output = output;
      continue;
    }
    if (node.op == GraphOperator::kAdd) {
      if (Layer* writer = AddingConvolution(node, readers, layers)) {
        writer->added = std::min(node.inputs[0], node.inputs[1]);
        writer->output = output;
        continue;
      }
    }
    layers.push_back({node.op, node.inputs, &node.convolution, std::nullopt, {}, output});
  }
  return layers;
}

std::vector<bool> LogitTensors(const std::vector<Layer>& layers, const Graph& graph) {
  std::vector<bool> logits(graph.channels.size());
  logits.back() = true;
  for (auto layer = layers.rbegin(); layer != layers.rend(); ++layer) {
    if (!logits[Index(layer->output)]) continue;
    if (layer->added) logits[Index(*layer->added)] = true;
    if (layer->op == GraphOperator::kConvolve) continue;
    for (const int input : layer->inputs) logits[Index(input)] = true;
  }
  return logits;
}

Result<std::vector<TensorShape>> ShapesOf(const std::vector<Layer>& layers, const Graph& graph,
                                          int rows, int columns) {
  std::vector<TensorShape> shapes(graph.channels.size());
  shapes[0] = {graph.channels[0], rows, columns};
  bool fits = rows > 0 && columns > 0;
  for (const Layer& layer : layers) {
    TensorShape shape = shapes[Index(layer.inputs[0])];
    for (const int input : ReadBy(layer)) fits = fits && Fits(shape, shapes[Index(input)]);
    if (layer.op == GraphOperator::kMaxPool) {
      fits = fits && shape.rows % 2 == 0 && shape.columns % 2 == 0;
      shape.rows /= 2;
      shape.columns /= 2;
    } else if (layer.op == GraphOperator::kUpsample) {
      shape.rows *= 2;
      shape.columns *= 2;
    }
    shape.channels = graph.channels[Index(layer.output)];
    shapes[Index(layer.output)] = shape;
  }
  if (!fits) return InvalidInput(fmt::format("cannot take {} x {} pixels", rows, columns));
  return shapes;
}

Placement PlaceTensors(const std::vector<Layer>& layers, const std::vector<std::size_t>& bytes) {
  // From the layer that writes a tensor to the last one that reads it; the input is written before
  // all layers, the output is read after them.
  const int end = static_cast<int>(layers.size());
  std::vector<int> first(bytes.size(), -1), last(bytes.size(), -1);
  for (int n = 0; n < end; ++n) {
    const Layer& layer = layers[Index(n)];
    first[Index(layer.output)] = last[Index(layer.output)] = n;
    for (const int input : ReadBy(layer)) last[Index(input)] = n;
  }
  last[Index(layers.back().output)] = end;

  Placement placement;
  placement.offset.resize(bytes.size());
  std::vector<std::size_t> placed;
  const auto place = [&](std::size_t tensor) {
    // The lowest gap among those placed so far that live at the same time.
    std::sort(placed.begin(), placed.end(), [&](std::size_t a, std::size_t b) {
      return placement.offset[a] < placement.offset[b];
    });
    std::size_t at = 0;
    for (const std::size_t other : placed) {
      if (last[other] < first[tensor] || last[tensor] < first[other]) continue;
      if (at + bytes[tensor] <= placement.offset[other]) break;
      at = std::max(at, placement.offset[other] + (bytes[other] + 63) / 64 * 64);
    }
    placement.offset[tensor] = at;
    placement.bytes = std::max(placement.bytes, at + bytes[tensor]);
    placed.push_back(tensor);
  };
  place(0);
  for (const Layer& layer : layers) place(Index(layer.output));
  return placement;
}

}  // namespace osteon
