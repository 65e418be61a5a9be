// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/core.h>

#include <algorithm>
#include <cstring>
#include <list>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "pipelines/inference/layers.h"
#include "pipelines/inference/onednn_api.h"
#include "pipelines/inference/onnx_graph.h"
#include "pipelines/inference/runner.h"

namespace osteon {
namespace {

namespace api = onednn;

// The network for images of one size.
struct Plan {
  struct Step {
    dnnl::primitive primitive;
    std::unordered_map<int, dnnl::memory> arguments;
  };
  int rows = 0, columns = 0;
  std::vector<Step> steps;
  dnnl::memory input, output;  // Of the caller, [channel][row][column] of float32.
  std::vector<std::pair<dnnl::memory, std::size_t>> placed;  // With their offsets in the block.
  std::size_t block_bytes = 0;
  TensorShape output_shape;
};

// The weights of one convolution in the layouts that its plans want, of which there are few.
struct PackedWeights {
  std::vector<dnnl::memory> weights;
  dnnl::memory bias;
};

class OneDnnRunner : public Runner {
 public:
  OneDnnRunner(Graph graph, api::Type type)
      : graph_(std::move(graph)),
        type_(type),
        engine_(dnnl::engine::kind::cpu, 0),
        stream_(engine_) {}

  // The layers point into graph_, so this object stays where it is.
  OneDnnRunner(const OneDnnRunner&) = delete;
  OneDnnRunner& operator=(const OneDnnRunner&) = delete;

  // Finds out whether every layer can be run, by planning for a small image.
  Status Prepare() {
    auto layers = FuseLayers(graph_);
    if (!layers) return std::move(layers).error();
    layers_ = *std::move(layers);
    logits_ = LogitTensors(layers_, graph_);
    packed_.resize(layers_.size());
    const api::OneThread one;
    const auto plan = PlanFor(kProbe, kProbe);
    return plan ? Status() : Status(plan.error());
  }

  Result<Planes> Run(const Planes& input) override {
    const api::OneThread one;
    auto found = PlanFor(input.rows, input.columns);
    if (!found) return std::move(found).error();
    Plan& plan = **found;
    try {
      MakeRoom(plan);
      const TensorShape& shape = plan.output_shape;
      Planes output(shape.channels, shape.rows, shape.columns);
      // oneDNN takes a non-const pointer but only reads from an input.
      plan.input.set_data_handle(const_cast<float*>(input.values.data()));
      plan.output.set_data_handle(output.values.data());
      for (const Plan::Step& step : plan.steps) step.primitive.execute(stream_, step.arguments);
      stream_.wait();
      return output;
    } catch (const std::exception& e) {
      return Internal(std::string("oneDNN: ") + e.what());
    }
  }

  std::string Name() const override {
    const dnnl_version_t& v = *dnnl::version();
    return fmt::format("oneDNN {}.{}.{}{}", v.major, v.minor, v.patch,
                       type_ == api::Type::bf16 ? ", bfloat16" : ", float32");
  }

 private:
  // Pixels; enough for eight halvings.
  static constexpr int kProbe = 256;
  // Sizes whose plans are kept. The code that oneDNN makes for one takes 3 to 8 MiB and 14 ms
  // (measured: bfloat16, the shipped network), and the slices of a body change their size slowly.
  static constexpr std::size_t kPlans = 2;

  Result<Plan*> PlanFor(int rows, int columns) {
    const auto found = std::find_if(plans_.begin(), plans_.end(), [&](const Plan& plan) {
      return plan.rows == rows && plan.columns == columns;
    });
    if (found != plans_.end()) {
      plans_.splice(plans_.begin(), plans_, found);
      return &plans_.front();
    }
    try {
      auto plan = MakePlan(rows, columns);
      if (!plan) return std::move(plan).error();
      if (plans_.size() == kPlans) plans_.pop_back();
      plans_.push_front(*std::move(plan));
      return &plans_.front();
    } catch (const api::TooSlow&) {
      return Unsupported("oneDNN has no fast implementation of a layer on this processor");
    } catch (const std::exception& e) {
      return Unsupported(std::string("oneDNN: ") + e.what());
    }
  }

