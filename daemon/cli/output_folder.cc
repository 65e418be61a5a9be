// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/cli/output_folder.h"

#include <fmt/core.h>

#include <unistd.h>

#include <fstream>
#include <system_error>
#include <vector>

namespace osteon::cli {
namespace {

namespace fs = std::filesystem;

Status WriteFile(const fs::path& path, const std::string& bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  if (!file) return Unavailable("cannot write " + path.string());
  return {};
}

struct NamedFile {
  fs::path name;
  const std::string* bytes;
};

std::vector<NamedFile> FilesOf(const Analysis& analysis) {
  std::vector<NamedFile> files;
  for (const Document& document : analysis.documents) {
    files.push_back({document.name, &document.bytes});
  }
  if (!analysis.findings_json.empty()) files.push_back({"findings.json", &analysis.findings_json});
  if (!analysis.overview_png.empty()) files.push_back({"overview.png", &analysis.overview_png});
  for (const auto& [name, bytes] : analysis.explanations) {
    files.push_back({fs::path("explain") / fs::path(name).filename(), &bytes});
  }
  return files;
}

// A file of an earlier analysis. A study that has no lesion now must not keep an old seg.dcm next
// to the new sr.dcm.
bool IsOurs(const fs::path& name) {
  const std::string text = name.string();
  const bool page = text.starts_with("sc-") && text.ends_with(".dcm");
  return page || text == "sr.dcm" || text == "seg.dcm" || text == "report-pdf.dcm" ||
         text == "findings.json" || text == "overview.png" || text == "explain";
}

Status Failure(const char* what, const fs::path& path, const std::error_code& error) {
  return Unavailable(std::string(what) + " " + path.string() + ": " + error.message());
}

Status MoveInto(const fs::path& from, const fs::path& out) {
  std::error_code error;
  std::vector<fs::path> old;
  for (const auto& entry : fs::directory_iterator(out, error)) {
    if (IsOurs(entry.path().filename())) old.push_back(entry.path());
  }
  for (const fs::path& path : old) {
    fs::remove_all(path, error);
    if (error) return Failure("cannot replace", path, error);
  }
  for (const auto& entry : fs::directory_iterator(from, error)) {
    const fs::path to = out / entry.path().filename();
    fs::rename(entry.path(), to, error);
    if (error) return Failure("cannot write", to, error);
  }
  return {};
}

Status WriteAll(const Analysis& analysis, const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return Failure("cannot create", folder, error);
  if (!analysis.explanations.empty()) fs::create_directory(folder / "explain", error);
  for (const NamedFile& file : FilesOf(analysis)) {
    if (Status status = WriteFile(folder / file.name, *file.bytes); !status) return status;
  }
  return {};
}

}  // namespace

Status WriteAnalysis(const Analysis& analysis, const fs::path& out) {
  std::error_code error;
  const fs::path target = fs::absolute(out, error).lexically_normal();
  const fs::path name = target.has_filename() ? target.filename() : target.parent_path().filename();
  const fs::path parent =
      target.has_filename() ? target.parent_path() : target.parent_path().parent_path();
  const fs::path beside = parent / fmt::format(".{}.part-{}", name.string(), ::getpid());
  Status status = WriteAll(analysis, beside);
  if (status && fs::is_directory(parent / name, error)) {
    status = MoveInto(beside, parent / name);
  } else if (status) {
    fs::rename(beside, parent / name, error);
    if (error) status = Failure("cannot write", out, error);
  }
  fs::remove_all(beside, error);
  return status;
}

}  // namespace osteon::cli
