// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/ledger/postgres.h"

#include <libpq-fe.h>
#include <poll.h>

#include <charconv>
#include <chrono>
#include <cstring>

#include "orthanc-plugin/ledger/postgres_text.h"
#include "pipelines/base/foreign_text.h"

namespace osteon::plugin {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

// For the answer to one statement; longer than the server's limits below, whose errors name a
// cause.
constexpr std::chrono::seconds kAnswerTime(15);
constexpr std::chrono::seconds kBetweenAttempts(1);  // Callers in between fail at once.

// The schema must not have the name of a role: PostgreSQL looks for the tables of a role first in
// the schema of its name, so Orthanc's index would make its own in there.
//
// Of every session, whatever the defaults of server and role are. A commit that returned is on the
// disk. The time-outs also free what a program holds that was stopped in the middle.
constexpr const char* kSession = R"sql(
  SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED;
  SET search_path TO osteon_ledger;
  SET synchronous_commit TO on;
  SET statement_timeout TO '10s';
  SET lock_timeout TO '5s';
  SET idle_in_transaction_session_timeout TO '10s';
)sql";

constexpr Dialect kDialect = {
    .number = "BIGINT",
    .id_key = "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
    .keyed = "",
    .append_only = R"sql(
      CREATE FUNCTION history_refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'history is append-only'; END $$;
      CREATE TRIGGER history_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON history
        FOR EACH STATEMENT EXECUTE FUNCTION history_refuse();)sql",
    .lock_job = " FOR UPDATE",
    .lock_free_job = " FOR UPDATE OF jobs SKIP LOCKED",
};
// Any number will do that nobody else in the database uses: "osteon" in ASCII.
constexpr const char* kLockSchema = "SELECT pg_advisory_xact_lock(122623736475502)";

// Of PostgreSQL's pg_type.dat.
constexpr Oid kInt8 = 20;
constexpr Oid kInt4 = 23;

