// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/prior/sr_reader.h"

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace osteon {
namespace {

// One element in Explicit VR Little Endian.
std::string Element(std::uint16_t group, std::uint16_t element, const std::string& vr,
                    std::string value) {
  if (value.size() % 2 != 0) value += vr == "UI" ? '\0' : ' ';
  std::string out;
  for (const std::size_t word : {std::size_t{group}, std::size_t{element}}) {
    out += static_cast<char>(word & 0xFFU);
    out += static_cast<char>(word >> 8U);
  }
  out += vr;
  out += static_cast<char>(value.size() & 0xFFU);
  out += static_cast<char>(value.size() >> 8U);
  return out + value;
}

// DCMTK warns of such a VR on standard error, which is osteond's log, and may quote what stands
// there. A process of its own (as ctest runs each case): nothing else has silenced DCMTK before.
TEST(ReadSrFile, SaysNothingOfADamagedFileInTheLog) {
  const std::string class_uid = "1.2.840.10008.5.1.4.1.1.88.34";
  const auto path =
      std::filesystem::temp_directory_path() / fmt::format("osteon_sr_test_{}", getpid());
  std::ofstream(path, std::ios::binary)
      << std::string(128, '\0') << "DICM" << Element(2, 0x0010, "UI", "1.2.840.10008.1.2.1")
      << Element(8, 0x0016, "UI", class_uid) << Element(8, 0x0018, "UI", "1.2.3")
      << Element(0x10, 0x0010, "J?", "Doe^Jane") << Element(0x10, 0x0020, "LO", "ID");
  ::testing::internal::CaptureStderr();
  const auto sr = ReadSrFile(path);
  const auto patient = ReadFilePatient(path);
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
  std::filesystem::remove(path);
  ASSERT_TRUE(sr);
  EXPECT_EQ(sr->sop_class_uid, class_uid);
  ASSERT_TRUE(patient);
  EXPECT_EQ(patient->id, "ID");
}

}  // namespace
}  // namespace osteon
