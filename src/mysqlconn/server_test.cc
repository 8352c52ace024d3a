// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// Our server spoken to by our client, by raw packets and by the mariadb program.
#include "mysqlconn/server.h"

#include <cstdio>
#include <string>

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/waiter.h"
#include "mysqlconn/clients.h"
#include "mysqlconn/connection.h"
#include "mysqlconn/server_version.h"
#include "mysqlconn/static_auth.h"
#include "mysqlwire/client_login.h"
#include "mysqlwire/packet.h"
#include "mysqlwire/protocol.h"
#include "mysqlwire/response.h"
#include "runtime/loop_pool.h"
#include "runtime/sync.h"
#include "runtime/task_group.h"
#include "sqltypes/row_codec.h"

namespace tessera::mysqlconn {
namespace {

using sqltypes::Field;
using sqltypes::ResultSet;
using sqltypes::Type;
using sqltypes::Value;

#define CO_ASSERT(condition)     \
  if (!(condition)) {            \
    ADD_FAILURE() << #condition; \
    co_return;                   \
  }

Field MakeField(std::string name, Type type) {
  Field field;
  field.name = std::move(name);
  field.type = type;
  return field;
}

// Answers by the first word of the query: "rows N", "big N", "length ...", "ok", "fail", "two",
// "wait".
class ScriptHandler final : public Handler {
 public:
  Task<Result<>> Query(const Context& ctx, Session& session, std::string_view sql,
                       ResultWriter& writer) override {
    const size_t space = sql.find(' ');
    const std::string_view word = sql.substr(0, space);
    const std::string argument(space == std::string_view::npos ? "" : sql.substr(space + 1));
    if (word == "rows") {
      co_return co_await Rows(ctx, std::stoul(argument), writer);
    }
    if (word == "big") co_return One(std::string(std::stoul(argument), 'x'), writer);
    if (word == "length") co_return One(std::to_string(sql.size()), writer);
    if (word == "who") co_return One(session.identity.caller + "@" + session.database, writer);
    if (word == "two") {
      CO_TRY_OK(One("first", writer));
      co_return writer.WriteOk(OkInfo{.affected_rows = 2});
    }
    if (word == "ok") {
      session.status_flags = 0x0003;
      session.warnings = 4;
      co_return writer.WriteOk(OkInfo{.affected_rows = 5, .insert_id = 700, .info = "done"});
    }
    if (word == "wait") {
      waiting.WakeAll();
      const Result<> woken = co_await never.Wait(ctx);
      ++cancelled;
      co_return woken;
    }
    if (word == "half") {
      CO_TRY_OK(One("first", writer));
      co_return Error(Code::kNotFound, MysqlError{1146, "42S02"}, "no such table");
    }
    co_return Errorf(Code::kInvalidArgument, "unknown word '{}'", word).WithMysql(1064, "42000");
  }
  Task<Result<>> InitDb(const Context&, Session& session, std::string_view database) override {
    if (database == "none")
      co_return Error(Code::kNotFound, MysqlError{1049, "42000"}, "Unknown database 'none'");
    session.database = database;
    co_return Ok{};
  }
  Task<Result<PreparedInfo>> Prepare(const Context&, Session&, uint32_t, std::string_view,
                                     ResultWriter&) override {
    PreparedInfo info;
    info.parameter_count = 1;
    info.columns.push_back(MakeField("n", Type::kInt64));
    co_return info;
  }
  Task<Result<>> Execute(const Context&, Session&, uint32_t, std::string_view,
                         std::span<const Value> parameters, ResultWriter& writer) override {
    const std::vector<Field> fields = {MakeField("n", Type::kInt64)};
    CO_TRY_OK(writer.WriteFields(fields));
    CO_TRY_OK(writer.WriteCells(parameters));
    co_return writer.EndRows();
  }
  Task<> Closed(const Context&, Session&) override {
    ++closed;
    gone.WakeAll();
    co_return;
  }

