// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/inference/onnx_graph.h"

#include <fmt/core.h>
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <map>
#include <string>
#include <utility>

namespace osteon {
namespace {

struct Constant {
  std::vector<std::int64_t> dims;
  std::vector<float> values;
};

// A network has a few million weights; more would only be damage.
constexpr std::int64_t kMaxValues = std::int64_t{1} << 28;

Result<Constant> ReadConstant(const onnx::TensorProto& tensor) {
  Constant constant;
  constant.dims = {tensor.dims().begin(), tensor.dims().end()};
  std::int64_t count = 1;
  for (const std::int64_t n : constant.dims) {
    if (n < 0 || n > kMaxValues || count * n > kMaxValues)
      return InvalidInput("weights " + tensor.name() + " have an impossible size");
    count *= n;
  }
  if (tensor.data_type() != onnx::TensorProto::FLOAT)
    return Unsupported("weights " + tensor.name() + " are not 32-bit floats");
  constant.values.resize(static_cast<std::size_t>(count));
  if (static_cast<std::int64_t>(tensor.raw_data().size()) == 4 * count) {
    std::memcpy(constant.values.data(), tensor.raw_data().data(), tensor.raw_data().size());
  } else if (tensor.float_data_size() == count) {
    std::copy(tensor.float_data().begin(), tensor.float_data().end(), constant.values.begin());
  } else {
    return InvalidInput("weights " + tensor.name() + " are cut short");
  }
  return constant;
}

// The attributes of one node, and which of them were asked for: one that nobody knows may change
// what the node does.
class Attributes {
 public:
  explicit Attributes(const onnx::NodeProto& node) {
    for (const auto& attribute : node.attribute()) all_[attribute.name()] = &attribute;
  }
  // Whether the attribute, or what stands for it when it is left out, is `wanted`.
  bool Ints(const char* name, const std::vector<std::int64_t>& left_out,
            const std::vector<std::int64_t>& wanted) {
    const auto* found = Take(name);
    return (found == nullptr
                ? left_out
                : std::vector<std::int64_t>(found->ints().begin(), found->ints().end())) == wanted;
  }
  bool Is(const char* name, std::int64_t left_out, std::int64_t wanted) {
    const auto* found = Take(name);
    return (found == nullptr ? left_out : found->i()) == wanted;
  }
  bool Is(const char* name, std::string_view wanted) {
    const auto* found = Take(name);
    return found != nullptr && found->s() == wanted;
  }
  float Float(const char* name, float otherwise) {
    const auto* found = Take(name);
    return found == nullptr ? otherwise : found->f();
  }
  void Ignore(const char* name) { Take(name); }
  bool AllKnown() const { return all_.empty(); }

 private:
  const onnx::AttributeProto* Take(const char* name) {
    const auto found = all_.find(name);
    if (found == all_.end()) return nullptr;
    const auto* attribute = found->second;
    all_.erase(found);
    return attribute;
  }
  std::map<std::string, const onnx::AttributeProto*> all_;
};

class Reader {
 public:
  explicit Reader(int input_channels) { graph_.channels = {input_channels}; }

  Result<Graph> Read(const onnx::GraphProto& proto) {
    for (const auto& tensor : proto.initializer())
      if (Status read = Keep(tensor.name(), tensor); !read) return std::move(read).error();
    std::vector<std::string> inputs;
    for (const auto& input : proto.input())
      if (!constants_.contains(input.name())) inputs.push_back(input.name());
    if (inputs.size() != 1 || proto.output_size() != 1)
      return InvalidInput("not a network with one input and one output");
    tensors_[inputs.front()] = 0;
    for (const auto& node : proto.node()) {
      if (Status read = Add(node); !read)
        return std::move(read).error().During("node " + node.name());
    }
    const auto output = tensors_.find(proto.output(0).name());
    if (graph_.nodes.empty() || output == tensors_.end() ||
        output->second != static_cast<int>(graph_.nodes.size()))
      return InvalidInput("the output is not that of the last node");
    return std::move(graph_);
  }

 private:
  Status Keep(const std::string& name, const onnx::TensorProto& tensor) {
    Result<Constant> constant = ReadConstant(tensor);
    if (!constant) return std::move(constant).error();
    constants_[name] = *std::move(constant);
    return {};
  }

  Status Add(const onnx::NodeProto& node) {
    if (node.output_size() != 1) return Unsupported("has not one output");
    if (node.op_type() == "Constant") {
      if (node.attribute_size() != 1 || !node.attribute(0).has_t())
        return Unsupported("is a constant without a tensor");
      return Keep(node.output(0), node.attribute(0).t());
    }
    GraphNode read;
    for (const std::string& name : node.input())
      if (const auto tensor = tensors_.find(name); tensor != tensors_.end())
        read.inputs.push_back(tensor->second);
    Attributes attributes(node);
    Result<int> channels = Translate(node, attributes, read);
    if (!channels) return std::move(channels).error();
    if (!attributes.AllKnown()) return Unsupported(node.op_type() + " has an unknown attribute");
    tensors_[node.output(0)] = static_cast<int>(graph_.channels.size());
    graph_.channels.push_back(*channels);
    graph_.nodes.push_back(std::move(read));
    return {};
  }

