// SPDX-License-Identifier: GPL-3.0-or-later
// The fields of each message in wire order, once for both directions: FieldWriter and FieldReader
// (frames.cc) walk the same lists, so the two cannot drift apart. Private to frames.cc.
#pragma once

#include <concepts>
#include <type_traits>

#include "daemon/protocol/messages.h"

namespace osteon::protocol {

// M is T or const T: const when it is written.
template <typename M, typename T>
concept Is = std::same_as<std::remove_const_t<M>, T>;

void Fields(auto& io, Is<Lease> auto& m) {
  io.JobId("job", m.job);
  io.Number("attempt", m.attempt, 1, UINT32_MAX);
}

void Fields(auto& io, Is<Hello> auto& m) {
  io.Token("worker", m.worker);
  io.Token("version", m.version);
  io.Token("pipeline_name", m.pipeline_name);
  io.Token("pipeline_version", m.pipeline_version);
  io.Token("pipeline_hash", m.pipeline_hash);
  io.Number("slots", m.slots, 0, 1024);
}

void Fields(auto& io, Is<Ready> auto& m) {
  io.Number("free_slots", m.free_slots, 0, 1024);
  if (!io.Since(2)) return;
  io.Text("trouble", m.trouble);
  if (!io.Since(3)) return;
  io.Number("clock_ms", m.clock_ms, 0, INT64_MAX);
}

void Fields(auto& io, Is<JobInstance> auto& m) {
  io.Enum("role", m.role, InstanceRole::kPrior);
  io.Token("series_instance_uid", m.series_instance_uid);
  io.Token("sop_instance_uid", m.sop_instance_uid);
  io.Number("bytes", m.bytes, 1, kMaxInstanceBytes);
  io.Token("md5", m.md5);
}

void Fields(auto& io, Is<RelatedRadiograph> auto& m) {
  io.Token("study_instance_uid", m.study_instance_uid);
  io.Token("modality", m.modality);
  io.Text("body_part", m.body_part);
  io.Token("date", m.date);
}

void Fields(auto& io, Is<Job> auto& m) {
  Fields(io, m.lease);
  io.Number("lease_seconds", m.lease_seconds, 1, 86'400);
  io.Token("fingerprint", m.fingerprint);
  io.List("instances", m.instances, kMaxInstances);
  io.List("related", m.related, kMaxRelated);
  if (!io.Since(1)) return;
  io.LongText("selection_rules", m.selection_rules, kMaxRulesBytes);
  io.Text("incomplete", m.incomplete);
  if (!io.Since(2)) return;
  io.Token("pipeline_hash", m.pipeline_hash);
}

void Fields(auto& io, Is<Fetch> auto& m) {
  Fields(io, m.lease);
  io.Number("instance", m.instance, 0, kMaxInstances - 1);
  io.Offset("offset", m.offset, kMaxInstanceBytes);
  io.Number("credit", m.credit, 1, kMaxCredit);
}

void Fields(auto& io, Is<Instance> auto& m) {
  Fields(io, m.lease);
  io.Number("instance", m.instance, 0, kMaxInstances - 1);
  io.Offset("offset", m.offset, kMaxInstanceBytes);
}

void Fields(auto& io, Is<Touch> auto& m) {
  Fields(io, m.lease);
  io.Token("stage", m.stage);
  io.Fraction("fraction", m.fraction);
}

void Fields(auto& io, Is<ResultDocument> auto& m) {
  io.Token("name", m.name);
  io.Token("sop_class_uid", m.sop_class_uid);
  io.Token("sop_instance_uid", m.sop_instance_uid);
  io.Number("bytes", m.bytes, 1, kMaxDocumentBytes);
  io.Token("sha256", m.sha256);
}

void Fields(auto& io, Is<StageCost> auto& m) {
  io.Token("stage", m.stage);
  io.Number("milliseconds", m.milliseconds, 0, UINT32_MAX);
}

void Fields(auto& io, Is<ResultManifest> auto& m) {
  Fields(io, m.lease);
  io.Token("fingerprint", m.fingerprint);
  io.Enum("outcome", m.outcome, ResultOutcome::kNotWholeBody);
  io.Text("reason", m.reason);
  io.List("documents", m.documents, kMaxDocuments);
  io.List("stages", m.stages, kMaxStages);
  io.Number("peak_memory_bytes", m.peak_memory_bytes, 0, UINT64_MAX);
  std::uint64_t total_bytes = 0;
  for (const ResultDocument& document : m.documents) total_bytes += document.bytes;
  io.Require("documents", total_bytes <= kMaxResultBytes, "together larger than a result may be");
  if (!io.Since(2)) return;
  for (auto& stage : m.stages)
    io.Number("stage_peak_memory_bytes", stage.peak_memory_bytes, 0, UINT64_MAX);
}

void Fields(auto& io, Is<ResultChunk> auto& m) {
  Fields(io, m.lease);
  io.Number("document", m.document, 0, kMaxDocuments - 1);
  io.Offset("offset", m.offset, kMaxDocumentBytes);
}

void Fields(auto& io, Is<Failed> auto& m) {
  Fields(io, m.lease);
  io.Code("code", m.code);
  io.Token("stage", m.stage);
  io.Text("message", m.message);
  io.Enum("ending", m.ending, Ending::kDied);
}

void Fields(auto& io, Is<Committed> auto& m) { Fields(io, m.lease); }

void Fields(auto& io, Is<Stale> auto& m) {
  Fields(io, m.lease);
  io.Text("reason", m.reason);
}

void Fields(auto& io, Is<Cancel> auto& m) {
  Fields(io, m.lease);
  io.Text("reason", m.reason);
}

void Fields(auto& io, Is<Refused> auto& m) {
  io.Enum("reason", m.reason, RefusedReason::kMalformed);
  io.Text("message", m.message);
}

}  // namespace osteon::protocol
