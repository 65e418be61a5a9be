// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/truth/packed_study.h"

#include <gtest/gtest.h>

#include "pipelines/base/uid.h"

namespace osteon {
namespace {

using namespace std::string_view_literals;

TEST(PackedStudy, IsReadAsItWasWritten) {
  const PackedStudy study{"2.25.1",
                          {{"left clavicle", {1.5, -2, 3}, 4.25, true}, {"sacrum", {}, 0.1, false}},
                          {"one\n{\0file"sv, "", "another"}};
  const std::string packed = Pack(study);
  const auto read = Unpack(packed);
  ASSERT_TRUE(read.ok()) << read.error().message();
  EXPECT_EQ(read->study_uid, study.study_uid);
  EXPECT_EQ(read->files, study.files);
  ASSERT_EQ(read->lesions.size(), 2U);
  EXPECT_EQ(read->lesions[0].bone, "left clavicle");
  EXPECT_EQ(read->lesions[0].centre_mm, (Vec3{1.5, -2, 3}));
  EXPECT_EQ(read->lesions[0].volume_ml, 4.25);
  EXPECT_TRUE(read->lesions[0].required);
  EXPECT_FALSE(read->lesions[1].required);
  for (std::size_t size = 0; size < packed.size(); ++size)
    EXPECT_FALSE(Unpack(std::string_view(packed).substr(0, size)).ok()) << size;
}

TEST(WithNewUids, ChangesEachUidOfOursAndNothingElse) {
  const std::string study = DeriveUid("a", "study"), series = DeriveUid("a", "series");
  const std::string file =
      "1.2.840.10008 " + study + std::string(1, 0) + series + ' ' + study + " 2.25.";
  const std::string changed = WithNewUids(file, "now");
  EXPECT_EQ(changed.size(), file.size());
  EXPECT_EQ(changed.find(study), changed.npos);
  EXPECT_EQ(changed.find(series), changed.npos);
  const std::string new_study = WithNewUids(study, "now"), new_series = WithNewUids(series, "now");
  EXPECT_EQ(changed, "1.2.840.10008 " + new_study + std::string(1, 0) + new_series + ' ' +
                         new_study + " 2.25.");
  EXPECT_TRUE(IsUid(new_study));
  EXPECT_NE(new_study, WithNewUids(study, "later"));
  EXPECT_EQ(WithNewUids("", "now"), "");
}

}  // namespace
}  // namespace osteon