  Result<Plan> MakePlan(int rows, int columns) {
    auto shapes = ShapesOf(layers_, graph_, rows, columns);
    if (!shapes) return std::move(shapes).error();
    std::vector<dnnl::memory> tensors;
    std::vector<std::size_t> bytes;
    for (std::size_t n = 0; n < shapes->size(); ++n) {
      const TensorShape& s = (*shapes)[n];
      // Channels last: pooling, upsampling and convolution are all fast with it, so that nothing
      // has to be rearranged between them.
      const dnnl::memory::desc desc({1, s.channels, s.rows, s.columns},
                                    logits_[n] ? api::Type::f32 : type_, api::Tag::nhwc);
      const bool used = s.channels > 0;
      bytes.push_back(used ? desc.get_size() : 0);
      tensors.push_back(used ? dnnl::memory(desc, engine_, DNNL_MEMORY_NONE) : dnnl::memory());
    }
    Plan plan;
    plan.rows = rows;
    plan.columns = columns;
    const Placement placement = PlaceTensors(layers_, bytes);
    plan.block_bytes = placement.bytes;
    for (std::size_t n = 0; n < tensors.size(); ++n)
      if (bytes[n] > 0) plan.placed.emplace_back(tensors[n], placement.offset[n]);

    plan.input = CallersImage(shapes->front());
    AddCopy(plan, plan.input, tensors.front());
    for (std::size_t n = 0; n < layers_.size(); ++n) AddLayer(n, tensors, placement, plan);
    plan.output_shape = shapes->back();
    plan.output = CallersImage(plan.output_shape);
    AddCopy(plan, tensors.back(), plan.output);
    return plan;
  }

  dnnl::memory CallersImage(const TensorShape& s) const {
    return dnnl::memory({{1, s.channels, s.rows, s.columns}, api::Type::f32, api::Tag::nchw},
                        engine_, DNNL_MEMORY_NONE);
  }

  void AddCopy(Plan& plan, const dnnl::memory& from, const dnnl::memory& to) const {
    plan.steps.push_back({dnnl::reorder(dnnl::reorder::primitive_desc(engine_, from.get_desc(),
                                                                      engine_, to.get_desc())),
                          {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}}});
  }

  void AddLayer(std::size_t n, const std::vector<dnnl::memory>& tensors, const Placement& placement,
                Plan& plan) {
    const Layer& layer = layers_[n];
    const auto tensor = [&](int t) -> const dnnl::memory& {
      return tensors[static_cast<std::size_t>(t)];
    };
    const dnnl::memory& in = tensor(layer.inputs[0]);
    const dnnl::memory& out = tensor(layer.output);
    switch (layer.op) {
      case GraphOperator::kConvolve:
        AddConvolution(n, tensors, plan);
        return;
      case GraphOperator::kMaxPool: {
        const auto pool = api::Fast(api::MaxPool(engine_, in.get_desc(), out.get_desc()));
        plan.steps.push_back(
            {dnnl::pooling_forward(pool), {{DNNL_ARG_SRC, in}, {DNNL_ARG_DST, out}}});
        return;
      }
      case GraphOperator::kUpsample: {
        const auto up = api::Fast(api::Upsample(engine_, in.get_desc(), out.get_desc()));
        plan.steps.push_back(
            {dnnl::resampling_forward(up), {{DNNL_ARG_SRC, in}, {DNNL_ARG_DST, out}}});
        return;
      }
      case GraphOperator::kConcatenate: {
        // One copy each; oneDNN's own concatenation takes five times as long with channels last.
        dnnl::memory::dim channel = 0;
        for (const int input : layer.inputs) {
          const auto dims = api::Dims(tensor(input).get_desc());
          const auto part = out.get_desc().submemory_desc(dims, {0, channel, 0, 0});
          const dnnl::memory target(part, engine_, DNNL_MEMORY_NONE);
          plan.placed.emplace_back(target,
                                   placement.offset[static_cast<std::size_t>(layer.output)]);
          AddCopy(plan, tensor(input), target);
          channel += dims[1];
        }
        return;
      }
      default: {  // kAdd; FuseLayers leaves no other.
        const dnnl::memory& other = tensor(layer.inputs[1]);
        const auto add = api::Fast(api::Add(engine_, in.get_desc(), other.get_desc(),
                                            out.get_desc(), AfterwardsOf(layer, {})));
        plan.steps.push_back(
            {dnnl::binary(add),
             {{DNNL_ARG_SRC_0, in}, {DNNL_ARG_SRC_1, other}, {DNNL_ARG_DST, out}}});
      }
    }
  }

  void AddConvolution(std::size_t n, const std::vector<dnnl::memory>& tensors, Plan& plan) {
    const Layer& layer = layers_[n];
    const Convolution& c = *layer.convolution;
    const dnnl::memory& in = tensors[static_cast<std::size_t>(layer.inputs[0])];
    const dnnl::memory& out = tensors[static_cast<std::size_t>(layer.output)];
    const dnnl::memory added =
        layer.added ? tensors[static_cast<std::size_t>(*layer.added)] : dnnl::memory();
    const auto attributes =
        AfterwardsOf(layer, layer.added ? added.get_desc() : dnnl::memory::desc());
    const auto convolve = api::Fast(api::Convolve(
        engine_, in.get_desc(), {{c.outputs, c.inputs, c.kernel, c.kernel}, type_, api::Tag::any},
        {{c.outputs}, api::Type::f32, api::Tag::x}, out.get_desc(), c.kernel / 2, attributes));
    Plan::Step step{dnnl::convolution_forward(convolve),
                    {{DNNL_ARG_SRC, in},
                     {DNNL_ARG_WEIGHTS, Weights(n, convolve.weights_desc())},
                     {DNNL_ARG_BIAS, packed_[n].bias},
                     {DNNL_ARG_DST, out}}};
    if (layer.added) step.arguments[DNNL_ARG_ATTR_MULTIPLE_POST_OP(0) | DNNL_ARG_SRC_1] = added;
    plan.steps.push_back(std::move(step));
  }