  runtime::WaitQueue waiting;  // woken when a "wait" has begun
  runtime::WaitQueue never;
  runtime::WaitQueue gone;  // woken when a connection was closed
  int cancelled = 0;
  int closed = 0;

 private:
  static Result<> One(std::string text, ResultWriter& writer) {
    const std::vector<Field> fields = {MakeField("value", Type::kVarChar)};
    TRY_OK(writer.WriteFields(fields));
    const Value cell(Type::kVarChar, text);
    TRY_OK(writer.WriteCells(std::span(&cell, 1)));
    return writer.EndRows();
  }
  static Task<Result<>> Rows(const Context& ctx, size_t count, ResultWriter& writer) {
    const std::vector<Field> fields = {MakeField("id", Type::kInt64),
                                       MakeField("name", Type::kVarChar)};
    CO_TRY_OK(writer.WriteFields(fields));
    for (size_t i = 0; i < count; ++i) {
      const std::string id = std::to_string(i);
      const std::vector<Value> cells = {Value(Type::kInt64, id),
                                        i % 2 == 0 ? Value(Type::kVarChar, "even") : Value()};
      std::string entry;
      sqltypes::AppendRowEntry(cells, entry);
      sqltypes::RowRunReader reader(entry);
      CO_TRY(const std::string_view body, reader.Next());
      CO_TRY_OK(writer.WriteEncodedRow(body));
      CO_TRY_OK(co_await writer.Drain(ctx));
    }
    co_return writer.EndRows();
  }
};

// A server on a free port of this loop.
class Scene {
 public:
  Scene(const Context& ctx, AuthServer& auth, ServerOptions options = {})
      : shared(std::move(options), auth, handler), server(ctx, shared), accepting_(ctx) {
    auto listening = runtime::Loop::Current().Listen(runtime::Address::Tcp("127.0.0.1", 0));
    CHECK(listening.ok());
    listener_ = std::move(listening).value();
    accepting_.Start(server.Run(accepting_.context(), *listener_));
  }
  ConnectOptions Login(std::string user = "app", std::string password = "") const {
    ConnectOptions options;
    options.address = listener_->address();
    options.user = std::move(user);
    options.password = std::move(password);
    return options;
  }
  Task<> Stop() {
    const auto joined = co_await accepting_.CancelAndJoin();
    co_await server.Stop();
  }

  ScriptHandler handler;
  ServerShared shared;
  Server server;

 private:
  std::unique_ptr<runtime::Listener> listener_;
  runtime::TaskGroup accepting_;
};

// Sends packets as it likes.
class RawClient {
 public:
  static Task<Result<std::unique_ptr<RawClient>>> Login(const Context& ctx,
                                                        const ConnectOptions& options) {
    CO_TRY(std::unique_ptr<runtime::Stream> stream,
           co_await runtime::Loop::Current().Connect(ctx, options.address));
    auto client = std::unique_ptr<RawClient>(new RawClient(std::move(stream)));
    mysqlwire::ClientLoginOptions login_options;
    login_options.user = options.user;
    mysqlwire::ClientLogin login(login_options);
    for (;;) {
      CO_TRY(const std::string packet, co_await client->Read(ctx));
      mysqlwire::PacketWriter out;
      out.SetSequence(client->in_.sequence());
      CO_TRY(const mysqlwire::ClientLogin::Step step, login.OnPacket(packet, out));
      if (step == mysqlwire::ClientLogin::Step::kDone) co_return client;
      CO_TRY_OK(co_await client->stream->WriteAll(ctx, out.buffer().view()));
      client->in_.SetSequence(out.sequence());
    }
  }
  // A command; its answer is read with Read.
  Task<Result<>> Send(const Context& ctx, std::string payload, uint8_t sequence = 0) {
    mysqlwire::PacketWriter out;
    out.SetSequence(sequence);
    out.Begin();
    out.buffer().Append(payload);
    out.End();
    in_.SetSequence(out.sequence());
    co_return co_await stream->WriteAll(ctx, out.buffer().view());
  }
  Task<Result<std::string>> Read(const Context& ctx) {
    for (;;) {
      CO_TRY(const std::optional<std::string_view> packet, in_.Next());
      if (packet) co_return std::string(*packet);
      const std::span<char> room = in_.Room(4096);
      CO_TRY(const size_t count, co_await stream->Read(ctx, room));
      if (count == 0) co_return Error(Code::kUnavailable, "closed");
      in_.Received(count);
    }
  }
  // Send and Read where they must go well and their outcome is not the point.
  Task<> Command(const Context& ctx, std::string payload, uint8_t sequence = 0) {
    const Result<> sent = co_await Send(ctx, std::move(payload), sequence);
    EXPECT_TRUE(sent.ok());
  }
  Task<> Skip(const Context& ctx) {
    const Result<std::string> packet = co_await Read(ctx);
    EXPECT_TRUE(packet.ok());
  }
  // The next packet begins a new count.
  void Expect(uint8_t sequence) { in_.SetSequence(sequence); }
  std::unique_ptr<runtime::Stream> stream;

