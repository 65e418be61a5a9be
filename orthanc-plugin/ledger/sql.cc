// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/ledger/sql.h"

namespace osteon::plugin {

std::optional<std::int64_t> Row::MaybeInt(std::size_t column) const {
  const auto* number = std::get_if<std::int64_t>(&cells[column]);
  return number ? std::optional(*number) : std::nullopt;
}

std::string Row::Text(std::size_t column) const {
  const auto* text = std::get_if<std::string>(&cells[column]);
  return text ? *text : std::string();
}

Transaction::~Transaction() {
  if (open_) connection_.Rollback();
}

Status Transaction::Begin() {
  Status begun = connection_.Begin();
  open_ = begun.ok();
  return begun;
}

Status Transaction::Commit() {
  Status committed = connection_.Commit();
  if (committed) open_ = false;
  return committed;
}

}  // namespace osteon::plugin
