// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <ctime>

#include "orthanc-plugin/digest/digest_words.h"

namespace osteon::plugin {
namespace {

constexpr std::size_t kMostLines = 50;  // Of one list; the rest is counted.

std::string Local(UnixMs at_ms, const char* format) {
  const std::time_t seconds = static_cast<std::time_t>(at_ms / 1000);
  std::tm local = {};
  localtime_r(&seconds, &local);
  char text[64];
  std::strftime(text, sizeof text, format, &local);
  return text;
}

std::string Stamp(UnixMs at_ms) { return Local(at_ms, "%a %Y-%m-%d %H:%M"); }

// "15 s", "2 min 5 s", "3 h 10 min", "2 d 4 h".
std::string Lasting(UnixMs ms) {
  const UnixMs s = (ms + 500) / 1000;
  const auto two = [](UnixMs a, const char* big, UnixMs b, const char* small) {
    return fmt::format("{}{}{}", a, big, b > 0 ? fmt::format(" {}{}", b, small) : "");
  };
  if (s < 60) return fmt::format("{} s", s);
  if (s < 3'600) return two(s / 60, " min", s % 60, " s");
  if (s < 86'400) return two(s / 3'600, " h", s % 3'600 / 60, " min");
  return two(s / 86'400, " d", s % 86'400 / 3'600, " h");
}

std::string Count(std::int64_t number, const std::string& one, const std::string& many) {
  return fmt::format("{} {}", number, number == 1 ? one : many);
}

std::int64_t Of(const std::vector<std::pair<JobState, std::int64_t>>& counts, JobState state) {
  for (const auto& [one, count] : counts)
    if (one == state) return count;
  return 0;
}

std::string Label(JobState state) {
  std::string name(Name(state));
  std::replace(name.begin(), name.end(), '_', ' ');
  return name;
}

// The first kMostLines of a list, and how many there are beside them.
template <typename Line, typename Write>
std::string List(const std::vector<Line>& lines, const std::string& all, Write write) {
  std::string text;
  for (std::size_t i = 0; i < std::min(lines.size(), kMostLines); ++i) text += write(lines[i]);
  if (lines.size() > kMostLines)
    text += fmt::format("    and {} more: {}\n", lines.size() - kMostLines, all);
  return text;
}

std::string HoldText(const Hold& hold) {
  if (hold.kind == HoldKind::kNone) return {};
  const bool drain = hold.kind == HoldKind::kDrain;
  return "  " + std::string(drain ? "draining" : "paused") + " since " + Stamp(hold.since_ms) +
         ": " + (drain ? "nothing that came later" : "nothing") + " is handed out\n" +
         "      -> 'osteon resume' when work may go on\n";
}

std::string UncopiedText(const MorningDigest& digest) {
  if (digest.copies_failed == 0) return {};
  std::string text = "  " +
                     Count(digest.copies_failed, "copy has not reached its node",
                           "copies have not reached their nodes") +
                     "\n";
  auto others = digest.copies_failed;
  for (const UncopiedLine& line : digest.uncopied) {
    others -= static_cast<std::int64_t>(line.nodes.size());
    text += fmt::format("    job {}: {}\n", line.job, fmt::join(line.nodes, ", "));
  }
  if (others > 0) text += fmt::format("    and {} more, of older jobs\n", others);
  return text + "      -> repair the node, then 'send again' in the job's story on the page\n";
}

std::string NeedsYouText(const MorningDigest& digest) {
  std::string text;
  for (const std::string& trouble : digest.trouble)
    text += "  trouble: " + trouble + "\n      -> 'osteon doctor' says what to do\n";
  text += HoldText(digest.hold);
  if (!digest.stuck.empty())
    text += fmt::format("  {} stuck\n", digest.stuck.size()) +
            List(digest.stuck, "osteon jobs --state stuck", [](const StuckLine& line) {
              return fmt::format("    job {}, since {}: {}\n", line.job, Stamp(line.since_ms),
                                 line.cause) +
                     (line.hint.empty() ? "" : "      -> " + line.hint + "\n");
            });
  if (!digest.not_evaluable.empty())
    text +=
        fmt::format("  {} not evaluable\n", digest.not_evaluable.size()) +
        List(digest.not_evaluable, "osteon jobs --state not_evaluable",
             [](const NotEvaluableLine& line) {
               return fmt::format("    job {}, {}: {}\n", line.job, Stamp(line.at_ms), line.reason);
             }) +
        "      -> this is not a negative result: a radiologist must read these images\n";
  text += UncopiedText(digest);
  return "What needs you\n" + (text.empty() ? "  nothing\n" : text);
}

std::string WorkerText(const WorkerLine& line) {
  std::string text = "    " + line.name + ": " + Count(line.reports, "report", "reports");
  if (line.skipped > 0) text += fmt::format(", {} skipped", line.skipped);
  if (line.failed > 0) text += fmt::format(", {} failed", line.failed);
  if (line.released > 0) text += fmt::format(", {} given back", line.released);
  if (line.here) return text + "; here with " + Count(line.slots, "slot", "slots") + "\n";
  return text + "; not here now, last heard of " + Stamp(line.last_ms) + "\n";
}

std::string HappenedText(const MorningDigest& digest) {
  std::string text = "What happened\n";
  for (const JobState state : {JobState::kDone, JobState::kNotEvaluable, JobState::kStuck,
                               JobState::kSkipped, JobState::kCancelled}) {
    text += fmt::format("  {} {}\n", Of(digest.came_into, state), Label(state));
    if (state != JobState::kSkipped) continue;
    text += List(digest.skipped, "osteon jobs --state skipped", [](const SkippedLine& line) {
      return fmt::format("    {}  {} ({}job {})\n", line.count, line.reason,
                         line.count == 1 ? "" : "last ", line.example);
    });
  }
  if (!digest.slowest.empty()) {
    text += "  slowest:";
    for (const SlowLine& line : digest.slowest)
      text += fmt::format("{} job {} {} ({})", &line == digest.slowest.data() ? "" : ",", line.job,
                          Lasting(line.took_ms), line.worker);
    text += "\n";
  }
  text += digest.workers.empty() ? "  no worker was seen\n" : "  workers:\n";
  for (const WorkerLine& line : digest.workers) text += WorkerText(line);
  return text;
}

std::string QueueText(const MorningDigest& digest, UnixMs now_ms) {
  const auto now = [&](JobState state) { return Of(digest.queue, state); };
  std::string text = fmt::format(
      "The queue now\n  {} ready, {} with a worker, {} to be tried again; {} still collecting\n",
      now(JobState::kReady),
      Of(digest.queue, JobState::kLeased) + Of(digest.queue, JobState::kStoring),
      now(JobState::kRetryWait), now(JobState::kCollecting));
  if (digest.held_back > 0)
    text += fmt::format("  {} of them came after the drain began\n", digest.held_back);
  if (digest.oldest_ms > 0)
    text += "  the oldest has been here for " +
            Lasting(std::max<UnixMs>(0, now_ms - digest.oldest_ms)) + "\n";
  const Estimate& estimate = digest.estimate;
  if (!estimate.unknown.empty()) return text + "  empty: unknown, " + estimate.unknown + "\n";
  if (estimate.mean_ms == 0) return text + "  it is empty\n";
  return text + "  empty about " + Stamp(estimate.empty_ms) + ", in " +
         Lasting(std::max<UnixMs>(0, estimate.empty_ms - now_ms)) + " (" +
         Lasting(estimate.mean_ms) + " a study, measured on " +
         Count(static_cast<std::int64_t>(estimate.measured), "analysis", "analyses") + ")\n";
}

}  // namespace

std::string DigestHeadline(const MorningDigest& digest) {
  const std::size_t needs = NeedsYou(digest);
  std::string text =
      "Osteon: " + (needs == 0
                        ? std::string("nothing needs you")
                        : fmt::format("{}{}", needs, needs == 1 ? " needs you" : " need you"));
  const char* separator = "; ";
  for (const JobState state :
       {JobState::kDone, JobState::kNotEvaluable, JobState::kStuck, JobState::kSkipped}) {
    text += fmt::format("{}{} {}", separator, Of(digest.came_into, state), Label(state));
    separator = ", ";
  }
  return text;
}

std::string DigestText(const MorningDigest& digest, UnixMs now_ms) {
  return "Osteon from " + Stamp(digest.period.since_ms) + " to " + Stamp(digest.period.until_ms) +
         " (" + Local(digest.period.until_ms, "UTC%z") + ")\n\n" + NeedsYouText(digest) + "\n" +
         HappenedText(digest) + "\n" + QueueText(digest, now_ms) +
         "\nFor research and assistance. Every report is unverified until a radiologist has "
         "confirmed it.\n";
}

}  // namespace osteon::plugin