 private:
  explicit RawClient(std::unique_ptr<runtime::Stream> s) : stream(std::move(s)), in_(1 << 24) {}
  mysqlwire::PacketReader in_;
};

using Body = Task<> (*)(const Context&, Scene&);

Task<int> SceneRoot(const Context& ctx, Body body, AuthServer& auth, const ServerOptions& options) {
  Scene scene(ctx, auth, options);
  const Context bounded = ctx.WithTimeout(std::chrono::seconds(60));
  co_await body(bounded, scene);
  co_await scene.Stop();
  co_return 0;
}

// Runs a body on a fresh loop beside a server that lets everybody in.
void RunScene(Body body, const ServerOptions& options = {}) {
  NoAuthServer auth;
  runtime::RunLoop([&](const Context& ctx) { return SceneRoot(ctx, body, auth, options); });
}

Task<> QueryBody(const Context& ctx, Scene& scene) {
  const ConnectOptions login = scene.Login();
  auto connected = co_await Connection::Connect(ctx, login);
  CO_ASSERT(connected.ok());
  Connection& connection = **connected;
  EXPECT_EQ(connection.server_version(), "8.4.6-Tessera");
  auto rows = co_await connection.Query(ctx, "rows 5000");
  CO_ASSERT(rows.ok());
  EXPECT_EQ(rows->row_count(), 5000u);
  CO_ASSERT(rows->encoded() && rows->fields.size() == 2);
  EXPECT_EQ(rows->fields[0].name, "id");
  EXPECT_EQ(rows->fields[0].type, Type::kInt64);
  CO_ASSERT(rows->Decode().ok());
  EXPECT_EQ(rows->row(4999)[0].raw(), "4999");
  EXPECT_TRUE(rows->row(4999)[1].is_null());
  EXPECT_EQ(rows->row(4998)[1], Value(Type::kVarChar, "even"));
  auto ok = co_await connection.Query(ctx, "ok");
  CO_ASSERT(ok.ok());
  EXPECT_EQ(ok->affected_rows, 5u);
  EXPECT_EQ(ok->insert_id, 700u);
  EXPECT_EQ(ok->info, "done");
  EXPECT_TRUE(connection.status().in_transaction());
  EXPECT_EQ(connection.status().warnings, 4);
  auto failed = co_await connection.Query(ctx, "nonsense");
  CO_ASSERT(!failed.ok());
  EXPECT_EQ(failed.error().mysql_errno(), 1064);
  EXPECT_EQ(failed.error().sqlstate(), "42000");
  const Result<> ping = co_await connection.Ping(ctx);
  EXPECT_TRUE(ping.ok());
  const Result<> reset = co_await connection.Reset(ctx);
  EXPECT_TRUE(reset.ok());
  const Result<> use = co_await connection.ChangeDatabase(ctx, "shop");
  EXPECT_TRUE(use.ok());
  const Result<> unknown = co_await connection.ChangeDatabase(ctx, "none");
  EXPECT_EQ(unknown.error().mysql_errno(), 1049);
  auto who = co_await connection.Query(ctx, "who");
  CO_ASSERT(who.ok() && who->Decode().ok());
  EXPECT_EQ(who->row(0)[0].raw(), "app@shop");
}
TEST(Server, AnswersQueriesAndCommands) { RunScene(QueryBody); }

Task<> MultiBody(const Context& ctx, Scene& scene) {
  const ConnectOptions login = scene.Login();
  auto connected = co_await Connection::Connect(ctx, login);
  CO_ASSERT(connected.ok());
  Connection& connection = **connected;
  auto first = co_await connection.Query(ctx, "two");
  CO_ASSERT(first.ok());
  EXPECT_EQ(first->row_count(), 1u);
  CO_ASSERT(connection.more_results());
  auto second = co_await connection.NextResult(ctx);
  CO_ASSERT(second.ok());
  EXPECT_EQ(second->affected_rows, 2u);
  EXPECT_FALSE(connection.more_results());
  auto half = co_await connection.Query(ctx, "half");
  CO_ASSERT(half.ok() && connection.more_results());
  auto error = co_await connection.NextResult(ctx);
  CO_ASSERT(!error.ok());
  EXPECT_EQ(error.error().mysql_errno(), 1146);
  // Results that nobody took are thrown away by the next query.
  auto again = co_await connection.Query(ctx, "two");
  auto after = co_await connection.Query(ctx, "ok");
  EXPECT_TRUE(again.ok() && after.ok());
  EXPECT_EQ(after->affected_rows, 5u);
}
TEST(Server, SeveralResultsOfOneQuery) { RunScene(MultiBody); }

Task<> BigBody(const Context& ctx, Scene& scene) {
  const ConnectOptions login = scene.Login();
  auto connected = co_await Connection::Connect(ctx, login);
  CO_ASSERT(connected.ok());
  Connection& connection = **connected;
  const std::string long_query = "length " + std::string(size_t{17} << 20, ' ');
  auto length = co_await connection.Query(ctx, long_query);
  CO_ASSERT(length.ok() && length->Decode().ok());
  EXPECT_EQ(length->row(0)[0].raw(), std::to_string(long_query.size()));
  auto big = co_await connection.Query(ctx, "big 34000000");
  CO_ASSERT(big.ok() && big->Decode().ok());
  EXPECT_EQ(big->row(0)[0].raw().size(), 34000000u);
}
TEST(Server, PacketsOver16MegabytesBothWays) { RunScene(BigBody); }

Task<> OversizedBody(const Context& ctx, Scene& scene) {
  const ConnectOptions login = scene.Login();
  auto client = co_await RawClient::Login(ctx, login);
  CO_ASSERT(client.ok());
  const Result<> sent = co_await (*client)->Send(ctx, std::string(2000, 'x'));
  EXPECT_TRUE(sent.ok());
  const auto answer = co_await (*client)->Read(ctx);
  CO_ASSERT(answer.ok() && mysqlwire::IsErr(*answer));
  EXPECT_EQ(mysqlwire::ParseErr(*answer).mysql_errno(), 1153);
  const auto end = co_await (*client)->Read(ctx);
  EXPECT_FALSE(end.ok());
}
TEST(Server, OversizedPacketGetsErrno1153AndTheEnd) {
  ServerOptions options;
  options.max_packet = 1000;
  RunScene(OversizedBody, options);
}

// The status flags of the packet that ends rows, for a client with DEPRECATE_EOF.
uint16_t StatusOfEnd(std::string_view packet) {
  const Result<mysqlwire::OkPacket> end = mysqlwire::ParseOk(packet, 0);
  return end.ok() && packet.front() == '\xfe' ? end->status_flags : uint16_t{0};
}

Task<> RawBody(const Context& ctx, Scene& scene) {
  const ConnectOptions login = scene.Login();
  auto client = co_await RawClient::Login(ctx, login);
  CO_ASSERT(client.ok());
  co_await (*client)->Command(ctx, std::string("\x99what"));
  auto answer = co_await (*client)->Read(ctx);
  CO_ASSERT(answer.ok());
  EXPECT_EQ(mysqlwire::ParseErr(*answer).mysql_errno(), 1047);
  // PHP's mysqlnd takes nothing but an EOF for the answer to COM_SET_OPTION.
  co_await (*client)->Command(ctx, std::string("\x1b\x00\x00", 3));
  answer = co_await (*client)->Read(ctx);
  CO_ASSERT(answer.ok());
  EXPECT_EQ(answer->front(), '\xfe');
  EXPECT_EQ(StatusOfEnd(*answer), mysqlwire::kStatusAutocommit);
  // The connection is still good: a prepared statement.
  co_await (*client)->Command(ctx, std::string("\x16select ?"));
  answer = co_await (*client)->Read(ctx);
  CO_ASSERT(answer.ok());
  EXPECT_EQ(*answer, std::string("\x00\x01\x00\x00\x80\x01\x00\x01\x00\x00\x00\x00", 12));
  co_await (*client)->Skip(ctx);  // the parameter's definition
  co_await (*client)->Skip(ctx);  // the column's
  const std::string execute(
      "\x17\x01\x00\x00\x80\x00\x01\x00\x00\x00\x00\x01\x08\x00\x2a\x00\x00\x00\x00\x00\x00\x00",
      22);
  co_await (*client)->Command(ctx, execute);
  co_await (*client)->Skip(ctx);  // one column
  co_await (*client)->Skip(ctx);  // its definition
  answer = co_await (*client)->Read(ctx);
  CO_ASSERT(answer.ok());
  EXPECT_EQ(*answer, std::string("\x00\x00\x2a\x00\x00\x00\x00\x00\x00\x00", 10));
  co_await (*client)->Skip(ctx);  // end of rows
  // With a cursor the rows wait for their fetch.
  std::string with_cursor = execute;
  with_cursor[5] = 1;
  co_await (*client)->Command(ctx, with_cursor);
  co_await (*client)->Skip(ctx);  // one column
  co_await (*client)->Skip(ctx);  // its definition
  answer = co_await (*client)->Read(ctx);
  CO_ASSERT(answer.ok());
  EXPECT_EQ(StatusOfEnd(*answer) & mysqlwire::kStatusCursorExists, mysqlwire::kStatusCursorExists);
  const std::string fetch("\x1c\x01\x00\x00\x80\x05\x00\x00\x00", 9);
  co_await (*client)->Command(ctx, fetch);
  answer = co_await (*client)->Read(ctx);
  CO_ASSERT(answer.ok());
  EXPECT_EQ(*answer, std::string("\x00\x00\x2a\x00\x00\x00\x00\x00\x00\x00", 10));
  answer = co_await (*client)->Read(ctx);
  CO_ASSERT(answer.ok());
  EXPECT_EQ(StatusOfEnd(*answer) & mysqlwire::kStatusLastRowSent, mysqlwire::kStatusLastRowSent);
  // An execution without one closes it.
  co_await (*client)->Command(ctx, execute);
  for (int i = 0; i < 4; ++i) {
    co_await (*client)->Skip(ctx);
  }
  co_await (*client)->Command(ctx, fetch);
  answer = co_await (*client)->Read(ctx);
  CO_ASSERT(answer.ok());
  EXPECT_EQ(mysqlwire::ParseErr(*answer).mysql_errno(), 1421);
  co_await (*client)->Command(ctx, std::string("\x17\x09\x00\x00\x00", 5));
  answer = co_await (*client)->Read(ctx);
  CO_ASSERT(answer.ok());
  EXPECT_EQ(mysqlwire::ParseErr(*answer).mysql_errno(), 1243);
  // Out of step: said, then the end.
  co_await (*client)->Command(ctx, std::string("\x0e"), 5);
  const auto end = co_await (*client)->Read(ctx);
  EXPECT_FALSE(end.ok() && !mysqlwire::IsErr(*end));
}
TEST(Server, RawCommandsAndPreparedStatements) { RunScene(RawBody); }

Task<> WaitQuery(const Context& ctx, RawClient& client) {
  co_await client.Command(ctx, std::string("\x03wait"));
}

Task<> DisconnectBody(const Context& ctx, Scene& scene) {
  const ConnectOptions login = scene.Login();
  auto client = co_await RawClient::Login(ctx, login);
  CO_ASSERT(client.ok());
  co_await WaitQuery(ctx, **client);
  const Result<> began = co_await scene.handler.waiting.Wait(ctx);
  CO_ASSERT(began.ok());
  client->reset();  // closes
  const Result<> gone = co_await scene.handler.gone.Wait(ctx);
  EXPECT_TRUE(gone.ok());
  EXPECT_EQ(scene.handler.cancelled, 1);
  EXPECT_EQ(scene.handler.closed, 1);
}
TEST(Server, AClientThatLeavesEndsItsQuery) { RunScene(DisconnectBody); }

Task<> KillBody(const Context& ctx, Scene& scene) {
  const ConnectOptions login = scene.Login();
  auto client = co_await RawClient::Login(ctx, login);
  CO_ASSERT(client.ok());
  co_await WaitQuery(ctx, **client);
  const Result<> began = co_await scene.handler.waiting.Wait(ctx);
  CO_ASSERT(began.ok());
  EXPECT_FALSE(scene.server.Kill(999, true));
  EXPECT_TRUE(scene.server.Kill(1, true));
  auto answer = co_await (*client)->Read(ctx);
  CO_ASSERT(answer.ok());
  EXPECT_EQ(mysqlwire::ParseErr(*answer).mysql_errno(), 1317);
  co_await (*client)->Command(ctx, std::string("\x0e"));
  answer = co_await (*client)->Read(ctx);
  CO_ASSERT(answer.ok());
  EXPECT_EQ((*answer)[0], '\0');
  (*client)->Expect(1);
  scene.server.Drain();
  answer = co_await (*client)->Read(ctx);
  CO_ASSERT(answer.ok());
  EXPECT_EQ(mysqlwire::ParseErr(*answer).mysql_errno(), 1053);
}
TEST(Server, KillEndsTheQueryAndDrainTheConnection) { RunScene(KillBody); }

Task<> ClientsBody(const Context& ctx, Scene& scene) {
  Clients& clients = scene.shared.clients;
  const ConnectOptions login = scene.Login("ada");
  auto client = co_await RawClient::Login(ctx, login);
  CO_ASSERT(client.ok());
  auto list = co_await clients.List("ada");
  CO_ASSERT(list.size() == 1);
  EXPECT_EQ(list[0].id, 1u);
  EXPECT_EQ(list[0].user, "ada");
  EXPECT_EQ(list[0].command, "Sleep");
  EXPECT_FALSE(list[0].text.has_value());
  co_await WaitQuery(ctx, **client);
  const Result<> began = co_await scene.handler.waiting.Wait(ctx);
  CO_ASSERT(began.ok());
  list = co_await clients.List("ada");
  CO_ASSERT(list.size() == 1);
  EXPECT_EQ(list[0].command, "Query");
  EXPECT_EQ(list[0].text, "wait");
  list = co_await clients.List("bob");
  EXPECT_TRUE(list.empty());
  KillOutcome outcome = co_await clients.Kill("ada", 2, KillWhat::kQuery);
  EXPECT_EQ(outcome, KillOutcome::kNoSuchClient);
  outcome = co_await clients.Kill("bob", 1, KillWhat::kQuery);
  EXPECT_EQ(outcome, KillOutcome::kNotAllowed);
  outcome = co_await clients.Kill("ada", 1, KillWhat::kQuery);
  EXPECT_EQ(outcome, KillOutcome::kDone);
  const auto answer = co_await (*client)->Read(ctx);
  CO_ASSERT(answer.ok());
  EXPECT_EQ(mysqlwire::ParseErr(*answer).mysql_errno(), 1317);
  size_t killed = co_await clients.KillAll("bob", KillWhat::kConnection);
  EXPECT_EQ(killed, 0u);
  killed = co_await clients.KillAll("ada", KillWhat::kConnection);
  EXPECT_EQ(killed, 1u);
  const auto end = co_await (*client)->Read(ctx);
  EXPECT_FALSE(end.ok());
}
TEST(Server, ClientsAreListedAndKilledByThoseWhoMay) { RunScene(ClientsBody); }

TEST(Clients, ManagersMayManageOthers) {
  const Clients none({});
  EXPECT_TRUE(none.MayManage("ada", "ada"));
  EXPECT_FALSE(none.MayManage("ada", "bob"));
  const Clients some({"root", "ops"});
  EXPECT_TRUE(some.MayManage("ops", "bob"));
  EXPECT_FALSE(some.MayManage("ada", "ops"));
  EXPECT_TRUE(Clients({"*"}).MayManage("ada", "bob"));
}

TEST(ServerVersion, IsTheServersUnlessTheOperatorHasSpoken) {
  ServerVersion learned;
  EXPECT_EQ(learned.ForGreeting(), ServerVersion::kDefault);
  learned.Learn("10.11.19-MariaDB-log");
  EXPECT_EQ(*learned.Get(), "10.11.19-MariaDB-log");
  EXPECT_EQ(learned.ForGreeting(), "5.5.5-10.11.19-MariaDB-log");
  learned.Learn("11.4.2-MariaDB");
  EXPECT_EQ(learned.ForGreeting(), "11.4.2-MariaDB");
  learned.Learn("");
  learned.Learn("8.4.6");
  EXPECT_EQ(learned.ForGreeting(), "8.4.6");
  ServerVersion fixed("8.0.30-mine");
  fixed.Learn("8.4.6");
  EXPECT_EQ(*fixed.Get(), "8.0.30-mine");
}

Task<> LimitBody(const Context& ctx, Scene& scene) {
  const ConnectOptions login = scene.Login();
  auto first = co_await Connection::Connect(ctx, login);
  EXPECT_TRUE(first.ok());
  auto second = co_await Connection::Connect(ctx, login);
  CO_ASSERT(!second.ok());
  EXPECT_EQ(second.error().mysql_errno(), 1040);
}
TEST(Server, RefusesMoreThanMaxConnections) {
  ServerOptions options;
  options.max_connections = 1;
  RunScene(LimitBody, options);
}

struct LoginCase {
  const char* user;
  const char* password;
  bool accepted;
};

Task<int> LoginBody(const Context& ctx, AuthServer& auth) {
  Scene scene(ctx, auth);
  scene.shared.password_key = mysqlwire::RsaKey::Generate();
  const LoginCase cases[] = {
      {"clear", "secret", true},  {"clear", "wrong", false}, {"clear", "", false},
      {"native", "secret", true}, {"native", "x", false},    {"sha2", "secret", true},
      {"rotating", "old", true},  {"rotating", "new", true}, {"rotating", "none", false},
      {"open", "", true},         {"open", "x", false},      {"local", "secret", false},
      {"nobody", "secret", false}};
  for (const LoginCase& expected : cases) {
    const ConnectOptions login = scene.Login(expected.user, expected.password);
    auto connected = co_await Connection::Connect(ctx, login);
    EXPECT_EQ(connected.ok(), expected.accepted) << expected.user << " " << expected.password;
    if (!connected.ok()) {
      EXPECT_EQ(connected.error().mysql_errno(), 1045) << connected.error().message();
    }
    if (!connected.ok() || std::string_view(expected.user) != "clear") continue;
    auto who = co_await (*connected)->Query(ctx, "who");
    EXPECT_TRUE(who.ok() && who->Decode().ok());
    EXPECT_EQ(who->row(0)[0].raw(), "caller-1@");
  }
  co_await scene.Stop();
  co_return 0;
}

TEST(Login, StaticUsers) {
  constexpr std::string_view kUsers =
      R"({
    "clear": {"Password": "secret", "UserData": "caller-1", "Groups": ["g"]},
    "native": [{"MysqlNativePassword": "*14E65567ABDB5135D0CFD9A70B3032C179A49EE7"}],
    "sha2": {"CachingSha2Password":
             "3881219d087dd9c634373fd33dfa33a2cb6bfc6c520b64b8bb60ef2ceb534ae7"},
    "rotating": [{"Password": "old"}, {"Password": "new"}],
    "open": {"Password": ""},
    "local": {"Password": "secret", "SourceHost": "localhost"}})";
  for (const AuthMethod method : {AuthMethod::kNativePassword, AuthMethod::kCachingSha2}) {
    auto users = StaticAuthServer::FromString(kUsers, method);
    ASSERT_TRUE(users.ok()) << users.error().message();
    AuthServer* const auth = users->get();
    runtime::RunLoop([auth](const Context& ctx) { return LoginBody(ctx, *auth); });
  }
}

