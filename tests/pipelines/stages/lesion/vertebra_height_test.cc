// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/lesion/vertebra_height.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "tests/pipelines/stages/lesion_scene.h"

namespace osteon {
namespace {

using testing::Grid;
using testing::Scene;

// Signal along bodies of the given heights with a disc of `disc_mm` between them.
SpineProfile Column(const std::vector<double>& bodies_mm, double disc_mm, double body, double disc,
                    double step_mm) {
  SpineProfile p;
  p.step_mm = step_mm;
  const double total = std::accumulate(bodies_mm.begin(), bodies_mm.end(), 0.0) +
                       disc_mm * static_cast<double>(bodies_mm.size());
  for (double z = 0; z < total; z += step_mm) {
    double at = z;
    std::size_t n = 0;
    while (n < bodies_mm.size() && at > bodies_mm[n] + disc_mm) at -= bodies_mm[n++] + disc_mm;
    const double ripple = 4 * std::sin(1.7 * z);  // Texture.
    p.signal.push_back((n < bodies_mm.size() && at > bodies_mm[n] ? disc : body) + ripple +
                       0.1 * z);
  }
  return p;
}

TEST(VertebraHeight, FindsTheLossOfOneBody) {
  struct Case {
    const char* name;
    double body_mm, disc_mm, loss, body, disc, step_mm;
  };
  const Case cases[] = {
      {"adult, upright, dark discs", 24, 6, 0.0, 100, 40, 1.5},
      {"adult, 30 %, dark discs", 24, 6, 0.3, 100, 40, 1.5},
      {"adult, 30 %, bright discs", 24, 6, 0.3, 100, 260, 1.5},
      {"adult, 50 %, bright discs", 24, 6, 0.5, 100, 260, 1.2},
      {"lumbar, 25 %", 28, 9, 0.25, 90, 200, 1.5},
      {"child, 30 %", 14, 4.5, 0.3, 100, 220, 1.2},
  };
  for (const Case& c : cases) {
    std::vector<double> bodies(7, c.body_mm);
    bodies[3] *= 1 - c.loss;
    const SpineProfile profile = Column(bodies, c.disc_mm, c.body, c.disc, c.step_mm);
    const double at = (3 * (c.body_mm + c.disc_mm) + 0.5 * bodies[3]) / c.step_mm;
    const auto loss = HeightLossAt(at, DiscsIn(profile));
    ASSERT_TRUE(loss.has_value()) << c.name;
    EXPECT_NEAR(*loss, 100 * c.loss, 8) << c.name;
  }
}

TEST(VertebraHeight, IsNotAssessedWithoutRegularLevels) {
  SpineProfile flat{1.5, std::vector<double>(120, 100)};
  EXPECT_TRUE(DiscsIn(flat).empty());
  SpineProfile noise = flat;
  for (std::size_t n = 0; n < noise.signal.size(); ++n)
    noise.signal[n] += 20 * std::sin(0.37 * static_cast<double>(n * n));
  EXPECT_FALSE(HeightLossAt(60, DiscsIn(noise)).has_value());
  EXPECT_TRUE(DiscsIn({1.5, std::vector<double>(10, 100)}).empty());
  SpineProfile hidden = Column(std::vector<double>(7, 24.0), 6, 100, 40, 1.5);
  for (std::size_t n = 30; n < 110; ++n) hidden.signal[n] = std::nan("");
  EXPECT_FALSE(HeightLossAt(70, DiscsIn(hidden)).has_value()) << "a lesion over several levels";
}

TEST(VertebraHeight, AtTheEndOfTheColumnThereIsNoNeighbour) {
  EXPECT_FALSE(HeightLossAt(5, {10, 40, 70, 100}).has_value());
  EXPECT_FALSE(HeightLossAt(25, {10, 40, 70, 100}).has_value());
  EXPECT_TRUE(HeightLossAt(55, {10, 40, 70, 100}).has_value());
  EXPECT_FALSE(HeightLossAt(85, {10, 40, 70, 100}).has_value());
  EXPECT_FALSE(HeightLossAt(70, {10, 40, 100, 130, 160}).has_value()) << "a disc was missed";
}

TEST(VertebraHeight, ALevelThatIsShortByWhatTheNextIsLongerIsNotAssessed) {
  EXPECT_NEAR(HeightLossAt(46, {0, 20, 40, 52, 72, 92}).value(), 51, 1) << "a collapsed body";
  EXPECT_FALSE(HeightLossAt(54, {0, 20, 48, 60, 80, 100}).has_value())
      << "the rim of the lesion above taken for the disc at 40";
  EXPECT_FALSE(HeightLossAt(46, {0, 20, 40, 52, 80, 100}).has_value()) << "and below";
  EXPECT_TRUE(HeightLossAt(46, {0, 20, 40, 59, 80, 100}).has_value()) << "levels differ by chance";
}

TEST(VertebraHeight, IsMeasuredInAVolumeAroundTheLesion) {
  Scene scene(Grid(50, 150, 30, {1.5, 1.5, 2}));
  const auto column = [](Vec3 p) { return std::abs(p.x) < 18 && std::abs(p.y) < 14; };
  scene.AddBone("thoracic_spine", column, 112, -112, {0, 0, 0});
  // Levels of 24 + 6 mm around a body of 15 mm at the origin.
  std::vector<double> discs;
  for (double z = 10.5; z < 112; z += 30) discs.insert(discs.end(), {z, -z});
  scene.ForInside(
      [&](Vec3 p) {
        return column(p) && std::any_of(discs.begin(), discs.end(),
                                        [&](double z) { return std::abs(p.z - z) < 3; });
      },
      [&](std::size_t n) { scene.volume.stir[n] = 200; });
  scene.AddLesion("thoracic_spine", testing::Ball({4, 2, 0}, 5));
  const Lesion l = scene.Characterised().lesions.at(0);
  ASSERT_TRUE(l.height_loss_percent.value) << l.height_loss_percent.not_assessed;
  EXPECT_NEAR(*l.height_loss_percent.value, 37.5, 8);
  EXPECT_TRUE(scene.Characterised().patient.urgent_height_loss);
}

// Oedema fades out, so that its outline leaves a bright border, which is as narrow as a disc.
TEST(VertebraHeight, TheBorderOfALesionIsNoDisc) {
  Scene scene(Grid(50, 150, 30, {1.5, 1.5, 2}));
  const auto column = [](Vec3 p) { return std::abs(p.x) < 18 && std::abs(p.y) < 14; };
  scene.AddBone("lumbar_spine", column, 112, -112, {0, 0, 0});
  scene.ForInside([&](Vec3 p) { return column(p) && std::abs(std::remainder(p.z - 15, 30.0)) < 3; },
                  [&](std::size_t n) { scene.volume.stir[n] = 200; });
  // From the disc at -45 downwards, in the last body but one.
  const auto down_to = [](double z) {
    return [z](Vec3 p) { return std::abs(p.x) < 5 && std::abs(p.y) < 12 && p.z < -47 && p.z > z; };
  };
  scene.AddLesion("lumbar_spine", down_to(-54));
  scene.ForInside(down_to(-57), [&](std::size_t n) { scene.volume.stir[n] = 400; });
  const Lesion l = scene.Characterised().lesions.at(0);
  EXPECT_LT(l.height_loss_percent.value.value_or(0), 20);
  EXPECT_FALSE(scene.Characterised().patient.urgent_height_loss);
}

}  // namespace
}  // namespace osteon
