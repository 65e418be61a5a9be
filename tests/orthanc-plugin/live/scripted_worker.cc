// SPDX-License-Identifier: GPL-3.0-or-later
// A worker without a pipeline: fetches and checks all instances of a job by the protocol, then does
// what BEHAVIOUR says. It prints a line for each event.
//
//   scripted_worker ENDPOINT NAME BEHAVIOUR [DOCUMENTS] [--keys WORKER_KEY SERVER_PUB]
//
// BEHAVIOUR: finish | damaged | skip | hang | die | fail:CODE | patient
// DOCUMENTS: a file with one line per document: NAME SOP_CLASS SOP_INSTANCE PATH
#include <fmt/core.h>

#include <unistd.h>
#include <zmq.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "daemon/protocol/curve_key.h"
#include "daemon/protocol/frames.h"
#include "pipelines/base/digest.h"

namespace {

using namespace osteon;            // NOLINT(google-build-using-namespace)
using namespace osteon::protocol;  // NOLINT(google-build-using-namespace)

struct Document {
  ResultDocument announced;
  std::string bytes;
};

std::string ReadAll(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

std::vector<Document> ReadDocuments(const std::string& list) {
  std::vector<Document> documents;
  std::istringstream lines(ReadAll(list));
  Document document;
  std::string path;
  while (lines >> document.announced.name >> document.announced.sop_class_uid >>
         document.announced.sop_instance_uid >> path) {
    document.bytes = ReadAll(path);
    document.announced.bytes = document.bytes.size();
    document.announced.sha256 = Sha256Hex(document.bytes);
    documents.push_back(document);
  }
  return documents;
}

class Worker {
 public:
  Worker(void* socket, std::string name, std::string behaviour, std::vector<Document> documents)
      : socket_(socket),
        name_(std::move(name)),
        behaviour_(std::move(behaviour)),
        documents_(std::move(documents)) {}

  [[noreturn]] void Run() {
    Greet();
    while (true) {
      zmq_pollitem_t item = {socket_, 0, ZMQ_POLLIN, 0};
      if (zmq_poll(&item, 1, 1000) == 0) {
        Send(Ready{job_ ? 0U : 1U});
        if (job_ && behaviour_ == "hang") continue;
        if (job_) Send(Touch{job_->lease, "test", 0.5});
        continue;
      }
      const auto message = Receive();
      if (!message) continue;
      if (const auto* job = std::get_if<Job>(&*message)) Take(*job);
      if (const auto* piece = std::get_if<Instance>(&*message)) TakePiece(*piece);
      if (const auto* committed = std::get_if<Committed>(&*message))
        End("committed", committed->lease, "");
      if (const auto* stale = std::get_if<Stale>(&*message))
        End("stale", stale->lease, stale->reason);
      if (const auto* cancel = std::get_if<Cancel>(&*message))
        End("cancel", cancel->lease, cancel->reason);
      if (const auto* refused = std::get_if<Refused>(&*message)) {
        Say("refused " + refused->message);
        if (refused->reason == RefusedReason::kHelloFirst) Greet();
      }
    }
  }

 private:
  static void Say(const std::string& line) {
    std::printf("%s\n", line.c_str());
    std::fflush(stdout);
  }

  void Greet() {
    Send(Hello{name_, "test", "scripted", "1", "scripted-pipeline", 1});
    Send(Ready{job_ ? 0U : 1U});
  }

  void Send(const Message& message) {
    const auto frames = Encode(message);
    if (!frames) return Say("cannot encode " + frames.error().message());
    for (std::size_t i = 0; i < frames->size(); ++i)
      zmq_send(socket_, (*frames)[i].data(), (*frames)[i].size(),
               i + 1 < frames->size() ? ZMQ_SNDMORE : 0);
  }

  std::optional<Message> Receive() {
    Frames frames;
    int more = 1;
    while (more != 0) {
      zmq_msg_t part;
      zmq_msg_init(&part);
      if (zmq_msg_recv(&part, socket_, 0) < 0) return std::nullopt;
      frames.emplace_back(static_cast<const char*>(zmq_msg_data(&part)), zmq_msg_size(&part));
      more = zmq_msg_more(&part);
      zmq_msg_close(&part);
    }
    auto message = Decode(frames);
    if (!message) {
      Say("cannot decode " + message.error().message());
      return std::nullopt;
    }
    return *std::move(message);
  }

  void Take(const Job& job) {
    std::size_t priors = 0;
    for (const auto& instance : job.instances)
      priors += instance.role == InstanceRole::kPrior ? 1 : 0;
    Say(fmt::format("job {} attempt {} instances {} priors {} radiographs {}", job.lease.job,
                    job.lease.attempt, job.instances.size(), priors, job.related.size()));
    job_ = job;
    next_ = 0;
    bytes_.clear();
    Send(Touch{job.lease, "receive", 0});
    Send(Fetch{job.lease, 0, 0, kMaxCredit});
    credit_ = kMaxCredit;
  }

  void TakePiece(const Instance& piece) {
    if (!job_ || piece.lease != job_->lease || piece.instance != next_ ||
        piece.offset != bytes_.size())
      return;
    bytes_ += piece.bytes;
    --credit_;
    const JobInstance& wanted = job_->instances[next_];
    if (bytes_.size() == wanted.bytes) {
      if (Md5Hex(bytes_) != wanted.md5) return Say("damaged instance " + wanted.sop_instance_uid);
      ++next_;
      bytes_.clear();
      if (next_ == job_->instances.size()) return Behave();
    }
    if (credit_ > 0) return;
    credit_ = kMaxCredit;
    Send(Fetch{job_->lease, static_cast<std::uint32_t>(next_), bytes_.size(), kMaxCredit});
  }

  void Behave() {
    Say(fmt::format("fetched {}", job_->instances.size()));
    if (behaviour_ == "die") _exit(9);
    if (behaviour_ == "hang") return;
    if (behaviour_.starts_with("fail:")) {
      Send(Failed{job_->lease, ErrorCodeFromName(behaviour_.substr(5)), "detect",
                  "as told by the test"});
      return;
    }
    ResultManifest manifest;
    manifest.lease = job_->lease;
    manifest.fingerprint = job_->fingerprint;
    if (behaviour_ == "skip") {
      manifest.outcome = ResultOutcome::kNotWholeBody;
      manifest.reason = "the worker sees no body";
      return Send(manifest);
    }
    for (const Document& document : documents_) manifest.documents.push_back(document.announced);
    if (behaviour_ == "damaged") manifest.documents.front().sha256 = std::string(64, '0');
    Send(manifest);
    for (std::uint32_t i = 0; i < documents_.size(); ++i)
      for (std::uint64_t at = 0; at < documents_[i].bytes.size(); at += kChunkBytes)
        Send(ResultChunk{job_->lease, i, at, documents_[i].bytes.substr(at, kChunkBytes)});
    Say(fmt::format("offered {}", documents_.size()));
  }

  void End(const char* what, const Lease& lease, const std::string& reason) {
    Say(fmt::format("{} {} attempt {} {}", what, lease.job, lease.attempt, reason));
    if (!job_ || lease != job_->lease) return;
    if (std::string(what) == "cancel")
      Send(Failed{lease, ErrorCode::kCancelled, "test", "cancelled"});
    job_.reset();
    Send(Ready{1});
  }

  void* socket_;
  std::string name_;
  std::string behaviour_;
  std::vector<Document> documents_;
  std::optional<Job> job_;
  std::size_t next_ = 0;
  std::uint32_t credit_ = 0;
  std::string bytes_;
};

bool UseKeys(void* socket, const char* worker_key, const char* server_key) {
  const auto own = LoadSecretKeyFile(worker_key);
  const auto server = LoadPublicKeyFile(server_key);
  if (!own || !server || server->empty()) return false;
  const std::string& plugin = server->front().key;
  return zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, plugin.data(), plugin.size()) == 0 &&
         zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, own->public_key.data(),
                        own->public_key.size()) == 0 &&
         zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, own->secret_key.data(),
                        own->secret_key.size()) == 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() < 3) return 2;
  void* context = zmq_ctx_new();
  void* socket = zmq_socket(context, ZMQ_DEALER);
  const int zero = 0;
  zmq_setsockopt(socket, ZMQ_LINGER, &zero, sizeof zero);
  std::vector<Document> documents;
  for (std::size_t i = 3; i < arguments.size(); ++i) {
    if (arguments[i] == "--keys" && i + 2 < arguments.size()) {
      if (!UseKeys(socket, arguments[i + 1].c_str(), arguments[i + 2].c_str())) return 2;
      break;
    }
    documents = ReadDocuments(arguments[i]);
  }
  if (zmq_connect(socket, arguments[0].c_str()) != 0) return 2;
  Worker(socket, arguments[1], arguments[2], std::move(documents)).Run();
}
