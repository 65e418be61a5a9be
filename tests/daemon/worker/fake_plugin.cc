// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/daemon/worker/fake_plugin.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>

#include <csignal>
#include <fstream>

#include "daemon/protocol/frames.h"

namespace osteon::testing {

namespace fs = std::filesystem;

FakePlugin::FakePlugin(std::optional<protocol::CurveKeyPair> keys, int port)
    : context_(zmq_ctx_new()), router_(zmq_socket(context_, ZMQ_ROUTER)) {
  const int on = 1, off = 0;
  zmq_setsockopt(router_, ZMQ_ROUTER_MANDATORY, &on, sizeof on);
  zmq_setsockopt(router_, ZMQ_LINGER, &off, sizeof off);
  if (keys) {
    zmq_setsockopt(router_, ZMQ_CURVE_SERVER, &on, sizeof on);
    zmq_setsockopt(router_, ZMQ_CURVE_SECRETKEY, keys->secret_key.c_str(), 41);
  }
  const std::string wanted = "tcp://127.0.0.1:" + (port == 0 ? "*" : std::to_string(port));
  // The port of a plugin that has just ended may still be in use for a moment.
  EXPECT_TRUE(WaitUntil([&] { return zmq_bind(router_, wanted.c_str()) == 0; })) << wanted;
  char bound[128] = {};
  std::size_t size = sizeof bound;
  zmq_getsockopt(router_, ZMQ_LAST_ENDPOINT, bound, &size);
  const std::string text = bound;
  port_ = std::stoi(text.substr(text.rfind(':') + 1));
}

FakePlugin::~FakePlugin() {
  zmq_close(router_);
  zmq_ctx_term(context_);
}

std::optional<protocol::Message> FakePlugin::Next(int timeout_ms) {
  zmq_setsockopt(router_, ZMQ_RCVTIMEO, &timeout_ms, sizeof timeout_ms);
  protocol::Frames frames;
  int more = 1;
  while (more != 0) {
    zmq_msg_t frame;
    zmq_msg_init(&frame);
    const int received = zmq_msg_recv(&frame, router_, 0);
    if (received >= 0)
      frames.emplace_back(static_cast<char*>(zmq_msg_data(&frame)), zmq_msg_size(&frame));
    more = received >= 0 ? zmq_msg_more(&frame) : 0;
    zmq_msg_close(&frame);
  }
  if (frames.empty()) return std::nullopt;
  peer_ = frames[0];
  frames.erase(frames.begin());
  Result<protocol::Message> message = protocol::Decode(frames);
  if (!message) {
    ADD_FAILURE() << message.error().message();
    return std::nullopt;
  }
  if (const auto* fetch = std::get_if<protocol::Fetch>(&*message)) Serve(*fetch);
  return *message;
}

void FakePlugin::Send(const protocol::Message& message) {
  const Result<protocol::Frames> frames = protocol::Encode(message);
  ASSERT_TRUE(frames) << frames.error().message();
  zmq_send(router_, peer_.data(), peer_.size(), ZMQ_SNDMORE);
  for (std::size_t i = 0; i < frames->size(); ++i) {
    const int flags = i + 1 < frames->size() ? ZMQ_SNDMORE : 0;
    zmq_send(router_, (*frames)[i].data(), (*frames)[i].size(), flags);
  }
}

void FakePlugin::Give(const protocol::Job& job, std::vector<std::string> contents,
                      std::function<bool(int)> keep) {
  contents_[job.lease.job] = std::move(contents);
  keep_ = std::move(keep);
  pieces_sent_ = 0;
  Send(job);
}

void FakePlugin::Serve(const protocol::Fetch& fetch) {
  const auto found = contents_.find(fetch.lease.job);
  if (found == contents_.end()) return;
  const std::vector<std::string>& contents = found->second;
  std::uint32_t instance = fetch.instance;
  std::uint64_t offset = fetch.offset;
  for (std::uint32_t i = 0; i < fetch.credit && instance < contents.size(); ++i) {
    if (!keep_ || keep_(pieces_sent_++)) {
      Send(PieceOf(fetch.lease, instance, contents[instance], offset));
    }
    offset += protocol::kChunkBytes;
    if (offset >= contents[instance].size()) ++instance, offset = 0;
  }
}

std::optional<FakePlugin::Received> FakePlugin::AwaitResult() {
  auto manifest = Await<protocol::ResultManifest>();
  if (!manifest) return std::nullopt;
  Received received{*manifest, {}};
  for (const protocol::ResultDocument& document : manifest->documents) {
    std::string& bytes = received.documents.emplace_back();
    while (bytes.size() < document.bytes) {
      const auto chunk = Await<protocol::ResultChunk>();
      if (!chunk) return std::nullopt;
      EXPECT_EQ(chunk->document, received.documents.size() - 1);
      EXPECT_EQ(chunk->offset, bytes.size());
      bytes += chunk->bytes;
    }
    EXPECT_EQ(Sha256Hex(bytes), document.sha256);
  }
  return received;
}

WorkerProcess::WorkerProcess(const fs::path& folder, const std::string& endpoint,
                             const std::string& keys, const std::string& tables)
    : log_(folder / "osteond.log") {
  const fs::path config = folder / "osteond.toml";
  std::ofstream(config)
      << "[worker]\nname = \"test\"\noffer_again_seconds = 1\nreceive_timeout_seconds = 3\n"
      << "endpoint = \"" << endpoint << "\"\nspool_dir = \"" << (folder / "spool").string()
      << "\"\n"
      << keys << "\n"
      << tables;
  pid_ = ::fork();
  if (pid_ != 0) return;
  const int log = ::open(log_.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  ::dup2(log, 1);
  ::dup2(log, 2);
  ::execl(OSTEON_FAKE_OSTEOND, "osteond", "--config", config.c_str(), static_cast<char*>(nullptr));
  ::_exit(127);
}

WorkerProcess::~WorkerProcess() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  if (::testing::Test::HasFailure()) std::fprintf(stderr, "---- osteond\n%s", Log().c_str());
}

void WorkerProcess::Signal(int signal) const { ::kill(pid_, signal); }

int WorkerProcess::Wait() {
  int status = 0;
  if (!WaitUntil([&] { return ::waitpid(pid_, &status, WNOHANG) == pid_; })) {
    ADD_FAILURE() << "osteond does not end";
    return -1;
  }
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

std::string WorkerProcess::Log() const {
  std::ifstream file(log_);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::optional<protocol::CurveKeyPair> MakeKeys() {
  char public_key[41], secret_key[41];
  if (zmq_curve_keypair(public_key, secret_key) != 0) return std::nullopt;
  return protocol::CurveKeyPair{public_key, secret_key};
}

}  // namespace osteon::testing
