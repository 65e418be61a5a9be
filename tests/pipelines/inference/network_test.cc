// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/inference/network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <future>

namespace osteon {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

// A folder of its own with a copy of the product's network, so that tests may damage it.
class NetworkTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto found = FindModelDir();
    ASSERT_TRUE(found) << found.error().message();
    dir_ =
        fs::path(::testing::TempDir()) /
        (std::string("models-") + ::testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(dir_);
    fs::create_directories(dir_);
    for (const char* name : {"skeleton.json", "skeleton.onnx"})
      fs::copy_file(*found / name, dir_ / name);
  }

  NetworkCard Card() {
    auto card = ReadNetworkCard(dir_, "skeleton");
    EXPECT_TRUE(card);
    return *card;
  }

  fs::path dir_;
};

Planes Waves(int channels, int rows, int columns) {
  Planes in(channels, rows, columns);
  for (std::size_t n = 0; n < in.values.size(); ++n)
    in.values[n] = std::sin(0.37F * static_cast<float>(n % 911));
  return in;
}

TEST_F(NetworkTest, RunsTheProductsNetworkOnAnySizeOfImage) {
  auto network = Network::Load(Card());
  ASSERT_TRUE(network) << network.error().message();
  for (const auto& [rows, columns] : {std::pair{64, 48}, std::pair{32, 160}, std::pair{64, 48}}) {
    const auto out = network->Run(Waves(10, rows, columns));
    ASSERT_TRUE(out) << out.error().message();
    EXPECT_EQ(out->channels, 30);
    EXPECT_EQ(out->rows, rows);
    EXPECT_EQ(out->columns, columns);
  }
}

// Those that this processor has; OpenCV, the reference, first.
std::vector<InferenceMethod> Methods(const NetworkCard& card) {
  std::vector<InferenceMethod> methods = {InferenceMethod::kOpenCv};
  for (const auto m : {InferenceMethod::kOneDnnFloat32, InferenceMethod::kOneDnnBfloat16})
    if (Network::Load(card, m)) methods.push_back(m);
  return methods;
}

TEST_F(NetworkTest, AnswersTheSameBitsAgainAndBesideAnother) {
  for (const InferenceMethod method : Methods(Card())) {
    auto one = Network::Load(Card(), method), two = Network::Load(Card(), method);
    ASSERT_TRUE(one && two);
    const auto first = one->Run(Waves(10, 96, 80));
    auto beside = std::async(std::launch::async, [&] { return two->Run(Waves(10, 96, 80)); });
    const auto again = one->Run(Waves(10, 96, 80));
    const auto other = beside.get();
    ASSERT_TRUE(first && again && other);
    EXPECT_EQ(first->values, again->values) << one->method();
    EXPECT_EQ(first->values, other->values) << one->method();
  }
}

// The largest difference of two images, in standard deviations of the first.
double Difference(const Planes& a, const Planes& b) {
  double sum = 0, squares = 0, most = 0;
  for (std::size_t n = 0; n < a.values.size(); ++n) {
    sum += a.values[n];
    squares += static_cast<double>(a.values[n]) * a.values[n];
    most = std::max(most, std::abs(static_cast<double>(a.values[n]) - b.values[n]));
  }
  const double mean = sum / static_cast<double>(a.values.size());
  return most / std::sqrt(squares / static_cast<double>(a.values.size()) - mean * mean);
}

TEST_F(NetworkTest, EveryLibraryGivesTheSameLogits) {
  const NetworkCard card = Card();
  // The third runs on memory that the larger second has filled.
  const std::pair<int, int> sizes[] = {{64, 48}, {96, 112}, {64, 48}};
  std::vector<Planes> reference;
  for (const InferenceMethod method : Methods(card)) {
    auto network = Network::Load(card, method);
    ASSERT_TRUE(network) << network.error().message();
    // Float32 differs by the order of sums; bfloat16 rounds in 40 layers. Chosen.
    const double allowed = method == InferenceMethod::kOneDnnBfloat16 ? 0.15 : 1e-4;
    for (std::size_t n = 0; n < std::size(sizes); ++n) {
      auto out = network->Run(Waves(10, sizes[n].first, sizes[n].second));
      ASSERT_TRUE(out) << out.error().message();
      if (method == InferenceMethod::kOpenCv) reference.push_back(*out);
      EXPECT_LT(Difference(reference[n], *out), allowed) << network->method();
    }
  }
}

