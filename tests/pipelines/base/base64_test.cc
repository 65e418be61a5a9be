// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/base/base64.h"

#include <gtest/gtest.h>

namespace osteon {
namespace {

TEST(Base64, DecodesWhatIsWholeAndNothingElse) {
  const struct {
    std::string_view text;
    std::optional<std::string> bytes;
  } cases[] = {{"", ""},
               {"Zg==", "f"},  // RFC 4648, section 10.
               {"Zm8=", "fo"},
               {"Zm9v", "foo"},
               {"Zm9vYmFy", "foobar"},
               {"AP8=", std::string("\0\xff", 2)},
               {"Zg", std::nullopt},
               {"Zg=", std::nullopt},
               {"Zm9!", std::nullopt},
               {"    ", std::nullopt},
               {"Zm9v\n", std::nullopt}};
  for (const auto& c : cases) EXPECT_EQ(DecodeBase64(c.text), c.bytes) << c.text;
}

}  // namespace
}  // namespace osteon
