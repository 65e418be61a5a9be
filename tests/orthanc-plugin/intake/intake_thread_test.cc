// SPDX-License-Identifier: GPL-3.0-or-later
// An exception on the intake thread ends neither the thread nor Orthanc.
#include "orthanc-plugin/intake/intake_thread.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <chrono>
#include <new>
#include <stdexcept>
#include <thread>

#include "tests/orthanc-plugin/intake/intake_fixture.h"

namespace osteon::plugin {
namespace {

class ThrownTest : public IntakeFixture {
 protected:
  static bool Soon(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
  }
};

TEST_F(ThrownTest, AStudyOnWhichSomethingThrowsHoldsUpNoOther) {
  const std::function<void()> throwers[] = {
      [] { throw std::bad_alloc(); },
      [] { Check(nlohmann::json::parse("{\"PatientName\": \"Muster").is_object(), "it throws"); }};
  for (const auto& thrower : throwers) {
    const std::string bad = fmt::format("bad{}", &thrower - throwers);
    const std::string good = fmt::format("good{}", &thrower - throwers);
    Round();
    AddStudy(bad);
    AddStudy(good);
    Round();
    archive.after_get = [&](const std::string& uri) {
      if (uri == "/studies/" + bad + "/instances") thrower();
    };
    clock.Pass(10'000);
    Round();
    EXPECT_EQ(Latest(good).state, JobState::kReady);
    EXPECT_EQ(Latest(bad).state, JobState::kCollecting);
    EXPECT_NE(Latest(bad).reason.find("look at the study: "), std::string::npos);
    EXPECT_EQ(Latest(bad).reason.find("Muster"), std::string::npos) << Latest(bad).reason;
    archive.after_get = nullptr;
    clock.Pass(60'000);
    Round();
    EXPECT_EQ(Latest(bad).state, JobState::kReady);
  }
}

TEST_F(ThrownTest, TheThreadGoesOn) {
  std::atomic<int> thrown = 0;
  archive.after_get = [&](const std::string&) {
    if (++thrown == 1) throw std::bad_alloc();
    if (thrown == 2) throw std::runtime_error("unexpected");
  };
  IntakeThread thread(*intake);
  for (int round = 1; round <= 2; ++round) {
    ASSERT_TRUE(Soon([&] { return thrown >= round; }));
    ASSERT_TRUE(Soon([&] { return thread.Trouble().starts_with("round: "); }));
    thread.Wake();
  }
  EXPECT_TRUE(Soon([&] { return thread.Trouble().empty(); }));
}

}  // namespace
}  // namespace osteon::plugin