  // What a convolution or addition does with its result. `added` comes first.
  static dnnl::primitive_attr AfterwardsOf(const Layer& layer, const dnnl::memory::desc& added) {
    dnnl::post_ops ops;
    if (layer.added) ops.append_binary(dnnl::algorithm::binary_add, added);
    for (const Activation& activation : layer.activations) {
      const bool scale = activation.op == GraphOperator::kScale;
      api::AppendEltwise(ops,
                         scale ? dnnl::algorithm::eltwise_linear : dnnl::algorithm::eltwise_relu,
                         activation.factor);
    }
    dnnl::primitive_attr attributes;
    attributes.set_post_ops(ops);
    return attributes;
  }

  dnnl::memory Weights(std::size_t layer, const dnnl::memory::desc& wanted) {
    PackedWeights& packed = packed_[layer];
    for (const dnnl::memory& there : packed.weights)
      if (there.get_desc() == wanted) return there;
    const Convolution& c = *layers_[layer].convolution;
    if (!packed.bias) {
      packed.bias = dnnl::memory({{c.outputs}, api::Type::f32, api::Tag::x}, engine_);
      std::memcpy(packed.bias.get_data_handle(), c.bias.data(), c.bias.size() * sizeof(float));
    }
    // oneDNN takes a non-const pointer but only reads from it.
    dnnl::memory plain({{c.outputs, c.inputs, c.kernel, c.kernel}, api::Type::f32, api::Tag::oihw},
                       engine_, const_cast<float*>(c.weights.data()));
    dnnl::memory ordered(wanted, engine_);
    dnnl::reorder(plain, ordered).execute(stream_, plain, ordered);
    stream_.wait();
    packed.weights.push_back(ordered);
    return ordered;
  }

  // Lets the plan's tensors lie in the one block that all plans share.
  void MakeRoom(Plan& plan) {
    const auto bytes = static_cast<dnnl::memory::dim>(plan.block_bytes);
    if (plan.block_bytes > block_bytes_) {
      block_ = dnnl::memory();  // Before the larger one is taken.
      block_ = dnnl::memory({{bytes}, api::Type::u8, api::Tag::x}, engine_);
      block_bytes_ = plan.block_bytes;
    }
    auto* base = static_cast<char*>(block_.get_data_handle());
    for (auto& [memory, offset] : plan.placed) memory.set_data_handle(base + offset);
  }

  const Graph graph_;
  const api::Type type_;
  dnnl::engine engine_;
  dnnl::stream stream_;
  std::vector<Layer> layers_;
  std::vector<bool> logits_;
  std::vector<PackedWeights> packed_;  // Of each layer.
  std::list<Plan> plans_;              // The last one used first.
  dnnl::memory block_;
  std::size_t block_bytes_ = 0;
};

}  // namespace

Result<std::unique_ptr<Runner>> LoadOneDnn(std::string_view onnx, int input_channels,
                                           InferenceMethod method) {
  const bool low = method == InferenceMethod::kOneDnnBfloat16;
  if (!api::ProcessorHas(low ? dnnl::cpu_isa::avx512_core_bf16 : dnnl::cpu_isa::avx2))
    return Unsupported(low ? "this processor does not multiply bfloat16 numbers"
                           : "this processor has no AVX2");
  Result<Graph> graph = ReadGraph(onnx, input_channels);
  if (!graph) return std::move(graph).error();
  try {
    // Primitives that the process keeps for whoever asks for the same: those of about four sizes,
    // so that the threads of one study share them. The default of 1,024 costs 150 MiB in a study.
    dnnl::set_primitive_cache_capacity(256);
    auto runner =
        std::make_unique<OneDnnRunner>(*std::move(graph), low ? api::Type::bf16 : api::Type::f32);
    if (Status ready = runner->Prepare(); !ready) return std::move(ready).error();
    return std::unique_ptr<Runner>(std::move(runner));
  } catch (const std::exception& e) {
    return Unsupported(std::string("oneDNN: ") + e.what());
  }
}

}  // namespace osteon
