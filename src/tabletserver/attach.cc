// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// Attached sessions: a client's commands on a connection of its own.
#include <algorithm>
#include <optional>
#include <utility>

#include "base/ascii.h"
#include "log/log.h"
#include "mysqlwire/answer.h"
#include "mysqlwire/columns.h"
#include "mysqlwire/protocol.h"
#include "mysqlwire/response.h"
#include "tabletserver/tablet_server.h"

namespace tessera::tabletserver {

using mysqlconn::Connection;
using mysqlwire::Command;

namespace {

// How long a command that was cut short may take to say so.
constexpr Duration kInterruptGrace = std::chrono::seconds(10);

std::string CommandPacket(Command command, std::string_view payload) {
  std::string packet(1, static_cast<char>(command));
  packet.append(payload);
  return packet;
}

// Sends a command and appends its whole answer.
Task<Result<>> Converse(const Context& ctx, Connection& connection, std::string packet,
                        std::string& run) {
  CO_TRY_OK(co_await connection.SendPacket(ctx, packet));
  while (connection.relaying()) {
    CO_TRY_OK(co_await connection.ReceivePackets(ctx, run));
  }
  co_return Ok{};
}

}  // namespace

// Holds its connection's id, and the connection itself while a command is under way: idle, it may
// be ended by whoever ends transactions that take too long.
class TabletServer::AttachedSession final : public queryservice::Attachment {
 public:
  AttachedSession(TabletServer& server, const Request& request, queryservice::AttachedTo about)
      : server_(server),
        target_(*request.target),
        options_(OptionsOf(request)),
        about_(std::move(about)) {}

  ~AttachedSession() override {
    if (!use_) {
      Result<Use> use = server_.stateful_.Lock(about_.reserved_id);
      if (use.ok()) use_.emplace(*std::move(use));
    }
    if (use_) use_->End("the client has left", true);
  }

  const queryservice::AttachedTo& about() const override { return about_; }

  Task<Result<>> Send(const Context& ctx, std::string_view packet) override {
    if (!use_) {
      CO_TRY_OK(BeginCommand(packet));
    }
    const Context bounded = Bounded(ctx);
    CO_TRY_OK(co_await use_->connection().SendPacket(bounded, packet));
    if (!use_->connection().relaying()) co_await EndCommand();
    co_return Ok{};
  }

  Task<Result<std::string>> Receive(const Context& ctx) override {
    std::string run;
    if (!use_ || use_->connection().file_wanted()) co_return run;
    const Context bounded = Bounded(ctx);
    Result<> received = co_await use_->connection().ReceivePackets(bounded, run);
    if (!received.ok() && !bounded.Check().ok() && ctx.Check().ok()) {
      // Its time is over, not the client's patience: the server says the rest.
      deadline_ = Executor::Current().Now() + kInterruptGrace;
      CO_TRY_OK(co_await Interrupt(ctx));
      const Context grace = Bounded(ctx);
      received = co_await use_->connection().ReceivePackets(grace, run);
    }
    CO_TRY_OK(received);
    if (!use_->connection().relaying()) co_await EndCommand();
    co_return run;
  }

  Task<Result<>> Interrupt(const Context& ctx) override {
    if (!use_) co_return Ok{};
    const Connection& connection = use_->connection();
    co_return co_await mysqlconn::KillQuery(ctx, connection.options(), connection.thread_id());
  }

 private:
  Result<> BeginCommand(std::string_view packet) {
    ++server_.stats_.queries;
    TRY(Use use, server_.stateful_.Lock(about_.reserved_id));
    TRY_OK(server_.Admit(&target_, use->in_transaction ? OnShutdown::kAllow : OnShutdown::kRefuse));
    use_.emplace(std::move(use));
    running_.emplace(server_);
    Request request;
    request.options = &options_;
    deadline_ = server_.BoundQuery(Context::Background(), request, &**use_).deadline();
    const bool is_text = !packet.empty() && packet.front() == static_cast<char>(Command::kQuery);
    const PlanKind kind = is_text ? KindOf(packet.substr(1)) : PlanKind::kOther;
    changes_schema_ = kind == PlanKind::kDdl;
    sets_global_ =
        kind == PlanKind::kSet && AsciiLower(packet.substr(1)).find("global") != std::string::npos;
    return Ok{};
  }

  Context Bounded(const Context& ctx) const {
    return deadline_ ? ctx.WithDeadline(*deadline_) : ctx;
  }

  Task<> EndCommand() {
    StatefulConnection& connection = **use_;
    const bool in_transaction = use_->connection().status().in_transaction();
    if (in_transaction && !connection.in_transaction) {
      server_.NoteTransaction(options_, connection);
    } else if (!in_transaction) {
      connection.in_transaction = false;
      connection.expires = Instant::max();
    }
    // It is for connections that come later, which to clients theirs are.
    if (std::exchange(sets_global_, false))
      for (mysqlconn::Pool* const pool : server_.AllPools()) pool->Renew();
    if (std::exchange(changes_schema_, false)) co_await server_.SchemaChanged();
    use_.reset();
    running_.reset();
  }

