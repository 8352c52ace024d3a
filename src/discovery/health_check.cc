// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "discovery/health_check.h"

#include <algorithm>

#include "log/log.h"
#include "queryservice/grpc_client.h"

namespace tessera::discovery {

using keys::TabletType;

namespace {

class GrpcConnection final : public TabletConnection {
 public:
  GrpcConnection(runtime::Address address, rpc::ChannelOptions options)
      : channel_(std::move(address), std::move(options)), client_(channel_) {}
  queryservice::QueryService& service() override { return client_; }
  Task<> Close() override { return channel_.Close(); }

 private:
  rpc::Channel channel_;
  queryservice::GrpcClient client_;
};

constexpr Duration kSilenceCheck = std::chrono::seconds(1);
constexpr Duration kQuickRefresh = std::chrono::seconds(1);

}  // namespace

std::unique_ptr<TabletConnection> DialTablet(const topo::Tablet& tablet) {
  return DialTabletWith({})(tablet);
}

TabletDialer DialTabletWith(rpc::ChannelOptions options) {
  return [options](const topo::Tablet& tablet) {
    const auto port = static_cast<uint16_t>(tablet.port("grpc"));
    return std::make_unique<GrpcConnection>(runtime::Address::Tcp(tablet.hostname, port), options);
  };
}

// Hands a tablet's health messages to the check.
class HealthCheck::Sink final : public queryservice::HealthSink {
 public:
  Sink(HealthCheck& check, std::shared_ptr<TabletHealth> entry)
      : check_(check), entry_(std::move(entry)) {}

  Task<Result<>> OnHealth(const Context&, const queryservice::Health& health) override {
    got_any = true;
    const bool other = !(health.alias == entry_->tablet.alias);
    if (other) {
      entry_->up = false;
      co_return Errorf(Code::kFailedPrecondition,
                       "health stats mismatch: {} answers where {} is recorded",
                       health.alias.ToString(), entry_->tablet.alias.ToString());
    }
    check_.NoteHealth(entry_, health);
    co_return Ok{};
  }

  bool got_any = false;

