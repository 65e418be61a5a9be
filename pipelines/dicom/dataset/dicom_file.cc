// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/dataset/dicom_file.h"

#include <dcmtk/dcmdata/dcistrmf.h>

#include <cstdint>

#include "pipelines/dicom/dataset/dcmtk_setup.h"

namespace osteon {
namespace {

constexpr std::ptrdiff_t kMostStackBytes = 524'288;  // 512 KiB

makeOFConditionConst(kTooDeep, OFM_dcmdata, 1001, OF_error, "sequences are nested too deeply");

std::intptr_t StackTop() { return reinterpret_cast<std::intptr_t>(__builtin_frame_address(0)); }

// DCMTK reads a few bytes at a time from its stream, at every level, so the depth can be checked
// here.
class ShallowFileStream final : public DcmInputFileStream {
 public:
  explicit ShallowFileStream(const std::filesystem::path& path)
      : DcmInputFileStream(path.c_str()), base_(StackTop()) {}

  OFBool good() const override { return !too_deep_ && DcmInputFileStream::good(); }
  OFCondition status() const override {
    return too_deep_ ? OFCondition(kTooDeep) : DcmInputFileStream::status();
  }
  offile_off_t read(void* bytes, offile_off_t size) override {
    // The stack of every processor that this is built for grows downwards.
    if (base_ - StackTop() > kMostStackBytes) too_deep_ = true;
    return too_deep_ ? 0 : DcmInputFileStream::read(bytes, size);
  }
  bool too_deep() const { return too_deep_; }

 private:
  const std::intptr_t base_;
  bool too_deep_ = false;
};

LoadedHeader Load(DcmFileFormat& file, const std::filesystem::path& path, Uint32 max_value_bytes,
                  const DcmTagKey& stop_at) {
  PrepareDcmtk();
  ShallowFileStream stream(path);
  if (!stream.good()) return {stream.status()};
  if (const OFCondition cleared = file.clear(); cleared.bad()) return {cleared};
  file.transferInit();
  const OFCondition read =
      file.readUntilTag(stream, EXS_Unknown, EGL_noChange, max_value_bytes, stop_at);
  file.transferEnd();
  return {stream.too_deep() ? stream.status() : read, !stream.eos()};
}

}  // namespace

OFCondition LoadDicomFile(DcmFileFormat& file, const std::filesystem::path& path,
                          Uint32 max_value_bytes, const DcmTagKey& stop_at) {
  return Load(file, path, max_value_bytes, stop_at).status;
}

LoadedHeader LoadDicomHeader(DcmFileFormat& file, const std::filesystem::path& path,
                             const DcmTagKey& stop_at) {
  return Load(file, path, DCM_MaxReadLength, stop_at);
}

}  // namespace osteon