  // Fills all of `read` but its inputs. The number of channels of the result.
  Result<int> Translate(const onnx::NodeProto& node, Attributes& attributes, GraphNode& read) {
    const std::string& op = node.op_type();
    const Error unsupported = Unsupported("cannot run this form of " + op);
    // Inputs that are the output of nothing read so far are constants; others are unknown.
    const std::size_t tensors = read.inputs.size();
    if (tensors == 0) return InvalidInput("reads what no node before it makes");
    const int channels = graph_.channels[static_cast<std::size_t>(read.inputs[0])];
    if (op == "Conv") {
      if (tensors != 1) return unsupported;
      return Convolve(node, attributes, channels, read.convolution);
    }
    if (op == "Concat" || op == "Add") {
      if (static_cast<int>(tensors) != node.input_size()) return unsupported;
      int sum = 0;
      bool equal = true;
      for (const int input : read.inputs) {
        const int more = graph_.channels[static_cast<std::size_t>(input)];
        equal = equal && more == channels;
        sum += more;
      }
      read.op = op == "Add" ? GraphOperator::kAdd : GraphOperator::kConcatenate;
      if (op == "Add") return tensors == 2 && equal ? Result<int>(channels) : unsupported;
      return attributes.Is("axis", 0, 1) ? Result<int>(sum) : unsupported;
    }
    if (tensors != 1) return unsupported;
    if (op == "Relu" || op == "LeakyRelu") {
      read.op = GraphOperator::kLeakyRelu;
      read.factor = op == "Relu" ? 0.0F : attributes.Float("alpha", 0.01F);
      return channels;
    }
    if (op == "MaxPool") {
      read.op = GraphOperator::kMaxPool;
      const bool known = attributes.Ints("kernel_shape", {}, {2, 2}) &&
                         attributes.Ints("strides", {1, 1}, {2, 2}) &&
                         attributes.Ints("pads", {0, 0, 0, 0}, {0, 0, 0, 0}) &&
                         attributes.Ints("dilations", {1, 1}, {1, 1}) &&
                         attributes.Is("ceil_mode", 0, 0);
      return known ? Result<int>(channels) : unsupported;
    }
    if (op == "Resize") {
      read.op = GraphOperator::kUpsample;
      attributes.Ignore("cubic_coeff_a");
      const bool nearest = attributes.Is("mode", "nearest") &&
                           attributes.Is("coordinate_transformation_mode", "asymmetric") &&
                           attributes.Is("nearest_mode", "floor");
      const Constant* scales = node.input_size() == 3 ? Find(node.input(2)) : nullptr;
      const bool by_two = scales != nullptr && scales->values == std::vector<float>{1, 1, 2, 2};
      return nearest && by_two ? Result<int>(channels) : unsupported;
    }
    if (op == "Div") {
      const Constant* divisor = node.input_size() == 2 ? Find(node.input(1)) : nullptr;
      if (divisor == nullptr || divisor->values.size() != 1) return unsupported;
      read.op = GraphOperator::kScale;
      read.factor = 1 / divisor->values[0];
      return channels;
    }
    return Unsupported("operator " + op + " is not known");
  }

  Result<int> Convolve(const onnx::NodeProto& node, Attributes& attributes, int channels,
                       Convolution& out) {
    const Constant* weights = node.input_size() >= 2 ? Find(node.input(1)) : nullptr;
    if (weights == nullptr || weights->dims.size() != 4) return InvalidInput("has no weights");
    const std::int64_t outputs = weights->dims[0], kernel = weights->dims[2];
    const std::int64_t pad = (kernel - 1) / 2;
    const bool known = kernel % 2 == 1 && weights->dims[3] == kernel &&
                       attributes.Ints("kernel_shape", {kernel, kernel}, {kernel, kernel}) &&
                       attributes.Ints("pads", {0, 0, 0, 0}, {pad, pad, pad, pad}) &&
                       attributes.Ints("strides", {1, 1}, {1, 1}) &&
                       attributes.Ints("dilations", {1, 1}, {1, 1}) && attributes.Is("group", 1, 1);
    if (!known) return Unsupported("cannot run this form of Conv");
    if (outputs < 1 || weights->dims[1] != channels)
      return InvalidInput(
          fmt::format("weights do not fit the {} channels they are given", channels));
    out.inputs = channels;
    out.outputs = static_cast<int>(outputs);
    out.kernel = static_cast<int>(kernel);
    out.weights = weights->values;
    out.bias.assign(static_cast<std::size_t>(outputs), 0);
    if (node.input_size() > 2) {
      const Constant* bias = Find(node.input(2));
      if (bias == nullptr || bias->values.size() != out.bias.size())
        return InvalidInput("bias does not fit the weights");
      out.bias = bias->values;
    }
    return out.outputs;
  }

  const Constant* Find(const std::string& name) const {
    const auto found = constants_.find(name);
    return found == constants_.end() ? nullptr : &found->second;
  }

  std::map<std::string, Constant> constants_;
  std::map<std::string, int> tensors_;
  Graph graph_;
};

}  // namespace

Result<Graph> ReadGraph(std::string_view onnx, int input_channels) {
  onnx::ModelProto model;
  if (onnx.empty() || onnx.size() > std::numeric_limits<int>::max() ||
      !model.ParseFromArray(onnx.data(), static_cast<int>(onnx.size())) || !model.has_graph())
    return InvalidInput("not an ONNX file");
  return Reader(input_channels).Read(model.graph());
}

}  // namespace osteon
