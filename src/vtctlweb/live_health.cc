// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtctlweb/live_health.h"

#include <chrono>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/waiter.h"
#include "keys/tablet_type.h"
#include "log/log.h"
#include "vtctlweb/event_stream.h"
#include "vtctlweb/json_answer.h"

namespace tessera::vtctlweb {

using discovery::TabletHealth;

namespace {

constexpr Duration kRetry = std::chrono::seconds(2);

int64_t UnixSeconds() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(now).count();
}

std::string ToJson(const TabletHealth& entry) {
  const queryservice::Health& health = entry.health;
  const topo::Tablet& tablet = entry.tablet;
  const bool heard = !health.alias.empty();
  const keys::TabletType type = heard ? health.target.tablet_type : tablet.type;
  return fmt::format(
      R"("alias":{},"keyspace":{},"shard":{},"type":"{}","hostname":{},"up":{},"serving":{},)"
      R"("error":{},"lag":{},"qps":{:.1f},"term":{})",
      JsonString(tablet.alias.ToString()), JsonString(tablet.keyspace), JsonString(tablet.shard),
      keys::TabletTypeUpperName(type), JsonString(tablet.hostname), entry.up,
      entry.up && health.serving, JsonString(entry.up ? health.health_error : entry.last_error),
      health.replication_lag_seconds, health.qps, health.primary_term_start);
}

}  // namespace

// Counts a listener for as long as it listens.
class LiveHealth::Listener {
 public:
  explicit Listener(LiveHealth& live) : live_(live) {
    ++live_.listeners_;
    live_.wanted_.WakeAll();
  }
  ~Listener() { --live_.listeners_; }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

 private:
  LiveHealth& live_;
};

LiveHealth::LiveHealth(const Context& ctx, topo::Server& topology, LiveHealthOptions options)
    : topology_(topology), options_(std::move(options)), tasks_(ctx) {}

void LiveHealth::Start() { tasks_.Start(Run()); }

Task<> LiveHealth::Stop() {
  [[maybe_unused]] const Result<> ended = co_await tasks_.CancelAndJoin();
}

Task<> LiveHealth::Run() {
  const Context ctx = tasks_.context();
  while (!ctx.cancelled()) {
    if (listeners_ == 0) {
      [[maybe_unused]] const Result<> came = co_await wanted_.Wait(ctx);
      continue;
    }
    Result<std::vector<std::string>> cells = co_await topology_.GetCells(ctx);
    if (cells.ok()) {
      [[maybe_unused]] const Result<> followed = co_await FollowCells(ctx, *std::move(cells));
      continue;
    }
    if (ctx.cancelled()) break;
    LOG(kWarn, "health for the web pages waits for the topology: {}", cells.error().message());
    [[maybe_unused]] const Result<> slept = co_await Sleep(ctx, kRetry);
  }
}

Task<Result<>> LiveHealth::FollowCells(const Context& ctx, std::vector<std::string> cells) {
  discovery::HealthCheckOptions options;
  options.cells = cells;
  options.refresh_interval = std::chrono::seconds(5);
  options.dial = options_.dial;
  discovery::HealthCheck check(ctx, topology_, std::move(options));
  check.Start();
  co_await LookUntilDone(ctx, check, cells);
  co_await check.Stop();
  known_ = false;
  co_return Ok{};
}

Task<> LiveHealth::LookUntilDone(const Context& ctx, discovery::HealthCheck& check,
                                 const std::vector<std::string>& cells) {
  Instant cells_read = Executor::Current().Now();
  Instant listened = cells_read;
  while (!ctx.cancelled()) {
    [[maybe_unused]] const Result<> slept = co_await Sleep(ctx, options_.look_interval);
    const Instant now = Executor::Current().Now();
    Look(check);
    if (listeners_ > 0) listened = now;
    if (now - listened > options_.linger) break;
    if (now - cells_read < options_.cells_interval) continue;
    cells_read = now;
    const bool other = co_await CellsChanged(ctx, cells);
    if (other) break;
  }
}

Task<bool> LiveHealth::CellsChanged(const Context& ctx, const std::vector<std::string>& cells) {
  const Result<std::vector<std::string>> now = co_await topology_.GetCells(ctx);
  co_return now.ok() && *now != cells;
}

// Takes note of one tablet; true when there is something to tell of it.
bool LiveHealth::Note(const TabletHealth& health) {
  std::string json = ToJson(health);
  Told& told = tablets_[health.tablet.alias];
  if (told.json == json) return false;
  if (told.json.empty() || told.usable != health.usable()) told.since = UnixSeconds();
  told.json = std::move(json);
  told.usable = health.usable();
  told.revision = revision_ + 1;
  return true;
}

void LiveHealth::Look(const discovery::HealthCheck& check) {
  bool changed = !std::exchange(known_, true);
  std::set<keys::TabletAlias> seen;
  for (const std::shared_ptr<TabletHealth>& entry : check.All()) {
    seen.insert(entry->tablet.alias);
    if (Note(*entry)) changed = true;
  }
  const size_t gone =
      std::erase_if(tablets_, [&seen](const auto& tablet) { return !seen.contains(tablet.first); });
  if (gone > 0) ++epoch_;
  if (!changed && gone == 0) return;
  ++revision_;
  changed_.WakeAll();
}

// Empty when there is nothing new to tell.
std::string LiveHealth::EventSince(uint64_t epoch, uint64_t revision) const {
  if (!known_ || (epoch == epoch_ && revision == revision_)) return "";
  const bool all = epoch != epoch_;
  std::string event = all ? R"({"all":true,"tablets":[)" : R"({"all":false,"tablets":[)";
  const char* comma = "";
  for (const auto& [alias, told] : tablets_) {
    if (!all && told.revision <= revision) continue;
    event += fmt::format("{}{{{},\"since\":{}}}", comma, told.json, told.since);
    comma = ",";
  }
  return event + "]}";
}

Task<Result<>> LiveHealth::Tell(const Context& ctx, http::BodyWriter& out) {
  const Listener counted(*this);
  EventStream events(out);
  uint64_t epoch = 0;
  uint64_t revision = 0;
  while (true) {
    const std::string event = EventSince(epoch, revision);
    if (!event.empty()) {
      epoch = epoch_;
      revision = revision_;
      CO_TRY_OK(co_await events.Send(ctx, event));
      continue;
    }
    const Context until = ctx.WithTimeout(options_.heartbeat);
    const Result<> woken = co_await changed_.Wait(until);
    CO_TRY_OK(ctx.Check());
    if (!woken.ok()) {
      CO_TRY_OK(co_await events.SendNothing(ctx));
    }
  }
}

http::Response LiveHealth::Listen() {
  return Events([this](const Context& ctx, http::BodyWriter& out) { return Tell(ctx, out); });
}

}  // namespace tessera::vtctlweb