TEST_F(NetworkTest, RunsByItselfOnOneDnnInFullPrecision) {
  const NetworkCard card = Card();
  const auto chosen = Network::Load(card);
  ASSERT_TRUE(chosen);
  const auto fast = Network::Load(card, InferenceMethod::kOneDnnFloat32);
  EXPECT_THAT(chosen->method(), HasSubstr(fast ? "oneDNN" : "OpenCV"));
  EXPECT_THAT(chosen->method(), HasSubstr("float32"));
  EXPECT_THAT(chosen->method(), ::testing::Not(HasSubstr("bfloat")));
}

TEST_F(NetworkTest, NoLibraryTakesASizeThatDoesNotFitTheHalvings) {
  const NetworkCard card = Card();
  for (const InferenceMethod method : Methods(card)) {
    auto network = Network::Load(card, method);
    ASSERT_TRUE(network);
    EXPECT_FALSE(network->Run(Waves(10, 64, 40))) << network->method();
    EXPECT_TRUE(network->Run(Waves(10, 64, 48))) << network->method();
  }
}

TEST_F(NetworkTest, RefusesAFileWhoseHashIsNotThatOfItsCard) {
  const NetworkCard card = Card();
  std::fstream file(card.file, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(5000);
  file.put('\x7f');
  file.put('\x01');
  file.close();
  const auto network = Network::Load(card);
  ASSERT_FALSE(network);
  EXPECT_EQ(network.error().code(), ErrorCode::kInvalidInput);
  EXPECT_THAT(network.error().message(), HasSubstr("damaged or was replaced"));
  EXPECT_THAT(network.error().message(), HasSubstr(card.sha256));
}

TEST_F(NetworkTest, RefusesAFileThatIsMissingOrNoNetwork) {
  NetworkCard card = Card();
  card.file = dir_ / "gone.onnx";
  const auto missing = Network::Load(card);
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message(), HasSubstr("gone.onnx"));

  // The SHA-256 of the empty file: the hash is right, the content is not a network.
  card.sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  std::ofstream(dir_ / "gone.onnx").close();
  const auto empty = Network::Load(card);
  ASSERT_FALSE(empty);
  EXPECT_THAT(empty.error().message(), HasSubstr("cannot be run"));
}

TEST_F(NetworkTest, RefusesInputThatDoesNotFitTheCard) {
  auto network = Network::Load(Card());
  ASSERT_TRUE(network);
  const auto out = network->Run(Waves(3, 32, 32));
  ASSERT_FALSE(out);
  EXPECT_THAT(out.error().message(), HasSubstr("takes 10 channels, not 3"));
}

TEST_F(NetworkTest, NamesTheKeyOfACardThatIsWrong) {
  struct Case {
    const char* text;
    const char* message;
  };
  for (const Case& c :
       {Case{"{]", "not a JSON object"}, Case{R"({"version": 3})", "\"version\" must be a string"},
        Case{R"({"version": "1", "file": "a.onnx"})", "\"sha256\""},
        Case{R"({"version": "1", "file": "a", "sha256": "b", "input_channels": "x"})",
             "\"input_channels\" must be a whole number"},
        Case{R"({"version": "1", "file": "a", "sha256": "b", "input_channels": 1, "outputs": [1]})",
             "\"outputs\" must be a list of strings"}}) {
    std::ofstream(dir_ / "skeleton.json") << c.text;
    const auto card = ReadNetworkCard(dir_, "skeleton");
    ASSERT_FALSE(card) << c.text;
    EXPECT_THAT(card.error().message(), HasSubstr("skeleton.json"));
    EXPECT_THAT(card.error().message(), HasSubstr(c.message));
  }
  EXPECT_THAT(ReadNetworkCard(dir_, "other").error().message(), HasSubstr("other.json"));
}

TEST_F(NetworkTest, LooksForModelsWhereItIsToldAndNamesAllPlacesItTried) {
  const auto told = FindModelDir(dir_);
  ASSERT_TRUE(told);
  EXPECT_EQ(*told, dir_);
  const auto nowhere = FindModelDir("/nowhere/at/all");
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().code(), ErrorCode::kUnavailable);
  EXPECT_THAT(nowhere.error().message(), HasSubstr("/nowhere/at/all/models"));
}

}  // namespace
}  // namespace osteon
