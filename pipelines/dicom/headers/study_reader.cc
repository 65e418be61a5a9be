// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/headers/study_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <map>
#include <optional>
#include <set>
#include <system_error>
#include <tuple>

namespace osteon {
namespace {

namespace fs = std::filesystem;

// Regular files below the folder, sorted, so that the result does not depend on the file system's
// order.
Result<std::vector<fs::path>> ListFiles(const fs::path& folder, const ReadOptions& options) {
  const std::string name = folder.filename().empty() ? folder.string() : folder.filename().string();
  std::error_code error;
  if (!fs::is_directory(folder, error)) return InvalidInput(name + ": is not a folder");
  fs::recursive_directory_iterator entries(folder, error);
  if (error) return Unavailable(name + ": cannot be listed: " + error.message());
  std::vector<fs::path> files;
  for (; entries != fs::recursive_directory_iterator(); entries.increment(error)) {
    if (error) return Unavailable(name + ": cannot be listed: " + error.message());
    if (!entries->is_regular_file(error)) continue;
    if (files.size() == options.max_files) {
      return InvalidInput(
          fmt::format("{}: holds more than {} files: not one study", name, options.max_files));
    }
    files.push_back(entries->path());
  }
  if (files.empty()) return InvalidInput(name + ": the folder is empty; nothing to analyse");
  std::sort(files.begin(), files.end());
  return files;
}

using ReadHeader = std::optional<Result<FileHeader>>;

// Reads files of `files` into their places, each thread the next one that none has taken. After a
// fault no further ones are taken; all before it are read.
void ReadSome(const fs::path& folder, const std::vector<fs::path>& files,
              const HeaderLimits& limits, const RunContext& run, std::atomic<std::size_t>& next,
              std::vector<ReadHeader>& headers) {
  for (std::size_t n = next++; n < files.size(); n = next++) {
    headers[n] =
        run.Cancelled()
            ? Result<FileHeader>(Cancelled("while reading headers"))
            : ReadFileHeader(files[n], files[n].lexically_relative(folder).string(), limits);
    if (!*headers[n]) next = files.size();
  }
}

// Empty behind the first fault.
std::vector<ReadHeader> ReadAll(const fs::path& folder, const std::vector<fs::path>& files,
                                const ReadOptions& options, const RunContext& run) {
  std::vector<ReadHeader> headers(files.size());
  std::atomic<std::size_t> next = 0;
  std::vector<std::future<void>> others;
  for (int n = 1; n < options.threads; ++n) {
    others.push_back(std::async(
        std::launch::async, [&] { ReadSome(folder, files, options.limits, run, next, headers); }));
  }
  ReadSome(folder, files, options.limits, run, next, headers);
  for (auto& other : others) other.get();
  return headers;
}

Result<std::vector<FileHeader>> ReadHeaders(const fs::path& folder, const ReadOptions& options,
                                            RunContext& run) {
  const auto files = ListFiles(folder, options);
  if (!files) return files.error();
  std::vector<FileHeader> headers;
  for (ReadHeader& read : ReadAll(folder, *files, options, run)) {
    Result<FileHeader>& header = *read;
    if (!header) return std::move(header).error();
    if (!options.only_study.empty() && header->study_instance_uid != options.only_study) continue;
    headers.push_back(*std::move(header));
  }
  const bool any_dicom = std::any_of(headers.begin(), headers.end(), [](const FileHeader& h) {
    return h.kind != FileHeader::Kind::kNotDicom;
  });
  if (!any_dicom && options.only_study.empty()) {
    return InvalidInput(fmt::format("none of the {} files in the folder is DICOM ({}: {})",
                                    headers.size(), headers.front().file_name,
                                    headers.front().problem));
  }
  return headers;
}

Status CheckOneStudy(const std::vector<FileHeader>& headers) {
  std::map<std::string, std::size_t> studies;
  for (const FileHeader& h : headers) {
    if (!h.study_instance_uid.empty()) ++studies[h.study_instance_uid];
  }
  if (studies.size() < 2) return {};
  std::string list;
  for (const auto& [uid, count] : studies) {
    list += fmt::format("{}{} ({} files)", list.empty() ? "" : ", ", uid, count);
  }
  return InvalidInput(
      fmt::format("the folder holds {} studies, one is wanted: {}", studies.size(), list));
}

// Both are given and differ.
bool Contradict(const std::string& a, const std::string& b) {
  return !a.empty() && !b.empty() && a != b;
}

Status CheckOnePatient(const std::vector<FileHeader>& headers) {
  const FileHeader* first = nullptr;
  for (const FileHeader& h : headers) {
    if (h.kind != FileHeader::Kind::kMrImage && h.kind != FileHeader::Kind::kDamaged) continue;
    if (first == nullptr) first = &h;
    if (Contradict(h.patient.patient_id, first->patient.patient_id) ||
        Contradict(h.patient.birth_date, first->patient.birth_date)) {
      return InvalidInput(first->file_name + " and " + h.file_name +
                          " have one Study Instance UID but differ in Patient ID (0010,0020) or "
                          "Patient's Birth Date (0010,0030): correct the study in the archive");
    }
  }
  return {};
}

void TakePatientFacts(const std::vector<FileHeader>& headers, Study& study) {
  for (const FileHeader& h : headers) {
    if (study.study_instance_uid.empty()) study.study_instance_uid = h.study_instance_uid;
    if (study.study_date.empty()) study.study_date = h.patient.study_date;
    if (!study.age_years) study.age_years = h.patient.age_years;
    if (!study.height_mm) study.height_mm = h.patient.height_mm;
  }
}

// Lists what is no MR image: one entry per series, single files by name.
void TakeLeftOut(const std::vector<FileHeader>& headers, const ReadOptions& options, Study& study,
                 RunContext& run) {
  std::set<std::tuple<std::string, std::string>> seen;
  for (const FileHeader& h : headers) {
    if (h.kind == FileHeader::Kind::kMrImage) continue;
    const bool damaged = h.kind == FileHeader::Kind::kDamaged;
    const bool by_series = (!damaged || h.whole_series) && !h.series_instance_uid.empty();
    std::string what = by_series ? "series " + h.series_instance_uid : h.file_name;
    if (by_series && !h.description.empty()) what += " (" + h.description + ")";
    if (!seen.insert({what, h.problem}).second) continue;
    if (h.problem.starts_with("an empty file")) {
      run.AddCaveat("empty_file", h.file_name + " is " + h.problem + ".", {h.file_name});
    }
    study.left_out.push_back(
        damaged ? Unreadable(std::move(what), h.problem, h.physics, h.description, options.rules)
                : Study::LeftOut{std::move(what), h.problem});
  }
}

// The same image sent twice, as opposed to two images that were given one UID.
bool SameImage(const FileHeader& a, const FileHeader& b) {
  return a.frames.size() == b.frames.size() &&
         std::equal(a.frames.begin(), a.frames.end(), b.frames.begin(),
                    [](const FrameHeader& x, const FrameHeader& y) {
                      return x.position_mm == y.position_mm && x.kind == y.kind &&
                             x.row_direction == y.row_direction &&
                             x.instance_number == y.instance_number &&
                             x.physics.echo_time_ms == y.physics.echo_time_ms &&
                             x.physics.b_value_s_per_mm2 == y.physics.b_value_s_per_mm2;
                    });
}

// Frames by series. A series with a damaged file is left out as a whole.
std::map<std::string, std::vector<FrameHeader>> FramesBySeries(
    const std::vector<FileHeader>& headers, const ReadOptions& options, Study& study) {
  std::map<std::string, std::vector<FrameHeader>> series;
  std::map<std::pair<std::string, std::string>, const FileHeader*> first_of_instance;
  std::map<std::string, std::string> damaged;
  std::vector<const FileHeader*> taken;
  for (const FileHeader& h : headers) {
    if (h.kind == FileHeader::Kind::kDamaged) {
      damaged[h.series_instance_uid] = "its file " + h.file_name + " is damaged";
    }
    if (h.kind != FileHeader::Kind::kMrImage) continue;
    const auto [known, is_new] =
        first_of_instance.insert({{h.series_instance_uid, h.sop_instance_uid}, &h});
    if (is_new) {
      taken.push_back(&h);
    } else if (SameImage(h, *known->second)) {
      study.left_out.push_back(
          {h.file_name, "the same SOP Instance UID as " + known->second->file_name});
    } else {
      damaged[h.series_instance_uid] =
          known->second->file_name + " and " + h.file_name +
          " are different images with one SOP Instance UID (0008,0018)";
    }
  }
  for (const FileHeader* h : taken) {
    auto& frames = series[h->series_instance_uid];
    frames.insert(frames.end(), h->frames.begin(), h->frames.end());
  }
  for (const auto& [uid, why] : damaged) {
    const auto rest = series.extract(uid);
    if (rest.empty()) continue;
    const FrameHeader& first = rest.mapped().front();
    study.left_out.push_back(
        Unreadable("series " + uid, why, first.physics, first.description, options.rules));
  }
  return series;
}

}  // namespace

Result<Study> ReadStudy(const fs::path& folder, const ReadOptions& options, RunContext& run) {
  auto headers = ReadHeaders(folder, options, run);
  if (!headers) return std::move(headers).error();
  if (Status one = CheckOneStudy(*headers); !one) return std::move(one).error();
  if (Status one = CheckOnePatient(*headers); !one) return std::move(one).error();
  Study study;
  TakePatientFacts(*headers, study);
  TakeLeftOut(*headers, options, study, run);
  std::vector<Caveat> caveats;
  for (const auto& [uid, frames] : FramesBySeries(*headers, options, study)) {
    if (run.Cancelled()) return Cancelled("while sorting slices");
    AddSeries(frames, options.rules, study, caveats);
  }
  FinishSeries(options.rules, study, caveats);
  for (Caveat& c : caveats)
    run.AddCaveat(std::move(c.code), std::move(c.text), std::move(c.values));
  for (const Study::LeftOut& out : study.left_out) {
    if (out.damaged)
      run.AddCaveat("series_left_out", out.what + " was left out: " + out.reason, {out.what});
  }
  return study;
}

}  // namespace osteon
