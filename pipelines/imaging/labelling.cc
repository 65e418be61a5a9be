// SPDX-License-Identifier: GPL-3.0-or-later
// By runs: stretches of one value along a row. There are far fewer of them than voxels, and two
// touch or not by where they begin and end (He, Chao, Suzuki: A run-based two-scan labeling
// algorithm, IEEE Trans Image Process 17, 2008).
#include "pipelines/imaging/labelling.h"

#include <algorithm>
#include <cstring>

namespace osteon {
namespace {

struct Run {
  std::int32_t begin, end;  // Columns; `end` is one past the last.
  std::int32_t parent;      // Union-find; its root is the first run of the component in memory.
  std::uint8_t value;
};

struct Runs {
  std::vector<Run> runs;                // In the order of memory.
  std::vector<std::int32_t> row_begin;  // Of each row, its first run; one more at the end.

  // With path halving.
  std::int32_t RootOf(std::int32_t n) {
    while (Parent(n) != n) n = Parent(n) = Parent(Parent(n));
    return n;
  }
  void Join(std::int32_t a, std::int32_t b) {
    const auto [low, high] = std::minmax({RootOf(a), RootOf(b)});
    Parent(high) = low;
  }

 private:
  std::int32_t& Parent(std::int32_t n) { return runs[static_cast<std::size_t>(n)].parent; }
};

// The first column from `i` on whose voxel is not `value`; eight at a time, since most of a mask is
// empty.
std::size_t Skip(std::span<const std::uint8_t> row, std::size_t i, std::uint8_t value) {
  std::uint64_t eight = 0, wanted = 0;
  std::memset(&wanted, value, sizeof wanted);
  for (; i + sizeof eight <= row.size(); i += sizeof eight) {
    std::memcpy(&eight, row.data() + i, sizeof eight);
    if (eight != wanted) break;
  }
  while (i < row.size() && row[i] == value) ++i;
  return i;
}

void AppendRow(std::span<const std::uint8_t> row, Runs& out) {
  out.row_begin.push_back(static_cast<std::int32_t>(out.runs.size()));
  for (std::size_t i = Skip(row, 0, 0); i < row.size(); i = Skip(row, i, 0)) {
    const std::size_t end = Skip(row, i + 1, row[i]);
    out.runs.push_back({static_cast<std::int32_t>(i), static_cast<std::int32_t>(end),
                        static_cast<std::int32_t>(out.runs.size()), row[i]});
    i = end;
  }
}

// Joins the runs of two neighbouring rows that touch, also by a corner, and have the same value.
void JoinRows(std::size_t row, std::size_t earlier, Runs& r) {
  const auto run = [&](std::int32_t n) -> const Run& {
    return r.runs[static_cast<std::size_t>(n)];
  };
  std::int32_t first =
      r.row_begin[earlier];  // The first that may touch; it may touch the next, too.
  const std::int32_t b_end = r.row_begin[earlier + 1];
  for (std::int32_t a = r.row_begin[row]; a < r.row_begin[row + 1]; ++a) {
    while (first < b_end && run(first).end < run(a).begin) ++first;
    for (std::int32_t b = first; b < b_end && run(b).begin <= run(a).end; ++b)
      if (run(b).value == run(a).value) r.Join(a, b);
  }
}

Runs FindRuns(const Volume<std::uint8_t>& values) {
  const auto columns = static_cast<std::size_t>(values.geometry().columns);
  const int rows = values.geometry().rows;
  Runs out;
  for (int k = 0; k < values.geometry().slices; ++k)
    for (int j = 0; j < rows; ++j)
      AppendRow(values.voxels().subspan(values.Index(0, j, k), columns), out);
  out.row_begin.push_back(static_cast<std::int32_t>(out.runs.size()));
  return out;
}

void JoinNeighbours(const VolumeGeometry& g, Runs& runs) {
  const auto row_of = [&](int j, int k) {
    return static_cast<std::size_t>(k) * static_cast<std::size_t>(g.rows) +
           static_cast<std::size_t>(j);
  };
  for (int k = 0; k < g.slices; ++k)
    for (int j = 0; j < g.rows; ++j) {
      if (j > 0) JoinRows(row_of(j, k), row_of(j - 1, k), runs);
      for (int e = std::max(0, j - 1); k > 0 && e <= std::min(g.rows - 1, j + 1); ++e)
        JoinRows(row_of(j, k), row_of(e, k - 1), runs);
    }
}

}  // namespace

Components LabelComponents(const Volume<std::uint8_t>& values) {
  Components out{Volume<std::int32_t>(values.geometry()), {}};
  Runs runs = FindRuns(values);
  JoinNeighbours(values.geometry(), runs);

  const auto columns = static_cast<std::size_t>(values.geometry().columns);
  std::vector<std::int32_t> number(runs.runs.size(), 0);  // Of a root: its label.
  for (std::size_t row = 0; row + 1 < runs.row_begin.size(); ++row) {
    for (std::int32_t n = runs.row_begin[row]; n < runs.row_begin[row + 1]; ++n) {
      std::int32_t& label = number[static_cast<std::size_t>(runs.RootOf(n))];
      if (label == 0) {
        out.sizes.push_back(0);
        label = static_cast<std::int32_t>(out.sizes.size());
      }
      const Run& run = runs.runs[static_cast<std::size_t>(n)];
      const auto length = static_cast<std::size_t>(run.end - run.begin);
      const auto first = row * columns + static_cast<std::size_t>(run.begin);
      std::ranges::fill(out.labels.voxels().subspan(first, length), label);
      out.sizes[static_cast<std::size_t>(label) - 1] += length;
    }
  }
  return out;
}

}  // namespace osteon