TEST(Login, BadStaticFilesAreRefused) {
  for (const char* json : {"", "[]", R"({"u": 1})", R"({"u": {"MysqlNativePassword": "*12"}})",
                           R"({"u": {"Password": 1}})", R"({"u": {"Ed25519Password": "x"}})",
                           R"({"u": {"SourceHost": "10.0.0.1"}})"})
    EXPECT_FALSE(StaticAuthServer::FromString(json).ok()) << json;
  EXPECT_FALSE(StaticAuthServer::FromFile("/nonexistent/users.json").ok());
}

TEST(Login, ReloadKeepsTheOldUsersWhenTheFileIsBad) {
  char path[] = "/tmp/tessera_users_XXXXXX";
  const int fd = mkstemp(path);
  ASSERT_GE(fd, 0);
  const auto write = [&](std::string_view text) {
    ASSERT_EQ(ftruncate(fd, 0), 0);
    ASSERT_EQ(pwrite(fd, text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
  };
  write(R"({"u": {"Password": ""}})");
  auto users = StaticAuthServer::FromFile(path);
  ASSERT_TRUE(users.ok());
  write("{");
  const Result<> reloaded = (*users)->Reload();
  ASSERT_FALSE(reloaded.ok());
  EXPECT_NE(reloaded.error().message().find(path), std::string::npos);
  write(R"({"v": {"Password": ""}})");
  EXPECT_TRUE((*users)->Reload().ok());
  close(fd);
  unlink(path);
}

Result<std::string> Output(const std::string& command) {
  FILE* const pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return Error(Code::kInternal, "popen failed");
  std::string text;
  char buffer[4096];
  for (size_t count = 0; (count = fread(buffer, 1, sizeof buffer, pipe)) > 0;)
    text.append(buffer, count);
  pclose(pipe);
  return text;
}

Task<> ProgramBody(const Context&, Scene& scene) {
  const std::string command = fmt::format(
      "mariadb --no-defaults -h 127.0.0.1 -P {} -u app -D shop --skip-ssl -t -e 'rows 3; who; two; "
      "fail' 2>&1",
      scene.Login().address.port);
  auto run = [command] { return Output(command); };
  const Result<std::string> output = co_await runtime::RunBlocking(run);
  CO_ASSERT(output.ok());
  EXPECT_NE(output->find("|    0 | even |"), std::string::npos) << *output;
  EXPECT_NE(output->find("|    1 | NULL |"), std::string::npos) << *output;
  EXPECT_NE(output->find("| app@shop |"), std::string::npos) << *output;
  EXPECT_NE(output->find("| first |"), std::string::npos) << *output;
  EXPECT_NE(output->find("ERROR 1064 (42000)"), std::string::npos) << *output;
}
TEST(Server, TheMariadbProgramGetsAlong) { RunScene(ProgramBody); }

}  // namespace
}  // namespace tessera::mysqlconn
