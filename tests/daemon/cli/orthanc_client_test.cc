// SPDX-License-Identifier: GPL-3.0-or-later
// The client against a small HTTP server on a free port.
#include "daemon/cli/orthanc_client.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <httplib.h>

#include <fstream>
#include <thread>

namespace osteon::cli {
namespace {

using ::testing::HasSubstr;

class OrthancClient : public ::testing::Test {
 protected:
  void SetUp() override {
    http_.Get("/osteon/status", [](const httplib::Request&, httplib::Response& reply) {
      reply.set_content(R"({"version": "1"})", "application/json");
    });
    http_.Get("/text", [](const httplib::Request&, httplib::Response& reply) {
      reply.set_content("<html>", "text/html");
    });
    http_.Get("/secret", [](const httplib::Request& request, httplib::Response& reply) {
      reply.status = request.get_header_value("Authorization").empty() ? 401 : 200;
      reply.set_content("{}", "application/json");
    });
    http_.Post("/osteon/jobs/7/retry",
               [](const httplib::Request& request, httplib::Response& reply) {
                 reply.status = request.has_header("X-Osteon") ? 200 : 403;
                 reply.set_content(request.body, "application/json");
               });
    http_.Post("/osteon/jobs/8/retry", [](const httplib::Request&, httplib::Response& reply) {
      reply.status = 409;
      reply.set_content(R"({"error": "a done job cannot be retried"})", "application/json");
    });
    const int port = http_.bind_to_any_port("127.0.0.1");
    server_.url = fmt::format("http://127.0.0.1:{}", port);
    thread_ = std::thread([this] { http_.listen_after_bind(); });
    while (!http_.is_running()) std::this_thread::yield();
  }
  void TearDown() override {
    http_.stop();
    thread_.join();
  }

  httplib::Server http_;
  std::thread thread_;
  ServerOptions server_;
};

TEST_F(OrthancClient, GetsJson) {
  const auto status = GetJson(server_, "/osteon/status");
  ASSERT_TRUE(status) << status.error().message();
  EXPECT_EQ((*status)["version"], "1");
}

TEST_F(OrthancClient, AnAddressMayHaveThePathOfAProxy) {
  http_.Get("/pacs/osteon/status", [](const httplib::Request&, httplib::Response& reply) {
    reply.set_content(R"({"version": "behind"})", "application/json");
  });
  for (const char* path : {"/pacs", "/pacs/"}) {
    ServerOptions proxy = server_;
    proxy.url += path;
    const auto status = GetJson(proxy, "/osteon/status");
    ASSERT_TRUE(status) << status.error().message();
    EXPECT_EQ((*status)["version"], "behind");
  }
}

TEST_F(OrthancClient, ActionsCarryTheHeaderAndTheBody) {
  const auto reply = PostJson(server_, "/osteon/jobs/7/retry", {{"Reason", "again"}});
  ASSERT_TRUE(reply) << reply.error().message();
  EXPECT_EQ((*reply)["Reason"], "again");
}

TEST_F(OrthancClient, ErrorsSayWhatTheServerSaid) {
  const auto refused = PostJson(server_, "/osteon/jobs/8/retry", Json::object());
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message(), HasSubstr("refused (409): a done job cannot be retried"));
  EXPECT_THAT(GetJson(server_, "/nowhere").error().message(), HasSubstr("/nowhere: not found"));
  EXPECT_THAT(GetJson(server_, "/text").error().message(), HasSubstr("did not answer with JSON"));
}

TEST_F(OrthancClient, NobodyThereMayBeAnOrthancThatStartsOnThisMachineOnly) {
  const std::pair<const char*, ErrorCode> cases[] = {
      {"http://127.0.0.1:1", ErrorCode::kNotReady},
      {"localhost:1/orthanc", ErrorCode::kNotReady},
      {"http://[::1]:1", ErrorCode::kNotReady},
      {"http://0.0.0.0:1", ErrorCode::kUnavailable}};  // No loopback address by its name.
  for (const auto& [url, code] : cases) {
    ServerOptions nobody;
    nobody.url = url;
    const auto reply = GetJson(nobody, "/system");
    ASSERT_FALSE(reply) << url;
    EXPECT_EQ(reply.error().code(), code) << url;
    EXPECT_THAT(reply.error().message(), HasSubstr("does not answer"));
  }
}

TEST(IsOfThisMachine, ByTheWholeName) {
  for (const char* url : {"http://localhost:8042", "localhost", "https://127.0.0.1/orthanc",
                          "127.1.2.3:80", "http://[::1]:8042"})
    EXPECT_TRUE(IsOfThisMachine(url)) << url;
  for (const char* url : {"http://localhost.example.org", "127.example.org:8042", "http://0.0.0.0",
                          "https://pacs/localhost"})
    EXPECT_FALSE(IsOfThisMachine(url)) << url;
}

TEST_F(OrthancClient, AProxyBeforeAnOrthancThatStartsIsNotReady) {
  int status = 0;
  http_.Get("/proxied",
            [&](const httplib::Request&, httplib::Response& reply) { reply.status = status; });
  const std::pair<int, ErrorCode> cases[] = {
      {500, ErrorCode::kInternal}, {502, ErrorCode::kNotReady}, {503, ErrorCode::kNotReady},
      {504, ErrorCode::kNotReady}, {505, ErrorCode::kInternal}, {401, ErrorCode::kInvalidInput}};
  for (const auto& [answered, code] : cases) {
    status = answered;
    const auto reply = GetJson(server_, "/proxied");
    ASSERT_FALSE(reply) << answered;
    EXPECT_EQ(reply.error().code(), code) << answered;
    EXPECT_THAT(reply.error().message(), HasSubstr(std::to_string(answered)));
  }
}

TEST_F(OrthancClient, PasswordComesFromItsFile) {
  EXPECT_THAT(GetJson(server_, "/secret").error().message(),
              HasSubstr("--user and --password-file"));
  const auto file =
      std::filesystem::temp_directory_path() / fmt::format("osteon-pw-{}", ::getpid());
  std::ofstream(file) << "pass word\r\nsecond line\n";
  server_.user = "ann";
  server_.password_file = file;
  EXPECT_TRUE(GetJson(server_, "/secret"));
  std::filesystem::remove(file);
  EXPECT_THAT(GetJson(server_, "/secret").error().message(), HasSubstr("no password in"));
}

TEST(UrlEncoded, KeepsAPathWhole) {
  EXPECT_EQ(UrlEncoded("1.2.840-a_b"), "1.2.840-a_b");
  EXPECT_EQ(UrlEncoded("../x?y&z %"), "..%2Fx%3Fy%26z%20%25");
}

}  // namespace
}  // namespace osteon::cli
