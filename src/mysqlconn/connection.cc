// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "mysqlconn/connection.h"

#include <charconv>
#include <utility>

#include "mysqlconn/connection_impl.h"
#include "runtime/loop.h"

namespace tessera::mysqlconn {

Connection::Connection(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Connection::~Connection() = default;

Task<Result<std::unique_ptr<Connection>>> Connection::Connect(const Context& ctx,
                                                              const ConnectOptions& options) {
  const Context bounded = ctx.WithTimeout(options.connect_timeout);
  Result<std::unique_ptr<runtime::Stream>> stream =
      co_await runtime::Loop::Current().Connect(bounded, options.address);
  if (!stream.ok()) {
    CO_TRY_OK(ctx.Check());
    Error error = std::move(stream).error();
    // 2003 and 2002 are how MySQL's own client says that nobody listens.
    if (error.code() == Code::kUnavailable || error.code() == Code::kDeadlineExceeded)
      error = std::move(error)
                  .WithCode(Code::kUnavailable)
                  .WithMysql(options.address.is_unix() ? 2002 : 2003, "HY000");
    co_return std::move(error).Wrap("connect to MySQL server");
  }
  auto impl = std::make_unique<Impl>(options, std::move(stream).value());
  const Result<> logged_in = co_await impl->Login(bounded);
  if (!logged_in.ok()) {
    CO_TRY_OK(ctx.Check());
    co_return logged_in.error();
  }
  co_return std::unique_ptr<Connection>(new Connection(std::move(impl)));
}

Task<Result<sqltypes::ResultSet>> Connection::Query(const Context& ctx, std::string_view sql) {
  co_return co_await impl_->Query(ctx, sql, QueryOptions());
}

Task<Result<sqltypes::ResultSet>> Connection::Query(const Context& ctx, std::string_view sql,
                                                    const QueryOptions& options) {
  co_return co_await impl_->Query(ctx, sql, options);
}

bool Connection::more_results() const { return impl_->more_results(); }

Task<Result<sqltypes::ResultSet>> Connection::NextResult(const Context& ctx) {
  co_return co_await impl_->NextResult(ctx, QueryOptions());
}

Task<Result<>> Connection::StreamQuery(const Context& ctx, std::string_view sql, RowSink& sink,
                                       size_t batch_bytes) {
  co_return co_await impl_->StreamQuery(ctx, sql, sink, batch_bytes);
}

Task<Result<>> Connection::SendPacket(const Context& ctx, std::string_view packet) {
  co_return co_await impl_->SendPacket(ctx, packet);
}

Task<Result<>> Connection::ReceivePackets(const Context& ctx, std::string& run) {
  co_return co_await impl_->ReceivePackets(ctx, run);
}

bool Connection::relaying() const { return !impl_->answer().done(); }
bool Connection::file_wanted() const { return impl_->answer().file_wanted(); }

Task<Result<>> Connection::Ping(const Context& ctx) {
  co_return co_await impl_->Simple(ctx, mysqlwire::Command::kPing, "");
}

Task<Result<>> Connection::Reset(const Context& ctx) {
  co_return co_await impl_->Simple(ctx, mysqlwire::Command::kResetConnection, "");
}

Task<Result<>> Connection::ChangeDatabase(const Context& ctx, std::string_view database) {
  co_return co_await impl_->Simple(ctx, mysqlwire::Command::kInitDb, database);
}

bool Connection::usable() const { return impl_->usable(); }
void Connection::Close() { impl_->Close(); }
uint32_t Connection::thread_id() const { return impl_->thread_id(); }
uint64_t Connection::capabilities() const { return impl_->capabilities(); }
const std::string& Connection::server_version() const { return impl_->version(); }
bool Connection::is_mariadb() const {
  return impl_->version().find("MariaDB") != std::string::npos;
}
const ServerStatus& Connection::status() const { return impl_->status(); }
const ConnectOptions& Connection::options() const { return impl_->options(); }

namespace {

Task<Result<>> Kill(const Context& ctx, const ConnectOptions& options, std::string sql) {
  ConnectOptions plain = options;
  plain.database.clear();
  CO_TRY(const std::unique_ptr<Connection> connection, co_await Connection::Connect(ctx, plain));
  CO_TRY_OK(co_await connection->Query(ctx, sql));
  co_return Ok{};
}

}  // namespace

Task<Result<>> KillQuery(const Context& ctx, const ConnectOptions& options, uint32_t thread_id) {
  co_return co_await Kill(ctx, options, fmt::format("KILL QUERY {}", thread_id));
}

Task<Result<>> KillConnection(const Context& ctx, const ConnectOptions& options,
                              uint32_t thread_id) {
  co_return co_await Kill(ctx, options, fmt::format("KILL {}", thread_id));
}

}  // namespace tessera::mysqlconn
