// SPDX-License-Identifier: GPL-3.0-or-later
// The real osteond with a small pipeline that does what its study says, for tests/faults. Each
// image has in Image Comments
// "OSTEON-FAULT|word|argument|StudyInstanceUID|PatientID|SOPInstanceUID|"; the word says what
// happens to the study:
//   result BYTES   an SR of at least so many bytes and a picture; the SR lists the images it is of
//   work MS        takes so long, then as "result 2000"
//   wait PATH      until PATH exists, then the same
//   die_once PATH  the analysis kills itself, unless PATH exists, which it makes first
//   die            ... every time, as the machine's OOM killer would
//   poison         kills the worker itself, every time
//   crash | eat | hang | spin | throw | invalid | unavailable | not_whole_body
//
// Its SR is not valid: it has only the attributes that Orthanc indexes, the list of images, and the
// predecessor. tests/e2e tests the real objects.
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "daemon/worker/program.h"
#include "pipelines/base/uid.h"
#include "pipelines/base/version.h"

namespace osteon::testing {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kStudyMark = "OSTEON-FAULT|";
constexpr std::string_view kReportMark = "OSTEON-REPORT|";
constexpr const char* kSrClass = "1.2.840.10008.5.1.4.1.1.88.34";
constexpr const char* kScClass = "1.2.840.10008.5.1.4.1.1.7";
constexpr std::size_t kUsualBytes = 2'000;

using Fields = std::vector<std::string>;

// The fields after `mark` in the file, each ended by '|'; empty when the file does not contain it.
Fields FieldsOf(const fs::path& file, std::string_view mark, std::size_t count) {
  std::ifstream stream(file, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(stream)),
                          std::istreambuf_iterator<char>());
  std::size_t at = bytes.find(mark);
  if (at == std::string::npos) return {};
  at += mark.size();
  Fields fields;
  while (fields.size() < count) {
    const std::size_t end = bytes.find('|', at);
    if (end == std::string::npos) return {};
    fields.push_back(bytes.substr(at, end - at));
    at = end + 1;
  }
  return fields;
}

std::vector<Fields> AllFields(const fs::path& folder, std::string_view mark, std::size_t count) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<Fields> all;
  for (const fs::path& file : files)
    if (Fields fields = FieldsOf(file, mark, count); !fields.empty())
      all.push_back(std::move(fields));
  return all;
}

// --- DICOM by hand (PS3.5 section 7.1, Explicit VR Little Endian)

std::string Number(std::uint32_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text.push_back(static_cast<char>(value >> (8 * i) & 0xff));
  return text;
}

std::string Element(std::uint32_t tag, const std::string& vr, std::string value) {
  if (value.size() % 2 != 0) value.push_back(vr == "UI" || vr == "OB" ? '\0' : ' ');
  const std::string head = Number(tag >> 16, 2) + Number(tag & 0xffff, 2) + vr;
  const auto size = static_cast<std::uint32_t>(value.size());
  const bool is_long = vr == "SQ" || vr == "UT" || vr == "OB" || vr == "OW";
  return head + (is_long ? std::string(2, '\0') + Number(size, 4) : Number(size, 2)) + value;
}

std::string Item(const std::string& content) {
  return Number(0xfffe, 2) + Number(0xe000, 2) +
         Number(static_cast<std::uint32_t>(content.size()), 4) + content;
}

std::string File(const std::string& sop_class, const std::string& sop_instance,
                 const std::string& data_set) {
  const std::string meta =
      Element(0x00020001, "OB", std::string("\0\1", 2)) + Element(0x00020002, "UI", sop_class) +
      Element(0x00020003, "UI", sop_instance) + Element(0x00020010, "UI", "1.2.840.10008.1.2.1") +
      Element(0x00020012, "UI", "2.25.1");
  return std::string(128, '\0') + "DICM" +
         Element(0x00020000, "UL", Number(static_cast<std::uint32_t>(meta.size()), 4)) + meta +
         data_set;
}

// The first attributes of every object of one study, up to Modality and Manufacturer, and the
// attributes after them.
struct Head {
  std::string study, patient;

  std::string First(const std::string& sop_class, const std::string& sop_instance,
                    const std::string& modality) const {
    return Element(0x00080016, "UI", sop_class) + Element(0x00080018, "UI", sop_instance) +
           Element(0x00080020, "DA", "20260301") + Element(0x00080060, "CS", modality) +
           Element(0x00080070, "LO", std::string(kManufacturer));
  }
  std::string Second(const std::string& series) const {
    return Element(0x00100020, "LO", patient) + Element(0x0020000d, "UI", study) +
           Element(0x0020000e, "UI", series);
  }
};

