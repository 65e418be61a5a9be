// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/settings.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

namespace osteon::plugin {
namespace {

Result<Settings> Parse(const std::string& section) {
  return ParseSettings("{\"Osteon\": " + section + "}", "/etc/orthanc");
}

TEST(Settings, TheDocumentedFileHoldsTheDefaults) {
  const char* source = std::getenv("OSTEON_SOURCE_DIR");
  ASSERT_NE(source, nullptr) << "run by ctest";
  std::ifstream file(std::string(source) + "/config/orthanc-osteon.json");
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const auto documented = ParseSettings(text, "/etc/orthanc");
  ASSERT_TRUE(documented.ok()) << documented.error().message();
  const Settings defaults = *Parse("{}");
  EXPECT_EQ(documented->enabled, defaults.enabled);
  EXPECT_EQ(documented->ledger_path, defaults.ledger_path);
  EXPECT_EQ(documented->ledger_connection, defaults.ledger_connection);
  EXPECT_EQ(documented->rules.hash, defaults.rules.hash);
  EXPECT_EQ(documented->intake.gate.quiet_ms, defaults.intake.gate.quiet_ms);
  EXPECT_EQ(documented->intake.gate.force_ms, defaults.intake.gate.force_ms);
  EXPECT_EQ(documented->intake.reconcile_ms, defaults.intake.reconcile_ms);
  EXPECT_EQ(documented->digest.minute_of_day, defaults.digest.minute_of_day);
  EXPECT_FALSE(IsSent(documented->digest));
  EXPECT_EQ(documented->intake.priority, defaults.intake.priority);
  EXPECT_EQ(documented->router.endpoint, defaults.router.endpoint);
  EXPECT_EQ(documented->jobs.mode, defaults.jobs.mode);
  EXPECT_EQ(documented->jobs.scheduler.lease_ms, defaults.jobs.scheduler.lease_ms);
  EXPECT_EQ(documented->jobs.scheduler.max_in_flight, defaults.jobs.scheduler.max_in_flight);
  EXPECT_EQ(documented->jobs.retry.max_failures, defaults.jobs.retry.max_failures);
  EXPECT_EQ(documented->jobs.retry.base_ms, defaults.jobs.retry.base_ms);
  EXPECT_EQ(documented->jobs.retry.max_ms, defaults.jobs.retry.max_ms);
  EXPECT_EQ(documented->jobs.max_result_bytes, defaults.jobs.max_result_bytes);
}

TEST(Settings, WithoutASectionThePluginIsOff) {
  EXPECT_FALSE(ParseSettings("{}", "/")->enabled);
  EXPECT_FALSE(Parse(R"({"Enabled": false})")->enabled);
  EXPECT_TRUE(Parse("{}")->enabled);
}

TEST(Settings, TheLedgerLiesBesideTheIndex) {
  const auto ledger = [](const char* configuration) {
    return ParseSettings(configuration, "/etc/orthanc")->ledger_path;
  };
  EXPECT_EQ(ledger(R"({"Osteon":{}})"), "/etc/orthanc/OrthancStorage/osteon-ledger.sqlite");
  EXPECT_EQ(ledger(R"({"Osteon":{},"StorageDirectory":"/s"})"), "/s/osteon-ledger.sqlite");
  EXPECT_EQ(ledger(R"({"Osteon":{},"StorageDirectory":"/s","IndexDirectory":"i"})"),
            "/etc/orthanc/i/osteon-ledger.sqlite");
  EXPECT_EQ(ledger(R"({"Osteon":{"LedgerPath":"/l/x.sqlite"},"StorageDirectory":"/s"})"),
            "/l/x.sqlite");
}

TEST(Settings, TheLedgerIsInPostgreSqlWhenAConnectionIsGiven) {
  const auto settings = Parse(R"({"LedgerConnection":"dbname=orthanc"})");
  ASSERT_TRUE(settings.ok()) << settings.error().message();
  EXPECT_EQ(settings->ledger_connection, "dbname=orthanc");
  EXPECT_TRUE(settings->ledger_path.empty());
  EXPECT_TRUE(settings->jobs.shared_ledger);
  EXPECT_FALSE(Parse("{}")->jobs.shared_ledger);
}

TEST(Settings, ErrorsNameKeyValueAndWhatIsAllowed) {
  struct Case {
    const char* section;
    const char* message;
  };
  const Case cases[] = {
      {"[]", "section Osteon must be an object"},
      {R"({"Endpont":"tcp://127.0.0.1:1"})", "'Endpont' is not known; did you mean 'Endpoint'?"},
      {R"({"Mode":"on"})", "'Mode' is \"on\" and must be"},
      {R"({"Mode":1})", "'Mode' must be text"},
      {R"({"Priority":"high"})", "'Priority' is \"high\""},
      {R"({"LeaseSeconds":0})", "'LeaseSeconds' is 0 and must be between 5 and 3600"},
      {R"({"LeaseSeconds":60.5})", "'LeaseSeconds' must be a whole number"},
      {R"({"LeaseSeconds":18446744073709551615})",
       "'LeaseSeconds' is 18446744073709551615 and must be"},
      {R"({"MaxAttempts":"5"})", "'MaxAttempts' must be a whole number"},
      {R"({"RetryMaxSeconds":180111111111111110})",
       "'RetryMaxSeconds' is 180111111111111110 and must be between 1 and 604800"},
      {R"({"StableQuietSeconds":100,"ForceAfterSeconds":50})",
       "'ForceAfterSeconds' must not be smaller"},
      {R"({"RetryBaseSeconds":100,"RetryMaxSeconds":50})", "'RetryMaxSeconds' must not be smaller"},
      {R"({"LedgerPath":"/l","LedgerConnection":"dbname=orthanc"})", "are both set"},
      {R"({"Windows":{"night":[]}})", "'night' is not known"},
      {R"({"Windows":{"overnight":["22-6"]}})", "'22-6' is no time window"},
      {R"({"Digest":{"Time":"07:00"}})", "'Time' is not known"},
      {R"({"Digest":{"At":"7 am"}})", "'At' \"7 am\"; a time of day is written 07:00"},
      {R"({"Digest":{"MailServer":"localhost","MailFrom":"a@b","MailTo":["c@d"]}})",
       "'MailServer' must be smtp://"},
      {R"({"Digest":{"MailServer":"smtp://localhost"}})",
       "'MailServer', 'MailFrom' and 'MailTo' go together"},
      {R"({"Digest":{"MailServer":"smtp://l","MailFrom":"a","MailTo":["c@d"]}})", "'MailFrom' is"},
      {R"({"Digest":{"MailServer":"smtp://l","MailFrom":"a@b","MailTo":["c@d\nBcc: e@f"]}})",
       "'MailTo' has"},
      {R"({"Digest":{"Webhook":"file:///etc/passwd"}})", "'Webhook' must be an http://"},
      {R"({"Endpoint":"tcp://*:5742"})", "leaves this machine"},
      {R"({"ServerKeyFile":"x"})", "go together"},
      {R"({"ServerKeyFile":"/nonexistent","AllowedWorkersFile":"/nonexistent"})",
       "'ServerKeyFile'"},
      {R"({"RulesFile":"/nonexistent"})", "'RulesFile': /nonexistent cannot be read"},
      {R"({"RulesFile":"/dev/zero"})", "'RulesFile': /dev/zero cannot be read"},  // It has no end.
  };
  for (const Case& c : cases) {
    const auto settings = Parse(c.section);
    ASSERT_FALSE(settings.ok()) << c.section;
    EXPECT_NE(settings.error().message().find(c.message), std::string::npos)
        << settings.error().message();
  }
}

TEST(Settings, ADestinationMustBeKnownToOrthanc) {
  const auto parse = [](const char* more) {
    return ParseSettings(std::string(R"({"Osteon":{"SendTo":["PACS"]})") + more + "}", "/");
  };
  EXPECT_TRUE(parse(R"(,"DicomModalities":{"PACS":["PACS","pacs",104]})").ok());
  EXPECT_TRUE(parse(R"(,"DicomModalities":{},"DicomModalitiesInDatabase":true)").ok());
  const auto unknown = parse(R"(,"DicomModalities":{"OTHER":["PACS","pacs",104]})");
  ASSERT_FALSE(unknown.ok());
  EXPECT_NE(unknown.error().message().find("'SendTo' names 'PACS'"), std::string::npos);
}

TEST(Settings, ADigestGoesOutWhereItIsAskedTo) {
  EXPECT_FALSE(IsSent(Parse("{}")->digest));
  EXPECT_FALSE(IsSent(Parse(R"({"Digest":{"At":"06:30"}})")->digest));
  const auto settings = ParseSettings(
      R"({"HttpProxy":"proxy:3128","Osteon":{"Digest":{"At":"06:30","Webhook":"https://h/x"}}})",
      "/");
  ASSERT_TRUE(settings.ok()) << settings.error().message();
  EXPECT_TRUE(IsSent(settings->digest));
  EXPECT_EQ(settings->digest.minute_of_day, 390);
  EXPECT_EQ(settings->digest.webhook.proxy, "proxy:3128");
}

TEST(Settings, WindowsAreReadPerPriority) {
  const auto settings =
      Parse(R"({"Windows":{"overnight":["Mon-Fri 22:00-06:00","Sat-Sun 00:00-24:00"]}})");
  ASSERT_TRUE(settings.ok()) << settings.error().message();
  EXPECT_EQ(settings->jobs.windows[static_cast<std::size_t>(Priority::kOvernight)].size(), 2U);
  EXPECT_TRUE(settings->jobs.windows[static_cast<std::size_t>(Priority::kRoutine)].empty());
}

}  // namespace
}  // namespace osteon::plugin
