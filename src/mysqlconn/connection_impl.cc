// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "mysqlconn/connection_impl.h"

#include <optional>
#include <utility>

#include "mysqlwire/client_login.h"
#include "mysqlwire/errno_codes.h"
#include "mysqlwire/response.h"
#include "runtime/loop.h"

namespace tessera::mysqlconn {

namespace {

using Event = mysqlwire::ResponseReader::Event;

constexpr size_t kReadSize = 16 << 10;
constexpr size_t kKeptBuffer = 256 << 10;
constexpr size_t kRelayedAtOnce = 64 << 10;
constexpr Duration kKillAgain = std::chrono::milliseconds(250);

Error ClientError(uint16_t number, std::string_view message) {
  return Error(mysqlwire::CodeOfErrno(number, message), std::string(message))
      .WithMysql(number, "HY000");
}

Error GoneAway() { return ClientError(2006, "MySQL server has gone away"); }

// The cause is worth reading, but the first words are those that people search for.
Error Lost(const Error& cause) {
  return ClientError(2013, "Lost connection to MySQL server during query: " + cause.message());
}

// The server hangs up after these: shutting down, killed (MariaDB), idle for too long (MySQL).
bool EndsConnection(uint16_t number) { return number == 1053 || number == 1927 || number == 4031; }

}  // namespace

Connection::Impl::~Impl() {
  if (!logged_in_ || !usable() || response_.active() || !answer_.done()) return;
  out_.SetSequence(0);
  out_.Begin();
  out_.buffer().U8(static_cast<uint8_t>(mysqlwire::Command::kQuit));
  out_.End();
  const std::string_view bytes = out_.buffer().view();
  (void)stream_->TryWrite(std::span<const std::string_view>(&bytes, 1));
}

Task<Result<>> Connection::Impl::Login(const Context& ctx) {
  mysqlwire::ClientLoginOptions login_options;
  login_options.user = options_.user;
  login_options.password = options_.password;
  login_options.database = options_.database;
  login_options.collation = static_cast<uint8_t>(options_.collation);
  login_options.safe_channel = options_.address.is_unix();
  login_options.found_rows = options_.found_rows;
  login_options.multi_statements = options_.multi_statements;
  login_options.attributes.emplace_back("_client_name", "tessera");
  mysqlwire::ClientLogin login(std::move(login_options));
  for (;;) {
    CO_TRY(const std::optional<std::string_view> packet, in_.Next());
    if (!packet) {
      CO_TRY_OK(co_await Fill(ctx));
      continue;
    }
    out_.SetSequence(in_.sequence());
    CO_TRY(const mysqlwire::ClientLogin::Step step, login.OnPacket(*packet, out_));
    if (step == mysqlwire::ClientLogin::Step::kDone) break;
    CO_TRY_OK(co_await stream_->WriteAll(ctx, out_.buffer().view()));
    // Two packets out in a row never happen in a login without TLS, so the next one in follows
    // ours.
    in_.SetSequence(out_.sequence());
    out_.buffer().Clear();
  }
  capabilities_ = login.capabilities();
  thread_id_ = login.connection_id();
  version_ = login.server_version();
  logged_in_ = true;
  status_.flags = login.status_flags();
  co_return Ok{};
}

void Connection::Impl::Close() {
  broken_ = true;
  if (stream_ != nullptr) stream_->Shutdown();
}

Result<> Connection::Impl::Break(Error error) {
  Close();
  return error;
}

Task<Result<>> Connection::Impl::Fill(const Context& ctx) {
  const std::span<char> room = in_.Room(kReadSize);
  Result<size_t> count = co_await stream_->Read(ctx, room);
  if (count.ok() && *count > 0) {
    in_.Received(*count);
    co_return Ok{};
  }
  if (!count.ok() && !ctx.Check().ok()) {
    interrupted_ = true;
    co_return ctx.Check();
  }
  const Error cause =
      count.ok() ? Error(Code::kUnavailable, "the server closed it") : std::move(count).error();
  co_return Break(Lost(cause));
}

// Sends a command. What is left of the last answer is read and thrown away first.
Task<Result<>> Connection::Impl::Begin(const Context& ctx, mysqlwire::Command command,
                                       std::string_view payload, bool keep_fields) {
  if (!usable()) co_return GoneAway();
  CO_TRY_OK(ctx.Check());
  if (response_.active()) {
    CO_TRY_OK(co_await DiscardResults(ctx));
  }
  interrupted_ = false;
  too_many_rows_ = false;
  in_.Shrink(kKeptBuffer);
  response_.Begin(capabilities_, keep_fields);
  out_.SetSequence(0);
  out_.Begin();
  out_.buffer().U8(static_cast<uint8_t>(command));
  out_.buffer().Append(payload);
  out_.End();
  co_return co_await Send(ctx);
}

Task<Result<>> Connection::Impl::Send(const Context& ctx) {
  in_.SetSequence(out_.sequence());
  const std::string_view bytes = out_.buffer().view();
  const Result<size_t> sent = stream_->TryWrite(std::span<const std::string_view>(&bytes, 1));
  // A server that closed an idle connection is noticed here or at the first read.
  if (!sent.ok()) co_return Break(GoneAway());
  if (*sent < bytes.size()) {
    const Result<> rest = co_await stream_->WriteAll(ctx, bytes.substr(*sent));
    if (!rest.ok()) {
      const Result<> why = ctx.Check();
      co_return Break(why.ok() ? Lost(rest.error()) : why.error());
    }
  }
  out_.buffer().Release(kKeptBuffer);
  co_return Ok{};
}

Result<Event> Connection::Impl::Take(RowBatch* rows, size_t max_rows) {
  for (;;) {
    Result<std::optional<std::string_view>> packet = in_.Next();
    if (!packet.ok()) return Break(ClientError(2027, packet.error().message())).error();
    if (!*packet) return Event::kMore;
    const Result<Event> event = response_.OnPacket(**packet);
    if (!event.ok()) return Break(event.error()).error();
    switch (*event) {
      case Event::kMore:
        break;
      case Event::kRow: {
        if (rows == nullptr) break;
        if (max_rows != 0 && rows->rows() == max_rows) {
          too_many_rows_ = true;
          return Event::kRow;
        }
        const Result<> added = rows->Add(**packet, response_.column_count());
        if (!added.ok()) return Break(added.error()).error();
        break;
      }
      case Event::kFields:
        return *event;
      case Event::kEnd:
        status_.flags = response_.end().status_flags;
        status_.warnings = response_.end().warnings;
        return *event;
      case Event::kError:
        if (EndsConnection(response_.error().mysql_errno())) Close();
        return *event;
    }
  }
}

Task<Result<>> Connection::Impl::ReceiveResult(const Context& ctx, RowBatch& rows,
                                               size_t max_rows) {
  for (;;) {
    CO_TRY(const Event event, Take(&rows, max_rows));
    switch (event) {
      case Event::kEnd:
        co_return Ok{};
      case Event::kError:
        co_return response_.error();
      case Event::kRow:
        co_return Errorf(Code::kAborted, "row count exceeded {}", max_rows)
            .WithHint("Narrow the query, add a LIMIT, or stream its rows");
      case Event::kFields:
        break;
      case Event::kMore: {
        CO_TRY_OK(co_await Fill(ctx));
        break;
      }
    }
  }
}

Task<Result<>> Connection::Impl::ReceiveStream(const Context& ctx, RowSink& sink,
                                               size_t batch_bytes) {
  RowBatch rows;
  for (;;) {
    CO_TRY(const Event event, Take(&rows, 0));
    if (rows.rows() != 0 && (rows.bytes() >= batch_bytes || event == Event::kEnd)) {
      CO_TRY_OK(co_await sink.OnRows(ctx, rows.view(), rows.rows()));
      rows.Clear();
    }
    switch (event) {
      case Event::kEnd:
        co_return Ok{};
      case Event::kError:
        co_return response_.error();
      case Event::kFields: {
        CO_TRY_OK(co_await sink.OnFields(ctx, response_.fields()));
        break;
      }
      case Event::kRow:
      case Event::kMore: {
        CO_TRY_OK(co_await Fill(ctx));
        break;
      }
    }
  }
}

// Reads the rest of everything the command answers, and forgets it.
Task<Result<>> Connection::Impl::Skip(const Context& ctx) {
  while (response_.active()) {
    CO_TRY(const Event event, Take(nullptr, 0));
    if (event == Event::kMore) {
      CO_TRY_OK(co_await Fill(ctx));
    }
  }
  co_return Ok{};
}

Task<Result<>> Connection::Impl::DiscardResults(const Context& ctx) {
  const Result<> skipped = co_await Skip(ctx);
  if (!skipped.ok()) Close();
  co_return skipped;
}

Task<> Connection::Impl::GiveUp() {
  if (!usable() || !response_.active()) co_return;
  const Context grace = Context::Background().WithTimeout(options_.kill_grace);
  // A kill that reaches the server before the statement has begun there is lost: so it is repeated.
  while (grace.Check().ok()) {
    const Result<> killed = co_await KillQuery(grace, options_, thread_id_);
    if (!killed.ok()) break;
    const Context soon = grace.WithTimeout(kKillAgain);
    const Result<> skipped = co_await Skip(soon);
    if (skipped.ok()) co_return;
    if (soon.Check().ok()) break;
  }
  Close();
}

Task<Result<sqltypes::ResultSet>> Connection::Impl::NextResult(const Context& ctx,
                                                               const QueryOptions& options) {
  if (!response_.active()) co_return Error(Code::kFailedPrecondition, "there is no further result");
  RowBatch rows;
  const Result<> received = co_await ReceiveResult(ctx, rows, options.max_rows);
  if (!received.ok()) {
    if (interrupted_ || too_many_rows_) co_await GiveUp();
    co_return received.error();
  }
  sqltypes::ResultSet result;
  result.fields = std::move(response_.fields());
  mysqlwire::ResultEnd& end = response_.end();
  result.affected_rows = end.affected_rows;
  result.insert_id = end.insert_id;
  result.insert_id_changed = end.insert_id != 0;
  result.info = std::move(end.info);
  result.session_state_changes = std::move(end.gtids);
  if (rows.rows() != 0) {
    const size_t count = rows.rows();
    const std::shared_ptr<const mysqlwire::ByteBuffer> memory = rows.Take();
    result.SetEncodedRows(memory->view(), count, memory);
  }
  co_return result;
}

Task<Result<sqltypes::ResultSet>> Connection::Impl::Query(const Context& ctx, std::string_view sql,
                                                          const QueryOptions& options) {
  CO_TRY_OK(co_await Begin(ctx, mysqlwire::Command::kQuery, sql, options.want_fields));
  co_return co_await NextResult(ctx, options);
}

Task<Result<>> Connection::Impl::StreamQuery(const Context& ctx, std::string_view sql,
                                             RowSink& sink, size_t batch_bytes) {
  CO_TRY_OK(co_await Begin(ctx, mysqlwire::Command::kQuery, sql, true));
  const Result<> streamed = co_await ReceiveStream(ctx, sink, batch_bytes);
  // Also when the sink wants no more.
  if (!streamed.ok()) co_await GiveUp();
  co_return streamed;
}

Task<Result<>> Connection::Impl::SendPacket(const Context& ctx, std::string_view packet) {
  if (!usable()) co_return GoneAway();
  CO_TRY_OK(ctx.Check());
  if (answer_.file_wanted()) {
    out_.SetSequence(in_.sequence());
    if (packet.empty()) answer_.FileSent();
  } else {
    if (packet.empty()) co_return Error(Code::kInvalidArgument, "a command without a byte");
    if (!answer_.done())
      co_return Error(Code::kFailedPrecondition, "the last command's answer has not ended");
    if (response_.active()) {
      CO_TRY_OK(co_await DiscardResults(ctx));
    }
    answer_.Begin(static_cast<uint8_t>(packet.front()), capabilities_);
    out_.SetSequence(0);
    in_.Shrink(kKeptBuffer);
  }
  out_.Begin();
  out_.buffer().Append(packet);
  out_.End();
  co_return co_await Send(ctx);
}

Result<> Connection::Impl::TakeIntoRun(std::string& run) {
  while (!answer_.done() && !answer_.file_wanted() && run.size() < kRelayedAtOnce) {
    Result<std::optional<std::string_view>> packet = in_.Next();
    if (!packet.ok()) return Break(ClientError(2027, packet.error().message()));
    if (!*packet) return Ok{};
    const Result<mysqlwire::AnswerPacket> kind = answer_.OnPacket(**packet);
    if (!kind.ok()) return Break(kind.error());
    if (*kind == mysqlwire::AnswerPacket::kOk || *kind == mysqlwire::AnswerPacket::kRowsEnd) {
      status_.flags = answer_.end().status_flags;
      status_.warnings = answer_.end().warnings;
    }
    if (*kind == mysqlwire::AnswerPacket::kError &&
        EndsConnection(mysqlwire::ParseErr(**packet).mysql_errno()))
      Close();
    mysqlwire::AppendToRun(**packet, run);
  }
  return Ok{};
}

Task<Result<>> Connection::Impl::ReceivePackets(const Context& ctx, std::string& run) {
  const size_t before = run.size();
  for (;;) {
    CO_TRY_OK(TakeIntoRun(run));
    if (run.size() != before || answer_.done() || answer_.file_wanted()) co_return Ok{};
    CO_TRY_OK(co_await Fill(ctx));
  }
}

Task<Result<>> Connection::Impl::Simple(const Context& ctx, mysqlwire::Command command,
                                        std::string_view payload) {
  CO_TRY_OK(co_await Begin(ctx, command, payload, false));
  RowBatch rows;
  const Result<> received = co_await ReceiveResult(ctx, rows, 0);
  // There is no query to kill: a connection that does not answer is of no use.
  if (interrupted_) Close();
  co_return received;
}

}  // namespace tessera::mysqlconn
