// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/worker/worker_metrics.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/daemon/worker/scratch.h"

namespace osteon {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using testing::WaitUntil;

// A client that speaks HTTP as bytes.
class Client {
 public:
  explicit Client(const MetricsServer& server) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const std::string endpoint = server.endpoint();
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port =
        htons(static_cast<std::uint16_t>(std::stoi(endpoint.substr(endpoint.rfind(':') + 1))));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  ~Client() { ::close(fd_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void Say(const std::string& bytes) const {
    EXPECT_EQ(::send(fd_, bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
  }
  // Takes in what is there; true when the server has closed.
  bool Read() {
    char bytes[4096];
    const ssize_t n = ::recv(fd_, bytes, sizeof bytes, MSG_DONTWAIT);
    if (n > 0) heard_.append(bytes, static_cast<std::size_t>(n));
    return n == 0;
  }
  const std::string& heard() const { return heard_; }

 private:
  int fd_;
  std::string heard_;
};

class MetricsServerTest : public ::testing::Test {
 protected:
  // Serves at `now` until the client is content.
  template <typename Until>
  bool ServeUntil(SteadyMs now, Until until) {
    return WaitUntil([&] {
      server_->Serve(now, [] { return std::string("osteond_slots 2\n"); });
      return until();
    });
  }

  Result<MetricsServer> server_ = MetricsServer::Open("tcp://127.0.0.1:*");
};

TEST(MetricsText, EachFigureIsALine) {
  WorkerFigures figures;
  figures.connected = true;
  figures.slots = 2;
  figures.jobs = 17;
  figures.stage_ms = {{"detect", 2'500}};
  const std::string text = MetricsText(figures);
  for (const char* line : {"osteond_connected 1\n", "osteond_slots 2\n", "osteond_jobs_total 17\n",
                           "osteond_stage_seconds_total{stage=\"detect\"} 2.5"})
    EXPECT_THAT(text, HasSubstr(line));
  EXPECT_THAT(text, HasSubstr("\n# HELP osteond_jobs_total Studies that it was given.\n"
                              "# TYPE osteond_jobs_total counter\nosteond_jobs_total 17\n"));
}

TEST_F(MetricsServerTest, AnswersPrometheusAndCloses) {
  Client client(*server_);
  client.Say("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(ServeUntil(0, [&] { return !client.Read() && !client.heard().empty(); }));
  EXPECT_THAT(client.heard(), StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(client.heard(), EndsWith("\r\n\r\nosteond_slots 2\n"));
  EXPECT_TRUE(ServeUntil(1'000, [&] { return client.Read(); }));
}

TEST_F(MetricsServerTest, NothingElseIsThere) {
  for (const char* asked : {"GET /metricsx HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "\n"}) {
    Client client(*server_);
    client.Say(asked);
    EXPECT_TRUE(ServeUntil(0, [&] { return !client.Read() && !client.heard().empty(); })) << asked;
    EXPECT_THAT(client.heard(), StartsWith("HTTP/1.1 404 ")) << asked;
  }
}

TEST_F(MetricsServerTest, ASilentConnectionIsClosedAndMoreThanAFewAreTurnedAway) {
  Client silent(*server_);
  EXPECT_FALSE(silent.Read());
  std::vector<std::unique_ptr<Client>> crowd;
  crowd.reserve(20);
  for (int i = 0; i < 20; ++i) crowd.push_back(std::make_unique<Client>(*server_));
  EXPECT_TRUE(ServeUntil(0, [&] { return crowd.back()->Read(); })) << "turned away";
  EXPECT_TRUE(ServeUntil(10'000, [&] { return silent.Read(); })) << "asked nothing";
}

TEST(MetricsServer, AnAddressThatCannotBeHadIsAnError) {
  const auto first = MetricsServer::Open("tcp://127.0.0.1:*");
  ASSERT_TRUE(first);
  EXPECT_EQ(MetricsServer::Open(first->endpoint()).error().code(), ErrorCode::kUnavailable);
  EXPECT_EQ(MetricsServer::Open("tcp://nonsense").error().code(), ErrorCode::kInvalidInput);
}

}  // namespace
}  // namespace osteon
