// SPDX-License-Identifier: GPL-3.0-or-later
// The fixture of the tests of intake.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "orthanc-plugin/intake/intake.h"
#include "tests/orthanc-plugin/fakes.h"

namespace osteon::plugin {

// Intake with an Orthanc, a ledger and a clock of its own; the test plays the worker.
class IntakeFixture : public testing::Test {
 protected:
  IntakeFixture() { MakeIntake(); }

  void MakeIntake() {
    IntakeOptions options;
    options.gate = {10'000, 60'000};
    options.reconcile_ms = 30'000;
    intake = std::make_unique<Intake>(
        archive, *ledger.store, [this] { return std::make_shared<const SiteRules>(site); }, options,
        IntakeEvents{[this] { ++wakes; },
                     [this](const Job& job, const std::string&) { revoked.push_back(job.id); }},
        clock);
  }

  FakeArchive::Study& AddStudy(const std::string& id, int extent_mm = 900) {
    FakeArchive::Study study;
    study.uid = "1.2.3." + id;
    FakeSeries series;
    series.uid = id + ".stir";
    series.header = StirHeader(extent_mm);
    series.sop_uids = {id + ".1", id + ".2"};
    study.series.push_back(series);
    archive.studies[id] = study;
    archive.Announce(id);
    return archive.studies[id];
  }

  void Round(const Intake::Wake& wake = {}) {
    const auto round = intake->Round(wake);
    ASSERT_TRUE(round.ok()) << round.error().message();
  }
  // Lets the quiet time pass.
  void Settle() {
    Round();
    clock.Pass(10'000);
    Round();
  }
  void Restart() {
    ledger.Reopen(clock.now_ms);
    MakeIntake();
  }

  Job Latest(const std::string& study) {
    const auto job = ledger.store->Latest(study);
    EXPECT_TRUE(job->has_value());
    return job->value_or(Job{});
  }

  // Takes a job from ready to done, as dispatch would.
  void Finish(JobId id) {
    LeaseRequest request{
        "w", "pipeline", "config", {Priority::kRoutine, Priority::kBackfill}, clock.now_ms, 60'000};
    const auto leased = ledger.store->Lease(request);
    ASSERT_TRUE(leased->has_value());
    ASSERT_EQ((*leased)->id, id);
    const std::uint32_t attempt = (*leased)->attempt;
    ASSERT_TRUE(ledger.store->BeginStoring({id, JobEvent::kResultReceived, "w", "", attempt, {}},
                                           results, clock.now_ms));
    ASSERT_TRUE(ledger.store->Apply({id, JobEvent::kVerified, "w", "", attempt, {}}, clock.now_ms));
  }

  // Adds the report to the study, as storing it does.
  void AddReport(const std::string& study, const std::string& modality = "SR") {
    FakeSeries report;
    report.uid = study + "." + modality;
    report.modality = modality;
    report.manufacturer = "Osteon project";
    report.sop_uids = {study + ".report." + modality};
    archive.studies[study].series.push_back(report);
    archive.studies[study].last_update = "20300101T000001";
    archive.Announce(study);
  }

  FakeClock clock;
  FakeArchive archive;
  TemporaryLedger ledger{clock.now_ms};
  SiteRules site = DefaultRules();
  const SelectionRules& rules = site.rules;
  std::unique_ptr<Intake> intake;
  std::vector<ResultRow> results;  // Of the jobs that Finish ends.
  int wakes = 0;
  std::vector<JobId> revoked;
};

}  // namespace osteon::plugin
