// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "tabletserver/tablet_server.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "keys/tablet_type.h"
#include "log/log.h"
#include "tabletserver/error_text.h"
#include "tabletserver/replication_status.h"

namespace tessera::tabletserver {

using mysqlconn::Pool;
using mysqlconn::PoolOptions;
using queryservice::Health;

namespace {

PoolOptions PoolFor(const Config& config, std::string name,
                    const mysqlconn::ConnectOptions& connect, size_t size, Duration wait) {
  PoolOptions options;
  options.name = std::move(name);
  options.connect = connect;
  options.size = size;
  options.wait_timeout = wait;
  options.idle_timeout = config.idle_timeout;
  options.max_lifetime = config.connection_lifetime;
  return options;
}

// What health says of a server that was asked in vain; always which server it is.
std::string ProbeText(const Error& error, const Config& config) {
  const std::string server = config.dba.address.ToString();
  const bool lost = error.mysql_errno() >= 2000 && error.mysql_errno() < 3000;
  if (!lost || error.message().find(server) != std::string::npos) return error.message();
  return fmt::format("MySQL server at {}: {}", server, error.message());
}

// Often enough that a connection outlives its time by a tenth.
Duration SweepInterval(const Config& config) {
  const Duration most = std::chrono::seconds(10);
  if (config.idle_timeout == Duration::zero()) return most;
  return std::min<Duration>(most, config.idle_timeout / 10);
}

PoolOptions SettingsPoolFor(const Config& config, std::string name, bool found_rows) {
  PoolOptions options =
      PoolFor(config, std::move(name), config.app, config.oltp_pool_size, config.oltp_pool_timeout);
  options.connect.found_rows = found_rows;
  return options;
}

PoolOptions TransactionPoolFor(const Config& config, std::string name, bool found_rows) {
  PoolOptions options = PoolFor(config, std::move(name), config.app, config.transaction_pool_size,
                                config.transaction_pool_timeout);
  options.connect.found_rows = found_rows;
  return options;
}

}  // namespace

TabletServer::TabletServer(Config config)
    : config_(std::move(config)),
      oltp_(
          PoolFor(config_, "oltp", config_.app, config_.oltp_pool_size, config_.oltp_pool_timeout)),
      olap_(
          PoolFor(config_, "olap", config_.app, config_.olap_pool_size, config_.olap_pool_timeout)),
      transactions_(TransactionPoolFor(config_, "transaction", false)),
      found_rows_(TransactionPoolFor(config_, "found rows", true)),
      settings_(SettingsPoolFor(config_, "settings", false)),
      settings_found_rows_(SettingsPoolFor(config_, "settings, found rows", true)),
      dba_(PoolFor(config_, "dba", config_.dba, 4, std::chrono::seconds(10))),
      stateful_(Executor::Current().WallNanos()),
      own_names_{config_.db_name, config_.keyspace},
      plans_(config_.plan_cache_entries,
             [this](std::string_view sql) {
               return StatementGuard::Make(sql, protection_, config_.acl, own_names_);
             }),
      hot_rows_(config_.hot_rows),
      schema_(dba_, config_.db_name),
      health_(config_.health_buffer) {
  PublishHealth({});
}

TabletServer::~TabletServer() { CHECK(!background_); }

void TabletServer::Start() {
  background_.emplace(Context::Background());
  const Context& ctx = background_->context();
  background_->Start(ProbeMysql(ctx));
  background_->Start(Watch(ctx));
  background_->Start(WatchSchema(ctx));
  background_->Start(SweepConnections(ctx));
}

void TabletServer::SetServing(keys::TabletType type, bool serving, int64_t primary_term_start,
                              std::string reason) {
  // A new primary, or one that comes back, must not give ids it reserved in an earlier life.
  sequences_.Reset();
  // Whoever holds a transaction holds it on a tablet of another type.
  if (type != type_) stateful_.EndAll("tablet type changed");
  type_ = type;
  wanted_serving_ = serving && keys::RunsQueryService(type);
  primary_term_start_ = type == keys::TabletType::kPrimary ? primary_term_start : 0;
  not_serving_reason_ = std::move(reason);
  if (serving && !wanted_serving_)
    not_serving_reason_ =
        fmt::format("not a serving tablet type({})", keys::TabletTypeUpperName(type));
  UpdateServing();
  PublishHealth({});
}

void TabletServer::TakeSettings(const Config& now) {
  config_.query_timeout = now.query_timeout;
  config_.transaction_timeout = now.transaction_timeout;
  config_.olap_transaction_timeout = now.olap_transaction_timeout;
  config_.max_result_rows = now.max_result_rows;
  config_.row_limit_is_rule = now.row_limit_is_rule;
  config_.stream_buffer_bytes = now.stream_buffer_bytes;
  config_.terse_errors = now.terse_errors;
  config_.truncate_error_len = now.truncate_error_len;
  config_.consolidate = now.consolidate;
  config_.consolidator_waiters = now.consolidator_waiters;
  config_.unhealthy_lag = now.unhealthy_lag;
}

void TabletServer::SetProtection(Protection protection) {
  protection.denied = protection_.denied;
  protection_ = std::move(protection);
  plans_.Clear();
  protection_changed_.WakeAll();
}

void TabletServer::SetDenied(std::shared_ptr<const QueryRules> denied) {
  if (denied == nullptr && protection_.denied == nullptr) return;
  protection_.denied = std::move(denied);
  plans_.Clear();
  protection_changed_.WakeAll();
}

Task<> TabletServer::EndWork() {
  const Context grace = Context::Background().WithTimeout(config_.shutdown_grace);
  // Statements outside of transactions finish; an open transaction can do no more.
  stateful_.EndAll("tablet does not serve any more");
  if (running_ > 0) {
    const Result<> drained = co_await drained_.Wait(grace);
    if (!drained.ok()) LOG(kWarn, "{} requests still run after the grace period", running_);
  }
  stateful_.EndAll("tablet does not serve any more");
}

void TabletServer::ResetSequences(std::span<const std::string> tables) {
  for (const std::string& table : tables) sequences_.Forget(table);
}

void TabletServer::StartShutdown() {
  stopping_ = true;
  wanted_serving_ = false;
  not_serving_reason_ = "tabletserver is shutting down";
  PublishHealth({});
  protection_changed_.WakeAll();
}

Task<> TabletServer::Stop() {
  if (!stopping_) StartShutdown();
  const Context grace = Context::Background().WithTimeout(config_.shutdown_grace);
  if (running_ > 0) {
    const Result<> drained = co_await drained_.Wait(grace);
    if (!drained.ok())
      LOG(kWarn, "{} requests still run after the shutdown grace period", running_);
  }
  // Those who hold a transaction get the grace period to end it.
  while (stateful_.transactions() > 0 && !grace.cancelled()) {
    const Result<> slept = co_await Sleep(grace, std::chrono::milliseconds(20));
    if (!slept.ok()) break;
  }
  health_.Close();
  if (background_) {
    const Result<> ended = co_await background_->CancelAndJoin();
    if (!ended.ok() && ended.error().code() != Code::kCancelled)
      LOG(kWarn, "background work of the tablet server ended with: {}", ended.error().ToString());
    background_.reset();
  }
  stateful_.EndAll("tabletserver is shut down");
  // Callers cancel what they still wait for; a killed query comes back within the kill grace.
  if (running_ > 0) {
    const Result<> waited = co_await drained_.Wait(Context::Background());
    static_cast<void>(waited.ok());
  }
  stateful_.EndAll("tabletserver is shut down");
  for (Pool* const pool : AllPools()) {
    const Result<> closed = co_await pool->Drain(Context::Background());
    if (!closed.ok()) LOG(kWarn, "closing a pool: {}", closed.error().ToString());
  }
  serving_ = false;
}

Result<> TabletServer::Admit(const keys::Target* target, OnShutdown on_shutdown) const {
  const bool leaving = stopping_ || !wanted_serving_;
  if (!serving_ || (leaving && !stopping_))
    return Error(Code::kClusterEvent, "operation not allowed in state NOT_SERVING");
  if (leaving && on_shutdown == OnShutdown::kRefuse)
    return Error(Code::kClusterEvent, "operation not allowed in state SHUTTING_DOWN");
  if (target == nullptr) return Error(Code::kInvalidArgument, "No target");
  if (target->keyspace != config_.keyspace) {
    return Errorf(Code::kInvalidArgument, "invalid keyspace {} does not match expected {}",
                  target->keyspace, config_.keyspace);
  }
  if (target->shard != config_.shard) {
    return Errorf(Code::kInvalidArgument, "invalid shard {} does not match expected {}",
                  target->shard, config_.shard);
  }
  if (target->tablet_type != type_) {
    return Errorf(Code::kFailedPrecondition, "wrong tablet type: {}, want: {} or []",
                  keys::TabletTypeUpperName(target->tablet_type), keys::TabletTypeUpperName(type_));
  }
  return Ok{};
}

Error TabletServer::Describe(const Error& error, const Request& request) const {
  ErrorTextOptions options;
  options.terse = config_.terse_errors;
  options.truncate_len = config_.truncate_error_len;
  options.database = config_.db_name;
  options.keyspace = config_.keyspace;
  return DescribeError(error, request, options);
}

void TabletServer::UpdateServing() {
  const bool now = wanted_serving_ && probe_error_.empty();
  if (now == serving_) return;
  serving_ = now;
  LOG(kInfo, "tablet {} ({}/{} {}): {}", config_.alias.ToString(), config_.keyspace, config_.shard,
      keys::TabletTypeName(type_), now ? "serving" : "not serving");
}

void TabletServer::PublishHealth(SchemaChanges changes) {
  Health health;
  health.target.keyspace = config_.keyspace;
  health.target.shard = config_.shard;
  health.target.tablet_type = type_;
  health.alias = config_.alias;
  health.serving = serving_ && !stopping_;
  health.primary_term_start = primary_term_start_;
  if (!probe_error_.empty()) health.health_error = probe_error_;
  if (!wanted_serving_ && !not_serving_reason_.empty()) health.health_error = not_serving_reason_;
  health.replication_lag_seconds = lag_seconds_;
  health.qps = qps_;
  health.table_schema_changed = std::move(changes.tables);
  health.view_schema_changed = std::move(changes.views);
  query_stats_.NoteState(type_, health.serving, health.health_error);
  health_.Publish(health);
}

// One question to MySQL: is it there, and, on a replica, does it keep up.
Task<Result<>> TabletServer::Probe(const Context& ctx) {
  const Context bounded = ctx.WithTimeout(std::chrono::seconds(5));
  CO_TRY(Lease lease, co_await dba_.Get(bounded));
  if (!config_.track_lag || !keys::IsReplicaType(type_)) {
    lag_seconds_ = 0;
    Result<> pinged = co_await lease->Ping(bounded);
    if (!pinged.ok()) lease.Discard();
    co_return pinged;
  }
  Result<ReplicationStatus> status = co_await ReadReplicationStatus(bounded, *lease);
  if (!status.ok()) co_return std::move(status).error();
  if (const std::string problem = status->Problem(); !problem.empty())
    co_return Error(Code::kUnavailable, problem);
  lag_seconds_ = status->lag_seconds.value_or(0);
  const auto limit = std::chrono::duration_cast<std::chrono::seconds>(config_.unhealthy_lag);
  if (limit.count() != 0 && lag_seconds_ > limit.count())
    co_return Errorf(Code::kUnavailable, "replication lag of {} s is over the limit of {} s",
                     lag_seconds_, limit.count());
  co_return Ok{};
}

// Every pooled connection may have died with an earlier server: what says that MySQL is gone is one
// that was made now.
Task<Result<>> TabletServer::ProbeAgain(const Context& ctx) {
  Result<> answer = co_await Probe(ctx);
  for (size_t stale = 0; stale < dba_.size() && !answer.ok() && probe_error_.empty(); ++stale) {
    answer = co_await Probe(ctx);
  }
  co_return answer;
}

void TabletServer::NoteProbe(const Result<>& answer) {
  std::string error = answer.ok() ? std::string() : ProbeText(answer.error(), config_);
  if (error == probe_error_) return;
  if (!error.empty()) LOG(kWarn, "tablet {}: {}", config_.alias.ToString(), error);
  probe_error_ = std::move(error);
  UpdateServing();
  PublishHealth({});
}

Task<Result<>> TabletServer::CheckHealth(const Context& ctx) {
  const Result<> answer = co_await ProbeAgain(ctx);
  CO_TRY_OK(ctx.Check());
  NoteProbe(answer);
  PublishHealth({});
  co_return Ok{};
}

Task<> TabletServer::ProbeMysql(const Context& ctx) {
  while (!ctx.cancelled()) {
    const Result<> answer = co_await ProbeAgain(ctx);
    if (ctx.cancelled()) co_return;
    NoteProbe(answer);
    const Result<> slept = co_await Sleep(ctx, config_.probe_interval);
    if (!slept.ok()) co_return;
  }
}

Task<> TabletServer::Watch(const Context& ctx) {
  while (true) {
    const Result<> slept = co_await Sleep(ctx, config_.health_interval);
    if (!slept.ok()) co_return;
    const double seconds = std::chrono::duration<double>(config_.health_interval).count();
    qps_ = static_cast<double>(stats_.queries - counted_queries_) / seconds;
    counted_queries_ = stats_.queries;
    PublishHealth({});
  }
}

Task<Result<>> TabletServer::ReloadSchema(const Context& ctx) {
  CO_TRY(SchemaChanges changes, co_await schema_.Reload(ctx));
  // Only a primary tells: its replicas will have the same.
  if (!changes.empty() && serving_ && type_ == keys::TabletType::kPrimary)
    PublishHealth(std::move(changes));
  co_return Ok{};
}

Task<> TabletServer::WatchSchema(const Context& ctx) {
  while (true) {
    Duration pause = config_.schema_interval;
    const Result<> read = co_await ReloadSchema(ctx);
    if (ctx.cancelled()) co_return;
    if (!read.ok() && !schema_.loaded()) pause = std::min<Duration>(pause, config_.probe_interval);
    if (!read.ok() && probe_error_.empty())
      LOG(kWarn, "tablet {}: reading the schema: {}", config_.alias.ToString(),
          read.error().ToString());
    const Result<> slept = co_await Sleep(ctx, pause);
    if (!slept.ok()) co_return;
  }
}

Task<> TabletServer::SweepConnections(const Context& ctx) {
  Instant next_idle_sweep = Executor::Current().Now();
  while (true) {
    const Result<> slept = co_await Sleep(ctx, std::chrono::milliseconds(100));
    if (!slept.ok()) co_return;
    const Instant now = Executor::Current().Now();
    const size_t killed = stateful_.KillExpired(now);
    stats_.killed_transactions += killed;
    if (killed > 0) LOG(kWarn, "{} transactions killed: over their time", killed);
    if (now < next_idle_sweep) continue;
    next_idle_sweep = now + SweepInterval(config_);
    for (Pool* const pool : AllPools()) pool->CloseExpired();
  }
}

Task<Result<>> TabletServer::StreamHealth(const Context& ctx, queryservice::HealthSink& sink) {
  return health_.Stream(ctx, sink);
}

Task<Result<>> TabletServer::GetSchema(const Context& ctx, const keys::Target& target,
                                       queryservice::SchemaTables kind,
                                       std::span<const std::string> tables,
                                       queryservice::SchemaSink& sink) {
  CO_TRY_OK(Admit(&target, OnShutdown::kRefuse));
  const Running running(*this);
  if (!schema_.loaded()) {
    CO_TRY_OK(co_await ReloadSchema(ctx));
  }
  co_return co_await schema_.GetSchema(ctx, kind, tables, sink);
}

}  // namespace tessera::tabletserver