struct Finish {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct Clear {
  void operator()(PGresult* result) const { PQclear(result); }
};
using ResultPointer = std::unique_ptr<PGresult, Clear>;

Cell ReadCell(const PGresult* result, int row, int column) {
  if (PQgetisnull(result, row, column) == 1) return {};
  const std::string_view text(PQgetvalue(result, row, column),
                              static_cast<std::size_t>(PQgetlength(result, row, column)));
  const Oid type = PQftype(result, column);
  if (type != kInt8 && type != kInt4) return std::string(text);
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

class PostgresConnection final : public Connection {
 public:
  explicit PostgresConnection(std::string settings) : settings_(std::move(settings)) {}

  const Dialect& dialect() const override { return kDialect; }

  Status Connect() {
    if (connection_ && IsAlive()) return {};
    connection_.reset();
    const SteadyTime now = std::chrono::steady_clock::now();
    if (now < next_attempt_) return Unavailable(trouble_);
    Status connected = ConnectNow();
    if (connected) return {};
    connection_.reset();
    next_attempt_ = std::chrono::steady_clock::now() + kBetweenAttempts;
    trouble_ = connected.error().message();
    return connected;
  }

  Result<Answer> Run(std::string_view sql, const std::vector<Value>& values) override {
    std::vector<std::optional<std::string>> written;
    written.reserve(values.size());
    for (const Value& value : values) written.push_back(Written(value.cell));
    std::vector<const char*> pointers;
    pointers.reserve(written.size());
    for (const auto& text : written) pointers.push_back(text ? text->c_str() : nullptr);
    if (Status ready = Ready(); !ready) return std::move(ready).error();
    const bool sent = PQsendQueryParams(connection_.get(), Numbered(sql).c_str(),
                                        static_cast<int>(pointers.size()), nullptr, pointers.data(),
                                        nullptr, nullptr, 0) == 1;
    return Take(sent);
  }

  Status Execute(const std::string& sql) override {
    if (Status ready = Ready(); !ready) return ready;
    const auto answer = Take(PQsendQuery(connection_.get(), sql.c_str()) == 1);
    if (!answer) return answer.error();
    return {};
  }

  bool IsDuplicate() const override { return last_state_ == "23505"; }

  Status Begin() override {
    if (Status begun = Execute("BEGIN"); !begun) return begun;
    in_transaction_ = true;
    return {};
  }
  Status Commit() override {
    // PostgreSQL would answer such a COMMIT with a ROLLBACK and call that a success.
    if (connection_ && PQtransactionStatus(connection_.get()) == PQTRANS_INERROR)
      return Unavailable("the ledger does not answer: the transaction has failed");
    return End("COMMIT");
  }
  void Rollback() override {
    // A connection that is lost has rolled back by itself.
    if (Status ended = End("ROLLBACK"); !ended) connection_.reset();
  }

  Result<std::int64_t> LockSchema() override {
    for (const char* sql :
         {kLockSchema, "SELECT 1 FROM pg_namespace WHERE nspname = 'osteon_ledger'"}) {
      const auto answer = Run(sql, {});
      if (!answer) return answer.error();
      // Asked for rather than IF NOT EXISTS, which wants the right to make one in any case.
      if (!answer->rows.empty()) continue;
      if (Status made = Execute("CREATE SCHEMA osteon_ledger"); !made)
        return std::move(made).error();
    }
    const auto table = Run("SELECT 1 WHERE to_regclass('osteon_ledger.meta') IS NOT NULL", {});
    if (!table) return table.error();
    if (table->rows.empty()) return std::int64_t{0};
    const auto version = Run("SELECT value::bigint FROM meta WHERE key = 'schema'", {});
    if (!version) return version.error();
    return version->rows.empty() ? 0 : version->rows[0].Int(0);
  }

  Status SetSchemaVersion(std::int64_t version) override {
    const auto set =
        Run("INSERT INTO meta (key, value) VALUES ('schema', ?) "
            "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            {std::to_string(version)});
    if (!set) return set.error();
    return {};
  }

 private:
  Status ConnectNow() {
    // The later wins, so what the settings say stands over these, but for the encoding.
    const char* keys[] = {"connect_timeout",
                          "tcp_user_timeout",
                          "keepalives_idle",
                          "keepalives_interval",
                          "keepalives_count",
                          "application_name",
                          "dbname",
                          "client_encoding",
                          nullptr};
    const char* values[] = {"5",      "10000",           "5",    "2",    "3",
                            "osteon", settings_.c_str(), "UTF8", nullptr};
    connection_.reset(PQconnectdbParams(keys, values, /*expand_dbname=*/1));
    if (PQstatus(connection_.get()) != CONNECTION_OK)
      return Unavailable("the ledger does not answer: " +
                         ForeignText(PQerrorMessage(connection_.get())));
    PQsetNoticeProcessor(
        connection_.get(), [](void*, const char*) {}, nullptr);
    const char* encoding = PQparameterStatus(connection_.get(), "server_encoding");
    if (!encoding || std::strcmp(encoding, "UTF8") != 0)
      return Unsupported("the database of the ledger must be in encoding UTF8");
    const auto set = Take(PQsendQuery(connection_.get(), kSession) == 1);
    if (!set) return set.error();
    return {};
  }

  // Reads what the server sent unasked, and so notices when it has closed the connection.
  bool IsAlive() {
    pollfd unasked = {PQsocket(connection_.get()), POLLIN, 0};
    while (PQstatus(connection_.get()) == CONNECTION_OK && poll(&unasked, 1, 0) > 0)
      if (PQconsumeInput(connection_.get()) != 1) return false;
    return PQstatus(connection_.get()) == CONNECTION_OK;
  }

  // Outside a transaction a lost connection is made anew; within one, the transaction is lost.
  Status Ready() {
    last_state_.clear();
    if (!in_transaction_) return Connect();
    if (connection_ && PQstatus(connection_.get()) == CONNECTION_OK) return {};
    return Unavailable("the connection to the ledger was lost");
  }

  Status End(const char* how) {
    in_transaction_ = false;
    if (!connection_) return Unavailable("the connection to the ledger was lost");
    last_state_.clear();
    const auto ended = Take(PQsendQuery(connection_.get(), how) == 1);
    if (!ended) return ended.error();
    return {};
  }

  // True: the server has said something. False: the connection is lost, or the time is over.
  bool AwaitInput(SteadyTime end) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        end - std::chrono::steady_clock::now());
    pollfd wait = {PQsocket(connection_.get()), POLLIN, 0};
    if (left.count() <= 0 || poll(&wait, 1, static_cast<int>(left.count())) == 0) return false;
    return PQconsumeInput(connection_.get()) == 1;
  }

  // The answer to what was sent. Without one the connection is closed, since a late answer would be
  // taken for that of the next statement.
  Result<Answer> Take(bool sent) {
    const SteadyTime end = std::chrono::steady_clock::now() + kAnswerTime;
    ResultPointer last;
    while (sent) {
      while (PQisBusy(connection_.get()) == 1 && sent) sent = AwaitInput(end);
      if (!sent) break;
      ResultPointer next(PQgetResult(connection_.get()));
      if (!next) break;
      last = std::move(next);
    }
    if (!sent || !last || PQstatus(connection_.get()) != CONNECTION_OK) {
      const std::string why = ForeignText(PQerrorMessage(connection_.get()));
      connection_.reset();
      return Unavailable("the ledger does not answer: " +
                         (why.empty() ? "no answer in time" : why));
    }
    const ExecStatusType status = PQresultStatus(last.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) return Failure(last.get());
    return Read(last.get());
  }

  Error Failure(const PGresult* result) {
    const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char* text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    last_state_ = state ? state : "";
    const std::string why = ForeignText(text ? text : "no reason given") + " (" + last_state_ + ")";
    // Class XX: "index corrupted", "data corrupted".
    if (last_state_ == "XX001" || last_state_ == "XX002")
      return Internal("the ledger is damaged: " + why + "; restore PostgreSQL from a backup");
    return Unavailable("the ledger does not answer: " + why);
  }

  static Answer Read(PGresult* result) {
    Answer answer;
    for (int row = 0; row < PQntuples(result); ++row) {
      Row& read = answer.rows.emplace_back();
      for (int column = 0; column < PQnfields(result); ++column)
        read.cells.push_back(ReadCell(result, row, column));
    }
    const std::string_view changed = PQcmdTuples(result);
    std::from_chars(changed.data(), changed.data() + changed.size(), answer.changed);
    return answer;
  }

  const std::string settings_;  // May hold a password: never in a message.
  std::unique_ptr<PGconn, Finish> connection_;
  bool in_transaction_ = false;
  SteadyTime next_attempt_ = SteadyTime::min();
  std::string trouble_;     // Of the last attempt to connect.
  std::string last_state_;  // SQLSTATE of the last failure; empty after a success.
};

}  // namespace

Result<std::unique_ptr<Connection>> OpenPostgres(const std::string& settings) {
  struct Free {
    void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
  };
  // What libpq says about it quotes it.
  if (!std::unique_ptr<PQconninfoOption, Free>(PQconninfoParse(settings.c_str(), nullptr)))
    return InvalidInput(
        "'LedgerConnection' is no connection string of PostgreSQL: write "
        "\"host=... dbname=... user=...\" or \"postgresql://user@host/database\"");
  auto connection = std::make_unique<PostgresConnection>(settings);
  if (Status connected = connection->Connect(); !connected) return std::move(connected).error();
  return std::unique_ptr<Connection>(std::move(connection));
}

}  // namespace osteon::plugin
