// SPDX-License-Identifier: GPL-3.0-or-later
// osteon-move-ledger: from SQLite to PostgreSQL, while Orthanc is stopped.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "orthanc-plugin/ledger/move.h"
#include "pipelines/base/clock.h"
#include "pipelines/base/version.h"

namespace {

constexpr int kFailed = 1;
constexpr int kUsage = 2;

int Move(const std::string& file, const std::string& connection) {
  const auto moved = osteon::plugin::MoveLedger(file, connection, osteon::SystemClock().Now());
  if (!moved) {
    std::fprintf(stderr, "osteon-move-ledger: %s\n", moved.error().message().c_str());
    return kFailed;
  }
  for (const auto& table : *moved)
    std::printf("%-12s %8lld rows\n", table.name.c_str(), static_cast<long long>(table.rows));
  std::printf(
      "The ledger is in PostgreSQL. Set \"LedgerConnection\" to it, start Orthanc, and keep %s as "
      "a "
      "backup.\n",
      file.c_str());
  return 0;
}

int Run(int argc, char** argv) {
  CLI::App app(
      "Copies the ledger of one Orthanc from its SQLite file into PostgreSQL, where several share "
      "it. Stop Orthanc first; run it as Orthanc's user. All is copied or nothing, and the file "
      "stays as it is.",
      "osteon-move-ledger");
  app.set_version_flag("--version", "osteon-move-ledger " + std::string(osteon::kVersion));
  for (const char* word : {"TEXT", "REQUIRED"}) app.get_formatter()->label(word, "");
  std::string file, connection;
  app.add_option("FILE", file, "The ledger, osteon-ledger.sqlite")->required();
  app.add_option("CONNECTION", connection,
                 "The value of \"LedgerConnection\"; keep the password out of it, in a passfile")
      ->required();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : kUsage;
  }
  return Move(file, connection);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return Run(argc, argv);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "osteon-move-ledger: %s\n", e.what());
  } catch (...) {
    std::fputs("osteon-move-ledger: failed\n", stderr);
  }
  return kFailed;
}
