// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/dispatch/archive_io.h"

#include <chrono>

#include "orthanc-plugin/archive/changes.h"
#include "pipelines/base/guarded.h"
#include "pipelines/base/log.h"

namespace osteon::plugin {
namespace {

constexpr std::chrono::milliseconds kTellAgain(100);  // After an exception of the receiver.

}  // namespace

ArchiveIo::ArchiveIo(Archive& archive, JobStore& store, GatherFunction gather,
                     std::function<void(ArchiveIoReply)> reply)
    : archive_(archive),
      store_(store),
      gather_(std::move(gather)),
      reply_(std::move(reply)),
      thread_([this] { Run(); }) {}

ArchiveIo::~ArchiveIo() { Stop(); }

void ArchiveIo::Stop() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
    tasks_.clear();
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void ArchiveIo::Ask(std::function<void()> task) {
  {
    const MutexLock lock(mutex_);
    if (stopping_) return;
    tasks_.push_back(std::move(task));
  }
  changed_.notify_one();
}

void ArchiveIo::Run() {
  while (true) {
    std::function<void()> task;
    {
      MutexLock lock(mutex_);
      lock.Wait(changed_, [this]() REQUIRES_LOCK(mutex_) { return stopping_ || !tasks_.empty(); });
      if (stopping_) return;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    const Status done = Guarded("archive I/O", [&] {
      task();
      return Status();
    });
    if (!done) LogError(done.error().message());
  }
}

// Repeats an answer until it is taken: a result that is being stored waits for it.
void ArchiveIo::Tell(ArchiveIoReply reply) {
  while (true) {
    const Status told = Guarded("archive I/O", [&] {
      reply_(reply);
      return Status();
    });
    if (told) return;
    MutexLock lock(mutex_);
    if (lock.WaitFor(changed_, kTellAgain, [this]() REQUIRES_LOCK(mutex_) { return stopping_; }))
      return;
  }
}

void ArchiveIo::Prepare(Job job, PeerId peer) {
  Ask([this, job = std::move(job), peer = std::move(peer)] {
    auto material = Guarded("gather the study", [&]() -> Result<Material> {
      auto kept = Keep(job);
      if (!kept) return std::move(kept).error();
      return (*kept)->material;
    });
    Tell(Prepared{job, peer, std::move(material)});
  });
}

void ArchiveIo::Fetch(Job job, PeerId peer, protocol::Fetch asked) {
  Ask([this, job = std::move(job), peer = std::move(peer), asked = std::move(asked)] {
    auto pieces = Guarded("read the study", [&] { return ReadPieces(job, asked); });
    Tell(Pieces{peer, asked, job.id, std::move(pieces)});
  });
}

void ArchiveIo::Deliver(Job job, std::vector<ReceivedDocument> documents, DeliveryMode mode) {
  // A std::function must be copyable; the documents are too large to copy.
  auto shared = std::make_shared<std::vector<ReceivedDocument>>(std::move(documents));
  Ask([this, job = std::move(job), shared = std::move(shared), mode] {
    Tell(Delivered{job,
                   Guarded("store the result", [&] { return StoreResult(job, *shared, mode); })});
  });
}

void ArchiveIo::Forget(JobId job) {
  Ask([this, job] { kept_.erase(job); });
}

Result<ArchiveIo::Kept*> ArchiveIo::Keep(const Job& job) {
  const auto known = kept_.find(job.id);
  if (known != kept_.end() && known->second.attempt == job.attempt) return &known->second;
  auto material = gather_(job);
  if (!material) return std::move(material).error();
  Kept kept;
  kept.attempt = job.attempt;
  kept.material = *std::move(material);
  return &kept_.insert_or_assign(job.id, std::move(kept)).first->second;
}

Status ArchiveIo::Load(Kept& kept, std::size_t instance) {
  if (kept.instance == instance && !kept.bytes.empty()) return {};
  const MaterialInstance& wanted = kept.material.instances[instance];
  auto file = archive_.Get("/instances/" + wanted.orthanc_id + "/file");
  if (!file) return std::move(file).error();
  if (!file->has_value()) return Cancelled("an instance of the study was removed from Orthanc");
  if ((*file)->size() != wanted.bytes)
    return Unavailable("instance " + wanted.sop_instance_uid + " changed while it was being read");
  kept.instance = instance;
  kept.bytes = **std::move(file);
  return {};
}

Result<std::vector<protocol::Instance>> ArchiveIo::ReadPieces(const Job& job,
                                                              const protocol::Fetch& asked) {
  auto found = Keep(job);
  if (!found) return std::move(found).error();
  Kept& kept = **found;
  std::vector<protocol::Instance> pieces;
  std::size_t instance = asked.instance;
  std::uint64_t offset = asked.offset;
  while (pieces.size() < asked.credit && instance < kept.material.instances.size()) {
    if (offset >= kept.material.instances[instance].bytes) {
      ++instance;
      offset = 0;
      continue;
    }
    if (Status loaded = Load(kept, instance); !loaded) return std::move(loaded).error();
    const std::size_t size = protocol::ChunkSize(kept.bytes.size(), offset);
    pieces.push_back({asked.lease, static_cast<std::uint32_t>(instance), offset,
                      kept.bytes.substr(static_cast<std::size_t>(offset), size)});
    offset += size;
  }
  return pieces;
}

Status ArchiveIo::StoreResult(const Job& job, const std::vector<ReceivedDocument>& documents,
                              DeliveryMode mode) {
  // The owner is read now, and not when the job was handed out: a study may have been corrected
  // meanwhile.
  auto owner = ReadOwner(archive_, job.study_id);
  if (!owner) return std::move(owner).error();
  if (owner->study_uid != job.study_uid) return Cancelled("the study was deleted from Orthanc");
  if (Status checked = CheckDocuments(archive_, documents, *owner); !checked) return checked;
  if (mode == DeliveryMode::kCheckOnly) return {};
  if (Status stored = StoreDocuments(archive_, store_, job, documents); !stored) return stored;
  // Noted before `done`: when Orthanc's database is set back to before the report, intake sees it.
  const auto last = ReadLastChange(archive_);
  if (!last) return last.error();
  return store_.NoteChange({last->number, last->digest});
}

}  // namespace osteon::plugin