  TabletServer& server_;
  const keys::Target target_;
  const queryservice::ExecuteOptions options_;
  const queryservice::AttachedTo about_;
  std::optional<Use> use_;  // while a command is under way
  std::optional<Running> running_;
  std::optional<Instant> deadline_;  // of the command
  bool changes_schema_ = false;
  bool sets_global_ = false;
};

Task<Result<std::unique_ptr<queryservice::Attachment>>> TabletServer::Attach(
    const Context& ctx, const Request& request) {
  CO_TRY_OK(Admit(request.target, OnShutdown::kRefuse));
  CO_TRY_OK(CheckIds(request));
  // What passes as it is cannot be held against rules, nor against who may read which table.
  if (protection_.rules != nullptr || config_.acl.on())
    co_return Error(Code::kUnimplemented,
                    "this tablet has query rules or a table ACL, and attaches no sessions");
  const Running running(*this);
  Request inner = request;
  // Either id names a connection to take over.
  inner.transaction_id = std::max(request.transaction_id, request.reserved_id);
  const Result<State> opened = co_await OpenReserved(ctx, inner);
  if (!opened.ok()) co_return Describe(opened.error(), request);
  queryservice::AttachedTo about;
  about.reserved_id = opened->reserved_id;
  about.alias = opened->alias;
  about.database = config_.db_name;
  {
    CO_TRY(const Use use, stateful_.Lock(about.reserved_id));
    about.thread_id = use.connection().thread_id();
    about.capabilities = use.connection().capabilities();
    about.server_version = use.connection().server_version();
  }
  co_return std::unique_ptr<queryservice::Attachment>(
      std::make_unique<AttachedSession>(*this, request, std::move(about)));
}

namespace {

// What the answer to COM_STMT_PREPARE says.
struct Described {
  sqltypes::ResultSet result;  // as DescribeStatement gives it
  std::string id;              // of the statement, as COM_STMT_CLOSE wants it
};

Result<Described> ReadDescription(std::string_view run, uint64_t capabilities) {
  using mysqlwire::AnswerPacket;
  Described out;
  mysqlwire::AnswerTracker tracker;
  tracker.Begin(static_cast<uint8_t>(Command::kStmtPrepare), capabilities);
  mysqlwire::RunReader packets;
  packets.Append(run);
  while (!tracker.done()) {
    TRY(const std::optional<std::string_view> packet, packets.Next(run.size()));
    if (!packet) return Error(Code::kInternal, "the answer to a prepare ends too early");
    TRY(const AnswerPacket kind, tracker.OnPacket(*packet));
    if (kind == AnswerPacket::kError) return mysqlwire::ParseErr(*packet);
    if (kind == AnswerPacket::kPrepared) {
      mysqlwire::ByteReader in(packet->substr(1));
      out.id = in.Take(4);
      in.U16();  // columns
      out.result.affected_rows = in.U16();
    }
    if (kind == AnswerPacket::kColumn) {
      TRY(sqltypes::Field field, mysqlwire::ParseColumn(*packet, capabilities));
      out.result.fields.push_back(std::move(field));
    }
  }
  // Parameters come first, and look like columns.
  std::vector<sqltypes::Field>& fields = out.result.fields;
  const size_t parameters = std::min<size_t>(fields.size(), out.result.affected_rows);
  fields.erase(fields.begin(), fields.begin() + static_cast<ptrdiff_t>(parameters));
  return out;
}

}  // namespace

Task<Result<sqltypes::ResultSet>> TabletServer::DescribeStatement(const Context& ctx,
                                                                  const Request& request) {
  CO_TRY_OK(Admit(request.target, OnShutdown::kRefuse));
  const Running running(*this);
  const Context bounded = BoundQuery(ctx, request, nullptr);
  for (int attempt = 0;; ++attempt) {
    CO_TRY(Lease lease, co_await GetFrom(bounded, oltp_));
    std::string run;
    std::string prepare = CommandPacket(Command::kStmtPrepare, request.sql);
    const Result<> answered = co_await Converse(bounded, *lease, std::move(prepare), run);
    if (!answered.ok()) {
      // Half an answer must not be the next borrower's.
      lease.Discard();
      if (answered.error().mysql_errno() != 2006 || attempt >= 3) co_return answered.error();
      continue;
    }
    Result<Described> described = ReadDescription(run, lease->capabilities());
    if (!described.ok()) co_return Describe(described.error(), request);
    const std::string close = CommandPacket(Command::kStmtClose, described->id);
    CO_TRY_OK(co_await lease->SendPacket(bounded, close));
    ShapeFields(described->result.fields, request);
    co_return std::move(described->result);
  }
}

}  // namespace tessera::tabletserver