Document Report(const Head& head, const std::vector<Fields>& images,
                const std::vector<Fields>& earlier, const std::string& fingerprint,
                std::size_t bytes) {
  const std::string uid = DeriveUid(fingerprint, "sr");
  std::string text(kReportMark);
  text += head.study + "|" + uid + "|";
  for (const Fields& image : images) text += image[4] + " ";
  text += "|";
  while (text.size() < bytes) text += fingerprint;
  std::string predecessors;
  for (const Fields& report : earlier)
    if (report[0] == head.study && report[1] != uid)
      predecessors +=
          Item(Element(0x00081150, "UI", kSrClass) + Element(0x00081155, "UI", report[1]));
  std::string data_set = head.First(kSrClass, uid, "SR") +
                         head.Second(DeriveUid(fingerprint, "sr-series")) +
                         Element(0x0040a160, "UT", text);
  if (!predecessors.empty()) data_set += Element(0x0040a360, "SQ", predecessors);
  return {"sr.dcm", kSrClass, uid, File(kSrClass, uid, data_set)};
}

Document Picture(const Head& head, const std::string& fingerprint) {
  const std::string uid = DeriveUid(fingerprint, "sc");
  const std::string two = Number(2, 2), eight = Number(8, 2);
  const std::string pixels =
      Element(0x00280002, "US", Number(1, 2)) + Element(0x00280004, "CS", "MONOCHROME2") +
      Element(0x00280010, "US", two) + Element(0x00280011, "US", two) +
      Element(0x00280100, "US", eight) + Element(0x00280101, "US", eight) +
      Element(0x00280102, "US", Number(7, 2)) + Element(0x00280103, "US", Number(0, 2)) +
      Element(0x7fe00010, "OB", std::string(4, 'x'));
  return {"sc-1.dcm", kScClass, uid,
          File(kScClass, uid,
               head.First(kScClass, uid, "OT") + head.Second(DeriveUid(fingerprint, "sc-series")) +
                   pixels)};
}

Analysis ResultOf(const std::vector<Fields>& images, std::size_t bytes,
                  const PipelineOptions& options) {
  const Head head{images.front()[2], images.front()[3]};
  std::vector<Fields> earlier;
  if (options.prior_dir) earlier = AllFields(*options.prior_dir, kReportMark, 2);
  Analysis analysis;
  analysis.documents.push_back(Report(head, images, earlier, options.fingerprint, bytes));
  analysis.documents.push_back(Picture(head, options.fingerprint));
  return analysis;
}

// --- What a study may do

// Writes to the memory, so that it is really used.
[[noreturn]] void EatMemory() {
  std::vector<std::unique_ptr<std::vector<char>>> eaten;
  while (true) eaten.push_back(std::make_unique<std::vector<char>>(std::size_t{16} << 20, 'x'));
}

void Wait(std::chrono::milliseconds time) { std::this_thread::sleep_for(time); }

void WaitForFile(const fs::path& path) {
  while (!fs::exists(path)) Wait(std::chrono::milliseconds(5));
}

[[noreturn]] void Spin() {
  for (std::atomic<unsigned> i = 0;; ++i) {
  }
}

// The words that do not end with a result.
Result<Analysis> Fail(const std::string& word) {
  if (word == "die") std::raise(SIGKILL);
  if (word == "poison") ::kill(::getppid(), SIGKILL);
  if (word == "crash") {
    std::signal(SIGSEGV,
                SIG_DFL);  // A sanitizer's handler would turn the signal into an exit code.
    std::raise(SIGSEGV);
  }
  if (word == "eat") EatMemory();
  if (word == "spin") Spin();
  if (word == "hang" || word == "poison") WaitForFile("/nonexistent");
  if (word == "throw") throw std::runtime_error("a library does not like it");
  if (word == "unavailable") return Unavailable("a file server does not answer");
  if (word == "not_whole_body") {
    Analysis analysis;
    analysis.outcome = Outcome::kNotWholeBody;
    analysis.reason = "a brain MRI";
    return analysis;
  }
  return InvalidInput("the study says '" + word + "'");
}

Result<Analysis> Analyze(const fs::path& study, const PipelineOptions& options, RunContext& run) {
  const std::vector<Fields> images = AllFields(study, kStudyMark, 5);
  if (images.empty()) return InvalidInput("no image says what to do");
  const std::string& word = images.front()[0];
  const std::string& argument = images.front()[1];
  const auto timer = run.Timed("detect", 0.5);
  if (word == "result") return ResultOf(images, std::stoul(argument), options);
  if (word == "work") {
    Wait(std::chrono::milliseconds(std::stoi(argument)));
    return ResultOf(images, kUsualBytes, options);
  }
  if (word == "wait") {
    WaitForFile(argument);
    return ResultOf(images, kUsualBytes, options);
  }
  if (word == "die_once") {
    if (!fs::exists(argument)) {
      std::ofstream mark(argument);
      mark.close();
      std::raise(SIGKILL);
    }
    return ResultOf(images, kUsualBytes, options);
  }
  return Fail(word);
}

}  // namespace

PipelineEntry FaultPipeline() {
  return {[](const PipelineOptions&) {
            return Result<PipelineIdentity>(PipelineIdentity{"fault", "1", std::string(64, 'f')});
          },
          Analyze};
}

}  // namespace osteon::testing

int main(int argc, char** argv) {
  return osteon::OsteondMain(argc, argv, osteon::testing::FaultPipeline());
}