 private:
  HealthCheck& check_;
  std::shared_ptr<TabletHealth> entry_;
};

HealthCheck::HealthCheck(const Context& ctx, topo::Server& topology, HealthCheckOptions options)
    : topology_(topology), options_(std::move(options)), tasks_(ctx) {}

void HealthCheck::Start() {
  tasks_.Start(PollTopology());
  tasks_.Start(WatchSilence());
}

Task<> HealthCheck::Stop() {
  const auto quiet1 = co_await tasks_.CancelAndJoin();
  static_cast<void>(quiet1.ok());
  tablets_.clear();
}

Task<> HealthCheck::PollTopology() {
  const Context ctx = tasks_.context();
  while (!ctx.cancelled()) {
    Result<> refreshed = co_await Refresh();
    if (!refreshed.ok() && !ctx.cancelled())
      LOG(kWarn, "tablet records cannot be read, serving goes on: {}", refreshed.error().message());
    bool complete = !tablets_.empty();
    for (const auto& [alias, entry] : tablets_) {
      const bool is_primary = entry->tablet.type == TabletType::kPrimary;
      if (is_primary && !entry->usable()) complete = false;
    }
    const Duration pause = complete ? options_.refresh_interval : kQuickRefresh;
    const Context until = ctx.WithTimeout(pause);
    const auto quiet2 = co_await kick_.Wait(until);
    static_cast<void>(quiet2.ok());
    // However often we are asked to look again, the topology is spared.
    const auto quiet3 = co_await Sleep(ctx, std::chrono::milliseconds(50));
    static_cast<void>(quiet3.ok());
  }
}

Task<Result<>> HealthCheck::Refresh() {
  const Context ctx = tasks_.context();
  std::optional<Error> failed;
  std::vector<keys::TabletAlias> seen;
  bool all_cells = true;
  for (const std::string& cell : options_.cells) {
    Result<std::vector<topo::Tablet>> tablets = co_await topology_.GetTablets(ctx, cell);
    if (!tablets.ok()) {
      failed = std::move(tablets).error();
      all_cells = false;
      continue;
    }
    for (topo::Tablet& tablet : *tablets) {
      if (tablet.port("grpc") == 0) continue;
      seen.push_back(tablet.alias);
      Follow(std::move(tablet));
    }
  }
  for (auto at = tablets_.begin(); all_cells && at != tablets_.end();) {
    if (std::find(seen.begin(), seen.end(), at->first) != seen.end()) {
      ++at;
      continue;
    }
    at->second->removed = true;
    at->second->stream.Cancel();
    at = tablets_.erase(at);
  }
  if (failed) co_return *std::move(failed);
  co_return Ok{};
}

void HealthCheck::Follow(topo::Tablet tablet) {
  const auto known = tablets_.find(tablet.alias);
  if (known != tablets_.end()) {
    topo::Tablet& old = known->second->tablet;
    if (old.hostname == tablet.hostname && old.port_map == tablet.port_map) {
      old.type = tablet.type;
      return;
    }
    known->second->removed = true;
    known->second->stream.Cancel();
    tablets_.erase(known);
  }
  auto entry = std::make_shared<TabletHealth>();
  entry->connection = options_.dial(tablet);
  entry->tablet = std::move(tablet);
  entry->stream = tasks_.context().WithCancel();
  tablets_[entry->tablet.alias] = entry;
  tasks_.Start(FollowTablet(entry));
}

Task<> HealthCheck::FollowTablet(std::shared_ptr<TabletHealth> entry) {
  const Context ctx = tasks_.context();
  Duration delay = options_.retry_delay;
  while (!entry->removed && !ctx.cancelled()) {
    entry->stream = ctx.WithCancel();
    entry->last_message = Executor::Current().Now();
    const Context stream = entry->stream;
    Sink sink(*this, entry);
    Result<> ended = co_await entry->service().StreamHealth(stream, sink);
    const bool was_up = entry->up;
    entry->up = false;
    entry->last_error = ended.ok() ? "the health stream ended" : ended.error().message();
    if (was_up && !ctx.cancelled())
      LOG(kWarn, "tablet {} is not followed now: {}", entry->tablet.alias.ToString(),
          entry->last_error);
    delay = sink.got_any ? options_.retry_delay : std::min(delay * 2, options_.retry_most);
    if (entry->removed || ctx.cancelled()) break;
    const auto quiet4 = co_await Sleep(ctx, delay);
    static_cast<void>(quiet4.ok());
  }
  co_await entry->connection->Close();
}

Task<> HealthCheck::WatchSilence() {
  const Context ctx = tasks_.context();
  while (!ctx.cancelled()) {
    const auto quiet5 = co_await Sleep(ctx, kSilenceCheck);
    static_cast<void>(quiet5.ok());
    const Instant now = Executor::Current().Now();
    for (const auto& [alias, entry] : tablets_) {
      const bool silent = now - entry->last_message > options_.health_timeout;
      if (entry->up && silent) entry->stream.Cancel();
    }
  }
}

void HealthCheck::NoteHealth(const std::shared_ptr<TabletHealth>& entry,
                             const queryservice::Health& health) {
  entry->up = true;
  entry->health = health;
  if (!health.table_schema_changed.empty()) ++entry->schema_changes;
  entry->last_message = Executor::Current().Now();
  if (health.target.tablet_type == TabletType::kPrimary) {
    Primary& primary = primaries_[{health.target.keyspace, health.target.shard}];
    if (health.primary_term_start >= primary.term) {
      primary.alias = entry->tablet.alias;
      primary.term = health.primary_term_start;
    }
  }
  changed_.WakeAll();
}

std::vector<std::shared_ptr<TabletHealth>> HealthCheck::Find(const keys::Target& target) {
  std::vector<std::shared_ptr<TabletHealth>> out;
  if (target.tablet_type == TabletType::kPrimary) {
    const auto primary = primaries_.find({target.keyspace, target.shard});
    if (primary == primaries_.end()) return out;
    const auto tablet = tablets_.find(primary->second.alias);
    if (tablet == tablets_.end() || !tablet->second->up) return out;
    if (tablet->second->health.target.tablet_type == TabletType::kPrimary)
      out.push_back(tablet->second);
    return out;
  }
  for (const auto& [alias, entry] : tablets_) {
    const bool fits = entry->usable() && entry->health.target == target &&
                      entry->health.replication_lag_seconds <= options_.lag_high_seconds;
    if (fits) out.push_back(entry);
  }
  // By lag; above the low mark only as many as are needed for company.
  std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
    return a->health.replication_lag_seconds < b->health.replication_lag_seconds;
  });
  while (out.size() > options_.min_serving &&
         out.back()->health.replication_lag_seconds > options_.lag_low_seconds)
    out.pop_back();
  for (size_t i = out.size(); i > 1; --i)
    std::swap(out[i - 1], out[Executor::Current().Random() % i]);
  const std::string& home = options_.cells.empty() ? target.shard : options_.cells.front();
  std::stable_partition(out.begin(), out.end(),
                        [&](const auto& entry) { return entry->tablet.alias.cell == home; });
  return out;
}

std::shared_ptr<TabletHealth> HealthCheck::FindByAlias(const keys::TabletAlias& alias) {
  const auto at = tablets_.find(alias);
  return at == tablets_.end() ? nullptr : at->second;
}

std::vector<std::shared_ptr<TabletHealth>> HealthCheck::All() const {
  std::vector<std::shared_ptr<TabletHealth>> out;
  for (const auto& [alias, entry] : tablets_) out.push_back(entry);
  return out;
}

Task<Result<>> HealthCheck::WaitFor(const Context& ctx, std::vector<keys::Target> targets) {
  while (true) {
    const keys::Target* missing = nullptr;
    for (const keys::Target& target : targets) {
      const auto found = Find(target);
      if (found.empty() || !found.front()->usable()) missing = &target;
    }
    if (missing == nullptr) co_return Ok{};
    Result<> waited = co_await changed_.Wait(ctx);
    if (!waited.ok())
      co_return std::move(waited).error().Wrap("waiting for tablets of " + missing->ToString());
  }
}

}  // namespace tessera::discovery
