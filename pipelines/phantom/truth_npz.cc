// SPDX-License-Identifier: GPL-3.0-or-later
// An .npz file is a zip archive of .npy files (NumPy Enhancement Proposal 1; PKWARE APPNOTE 6.3,
// sections 4.3.7, 4.3.12 and 4.3.16). Deflate comes from zlib; time stamps are the zip epoch, so
// the bytes repeat.
#include <fmt/core.h>
#include <zlib.h>

#include <cstdint>
#include <fstream>
#include <string>

#include "pipelines/phantom/truth_files.h"

namespace osteon::phantom {
namespace {

void Put(std::string& out, std::uint64_t value, int bytes) {
  for (int n = 0; n < bytes; ++n, value >>= 8) out.push_back(static_cast<char>(value & 0xff));
}

// The .npy header of a C-ordered uint8 array, padded to a multiple of 64 bytes.
std::string NpyHeader(int z, int y, int x) {
  std::string text =
      fmt::format("{{'descr': '|u1', 'fortran_order': False, 'shape': ({}, {}, {}), }}", z, y, x);
  while ((10 + text.size() + 1) % 64 != 0) text += ' ';
  text += '\n';
  std::string header("\x93NUMPY\x01\x00", 8);
  Put(header, text.size(), 2);
  return header + text;
}

// [z, y, x] out of our [k = y, j = z, i = x].
std::string NpyOf(const Volume<std::uint8_t>& volume) {
  const VolumeGeometry& g = volume.geometry();
  std::string out = NpyHeader(g.rows, g.slices, g.columns);
  out.reserve(out.size() + volume.size());
  for (int j = 0; j < g.rows; ++j)
    for (int k = 0; k < g.slices; ++k) {
      const auto row =
          volume.Slice(k).subspan(volume.Index(0, j, 0), static_cast<std::size_t>(g.columns));
      out.append(row.begin(), row.end());
    }
  return out;
}

Result<std::string> Deflated(const std::string& plain) {
  z_stream stream{};
  // Window bits -15: a raw stream, as zip wants it.
  if (deflateInit2(&stream, 1, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    return Internal("zlib did not start");
  std::string packed(deflateBound(&stream, plain.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  const int done = deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  if (done != Z_STREAM_END) return Internal("zlib did not finish");
  return packed;
}

class ZipWriter {
 public:
  Status Add(const std::string& name, const std::string& plain) {
    Result<std::string> packed = Deflated(plain);
    if (!packed) return std::move(packed).error();
    const auto crc =
        crc32(0, reinterpret_cast<const Bytef*>(plain.data()), static_cast<uInt>(plain.size()));
    const std::size_t offset = bytes_.size();
    Put(bytes_, 0x04034b50, 4);
    const std::string common = CommonFields(crc, packed->size(), plain.size(), name.size());
    bytes_ += common + name + *packed;
    Put(directory_, 0x02014b50, 4);
    Put(directory_, 20, 2);  // Made by version 2.0.
    directory_ += common;
    Put(directory_, 0, 2 + 2 + 2 + 4);  // No comment, first disk, no attributes.
    Put(directory_, offset, 4);
    directory_ += name;
    ++entries_;
    return {};
  }
  std::string Finish() {
    const std::size_t start = bytes_.size();
    bytes_ += directory_;
    Put(bytes_, 0x06054b50, 4);
    Put(bytes_, 0, 4);  // This disk, first disk.
    Put(bytes_, entries_, 2);
    Put(bytes_, entries_, 2);
    Put(bytes_, directory_.size(), 4);
    Put(bytes_, start, 4);
    Put(bytes_, 0, 2);
    return std::move(bytes_);
  }

 private:
  static std::string CommonFields(std::uint64_t crc, std::size_t packed, std::size_t plain,
                                  std::size_t name) {
    std::string out;
    Put(out, 20, 2);    // Needs version 2.0.
    Put(out, 0, 2);     // No flags.
    Put(out, 8, 2);     // Deflate.
    Put(out, 0, 2);     // Midnight ...
    Put(out, 0x21, 2);  // ... of 1980-01-01.
    Put(out, crc, 4);
    Put(out, packed, 4);
    Put(out, plain, 4);
    Put(out, name, 2);
    Put(out, 0, 2);  // No extra field.
    return out;
  }

  std::string bytes_, directory_;
  std::uint64_t entries_ = 0;
};

}  // namespace

Status WriteTruthArrays(const std::filesystem::path& file, const Body& body) {
  ZipWriter zip;
  if (Status done = zip.Add("lesions.npy", NpyOf(body.lesion_id)); !done) return done;
  if (Status done = zip.Add("units.npy", NpyOf(body.units)); !done) return done;
  std::ofstream out(file, std::ios::binary);
  const std::string bytes = zip.Finish();
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!out.flush()) return Unavailable("write " + file.string());
  return {};
}

}  // namespace osteon::phantom
