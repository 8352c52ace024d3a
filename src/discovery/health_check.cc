// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "discovery/health_check.h"

#include <algorithm>
#include <utility>

#include "base/waiter.h"
#include "log/log.h"
#include "queryservice/grpc_client.h"
#include "runtime/loop_pool.h"
#include "topo/paths.h"

namespace tessera::discovery {

using keys::TabletType;

namespace {

class GrpcConnection final : public TabletConnection {
 public:
  GrpcConnection(runtime::Address address, rpc::ChannelOptions options)
      : channel_(std::move(address), std::move(options)), client_(channel_) {}
  queryservice::QueryService& service() override { return client_; }
  Task<> Connect(const Context& ctx) override {
    const Result<> connected = co_await channel_.Connect(ctx);
    static_cast<void>(connected.ok());
  }
  Task<> Close() override { return channel_.Close(); }

 private:
  rpc::Channel channel_;
  queryservice::GrpcClient client_;
};

constexpr Duration kSilenceCheck = std::chrono::seconds(1);
constexpr Duration kQuickRefresh = std::chrono::seconds(1);
// Between two dials of tablets that were dialed before: when a network comes back and with it ten
// thousand tablets, queries of this loop go on between them. All have been dialed in 2.5 s then.
constexpr Duration kBetweenDials = std::chrono::microseconds(250);
// How long a tablet without a record may be away before it is given up.
constexpr Duration kUnrecordedPatience = std::chrono::seconds(10);

constexpr std::string_view kTabletSuffix = "/Tablet";

// Of "tablets/zone1-0000000100/Tablet".
Result<keys::TabletAlias> AliasOf(std::string_view path) {
  path.remove_suffix(std::min(path.size(), kTabletSuffix.size()));
  path.remove_prefix(std::min(path.size(), topo::kTabletsDir.size() + 1));
  return keys::ParseTabletAlias(path);
}

ReplicaChoice ChoiceOf(const HealthCheckOptions& options) {
  ReplicaChoice choice;
  if (!options.cells.empty()) choice.home_cell = options.cells.front();
  choice.lag_low_seconds = options.lag_low_seconds;
  choice.lag_high_seconds = options.lag_high_seconds;
  choice.min_serving = options.min_serving;
  return choice;
}

bool SameAddress(const topo::Tablet& a, const topo::Tablet& b) {
  return a.hostname == b.hostname && a.port_map == b.port_map;
}

bool SameShard(const topo::Tablet& a, const topo::Tablet& b) {
  return a.keyspace == b.keyspace && a.shard == b.shard;
}

// Whether another loop would choose otherwise for it. Queries a second are only shown.
bool SameForChoice(const queryservice::Health& a, const queryservice::Health& b) {
  return a.target == b.target && a.serving == b.serving &&
         a.primary_term_start == b.primary_term_start && a.health_error == b.health_error &&
         a.replication_lag_seconds == b.replication_lag_seconds;
}

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
  Sink(HealthCheck& check, const Entry& entry) : check_(check), entry_(entry) {}

  Task<Result<>> OnHealth(const Context&, const queryservice::Health& health) override {
    if (!(health.alias == entry_->tablet.alias)) {
      co_return Errorf(Code::kFailedPrecondition,
                       "health stats mismatch: {} answers where {} is recorded",
                       health.alias.ToString(), entry_->tablet.alias.ToString());
    }
    got_any = true;
    check_.NoteHealth(entry_, health);
    co_return Ok{};
  }

  bool got_any = false;

 private:
  HealthCheck& check_;
  const Entry& entry_;
};

HealthCheck::HealthCheck(const Context& ctx, HealthCheckOptions options)
    : options_(std::move(options)),
      dialer_(std::make_shared<const TabletDialer>(options_.dial)),
      tasks_(ctx),
      table_(ChoiceOf(options_)),
      self_(std::make_shared<HealthCheck*>(this)) {}

HealthCheck::HealthCheck(const Context& ctx, topo::Server& topology, HealthCheckOptions options)
    : HealthCheck(ctx, std::move(options)) {
  is_mirror_ = false;
  for (const std::string& cell : options_.cells) {
    srvtopo::TreePlace place;
    place.cell = cell;
    place.dir = topo::kTabletsDir;
    place.suffix = kTabletSuffix;
    place.what = "tablet records";
    records_.push_back(std::make_unique<srvtopo::TreeFollow>(tasks_.context(), topology,
                                                             std::move(place), Listener()));
  }
}

void HealthCheck::Start() {
  if (is_mirror_) return;
  for (const auto& records : records_) records->Start();
  tasks_.Start(WatchSilence());
  tasks_.Start(TellMirrors());
}

Task<> HealthCheck::Stop() {
  self_.reset();
  mirrors_.clear();  // they keep what they know
  for (const auto& records : records_) {
    co_await records->Stop();
  }
  const std::vector<Entry> left = All();
  for (const Entry& entry : left) Remove(entry->tablet.alias);
  const auto ended = co_await tasks_.CancelAndJoin();
  static_cast<void>(ended.ok());
}

std::vector<std::shared_ptr<TabletHealth>> HealthCheck::All() const {
  std::vector<Entry> out;
  out.reserve(table_.tablets().size());
  for (const auto& [alias, entry] : table_.tablets()) out.push_back(entry);
  return out;
}

void HealthCheck::Kick() {
  for (const auto& records : records_) records->Kick();
  if (source_loop_ == nullptr) return;
  source_loop_->Post([source = source_] {
    const std::shared_ptr<HealthCheck*> check = source.lock();
    if (check != nullptr) (*check)->Kick();
  });
}

srvtopo::TreeListener HealthCheck::Listener() {
  srvtopo::TreeListener listener;
  listener.on_record = [this](const std::string& path, const std::string& contents) {
    OnRecord(path, contents);
  };
  listener.on_gone = [this](const std::string& path, bool lost) {
    const Result<keys::TabletAlias> alias = AliasOf(path);
    if (alias.ok()) OnGone(*alias, lost);
  };
  listener.pause = [this] { return RefreshPause(); };
  return listener;
}

void HealthCheck::OnRecord(const std::string& path, const std::string& contents) {
  Result<topo::Tablet> tablet = topo::DecodeTablet(contents);
  if (tablet.ok()) return OnTablet(*std::move(tablet));
  LOG(kWarn, "{} cannot be read, the record of before holds on: {}", path,
      tablet.error().message());
}

void HealthCheck::OnTablet(topo::Tablet tablet) {
  const Entry known = table_.FindByAlias(tablet.alias);
  // One that has stopped, or that we are not to see, is as good as none.
  if (tablet.port("grpc") == 0 || !options_.filter.Wants(tablet)) {
    if (known != nullptr) Remove(tablet.alias);
    return;
  }
  if (known != nullptr) {
    known->unrecorded = false;
    const bool moved = options_.refresh_known && !SameAddress(known->tablet, tablet);
    if (!moved && SameShard(known->tablet, tablet)) {
      known->tablet.type = tablet.type;
      // A tablet writes its record when it starts.
      if (!known->up) Hurry(*known);
      return Changed(tablet.alias, true);
    }
    Remove(tablet.alias);
  }
  const Entry entry = Add(std::move(tablet));
  Changed(entry->tablet.alias, true);
  tasks_.Start(FollowTablet(entry));
}

void HealthCheck::OnGone(const keys::TabletAlias& alias, bool lost) {
  const Entry entry = table_.FindByAlias(alias);
  if (entry == nullptr) return;
  if (lost && entry->up) {
    entry->unrecorded = true;
    return;
  }
  Remove(alias);
}

// Records are read more often while a primary is not where they say.
Duration HealthCheck::RefreshPause() const {
  const auto& tablets = table_.tablets();
  const bool settled =
      !tablets.empty() && std::all_of(tablets.begin(), tablets.end(), [](const auto& tablet) {
        return tablet.second->tablet.type != TabletType::kPrimary || tablet.second->usable();
      });
  return settled ? options_.refresh_interval : kQuickRefresh;
}

HealthCheck::Entry HealthCheck::Add(topo::Tablet tablet) {
  tablet.base = std::string();  // nobody writes it back from here
  auto entry = std::make_shared<TabletHealth>(std::move(tablet), dialer_);
  entry->stream = tasks_.context().WithCancel();
  entry->last_message = Executor::Current().Now();
  table_.Add(entry);
  return entry;
}

void HealthCheck::Remove(const keys::TabletAlias& alias) {
  const Entry entry = table_.Remove(alias);
  if (entry == nullptr) return;
  entry->removed = true;
  entry->stream.Cancel();
  Changed(alias, true);
  // Whoever follows it closes it.
  if (is_mirror_) tasks_.Start(CloseEntry(entry));
}

Task<> HealthCheck::CloseEntry(Entry entry) { co_await entry->Close(); }

Task<> HealthCheck::FollowTablet(Entry entry) {
  const Context ctx = tasks_.context();
  Retry retry{options_.retry_delay, Executor::Current().Now()};
  while (!entry->removed && !ctx.cancelled()) {
    const Result<> paused = co_await FollowOnce(ctx, entry, retry);
    static_cast<void>(paused.ok());
    const Duration away = Executor::Current().Now() - retry.heard;
    // Nobody knows where it would come back.
    if (entry->unrecorded && !entry->removed && away > kUnrecordedPatience)
      Remove(entry->tablet.alias);
  }
  co_await entry->Close();
}

// One health stream from its beginning to its end, and the pause after it.
Task<Result<>> HealthCheck::FollowOnce(const Context& ctx, const Entry& entry, Retry& retry) {
  entry->stream = ctx.WithCancel();
  entry->last_message = Executor::Current().Now();
  const Context stream = entry->stream;
  Sink sink(*this, entry);
  // Pauses after a failure are ours, not the channel's.
  if (!entry->last_error.empty()) co_await entry->Connect(stream);
  const Result<> ended = co_await entry->service().StreamHealth(stream, sink);
  const bool was_up = entry->up;
  NoteDown(entry, ended.ok() ? "the health stream ended" : ended.error().message());
  if (was_up && !ctx.cancelled() && !entry->removed)
    LOG(kWarn, "tablet {} is not followed now: {}", entry->tablet.alias.ToString(),
        entry->last_error);
  const Instant now = Executor::Current().Now();
  if (std::exchange(entry->hurried, false) || sink.got_any) {
    retry = Retry{options_.retry_delay, now};
  } else {
    retry.delay = std::min(retry.delay * 2, LongestDelay(now - retry.heard));
  }
  if (entry->removed) co_return Ok{};
  const Context pause = ctx.WithCancel();
  entry->stream = pause;  // its removal ends the pause as well
  entry->pausing = true;
  const Result<> paused = co_await PauseBeforeDial(pause, retry.delay);
  entry->pausing = false;
  if (std::exchange(entry->hurried, false))
    retry = Retry{options_.retry_delay, Executor::Current().Now()};
  co_return paused;
}

// Tablets that went away together do not come back in step, and not faster than this loop can dial.
Task<Result<>> HealthCheck::PauseBeforeDial(const Context& ctx, Duration delay) {
  Executor& executor = Executor::Current();
  const auto spread = static_cast<uint64_t>(delay.count()) / 4;
  const Duration jitter(static_cast<int64_t>(executor.Random() % (spread + 1)));
  CO_TRY_OK(co_await Sleep(ctx, delay - delay / 8 + jitter));
  const Instant now = executor.Now();
  const Instant turn = std::max(now, next_dial_);
  next_dial_ = turn + kBetweenDials;
  if (turn == now) co_return Ok{};
  co_return co_await Sleep(ctx, turn - now);
}

// A tablet that has been away for long is looked for less often: it costs next to nothing however
// many there are, and is found again after a tenth more of the time it was away.
Duration HealthCheck::LongestDelay(Duration away) const {
  const Duration least = std::max(options_.retry_delay, options_.retry_most);
  return std::clamp(away / 10, least, std::max(least, options_.health_timeout));
}

void HealthCheck::Hurry(TabletHealth& entry) {
  entry.hurried = true;
  if (entry.pausing) entry.stream.Cancel();
}

Task<> HealthCheck::WatchSilence() {
  const Context ctx = tasks_.context();
  while (!ctx.cancelled()) {
    const auto slept = co_await Sleep(ctx, kSilenceCheck);
    static_cast<void>(slept.ok());
    const Instant now = Executor::Current().Now();
    for (const auto& [alias, entry] : table_.tablets()) {
      const bool silent = now - entry->last_message > options_.health_timeout;
      if (entry->up && silent) entry->stream.Cancel();
    }
  }
}

void HealthCheck::NoteHealth(const Entry& entry, const queryservice::Health& health) {
  entry->last_message = Executor::Current().Now();
  if (entry->removed) return;
  const bool schema = !health.table_schema_changed.empty();
  const bool same = entry->up && !schema && SameForChoice(entry->health, health);
  if (schema) ++entry->schema_changes;
  table_.NoteHealth(*entry, health);
  if (same) return;
  Changed(entry->tablet.alias, false);
}

void HealthCheck::NoteDown(const Entry& entry, std::string error) {
  const bool was_up = entry->up;
  table_.NoteDown(*entry, std::move(error));
  if (was_up && !entry->removed) Changed(entry->tablet.alias, false);
}

void HealthCheck::Changed(const keys::TabletAlias& alias, bool record) {
  changed_.WakeAll();
  if (mirrors_.empty()) return;
  bool& with_record = untold_[alias];
  with_record = with_record || record;
  untold_any_.WakeAll();
}

Task<Result<>> HealthCheck::WaitFor(const Context& ctx, std::vector<keys::Target> targets) {
  while (!targets.empty()) {
    const std::vector<Entry> found = Find(targets.back());
    if (!found.empty() && found.front()->usable()) {
      targets.pop_back();
      continue;
    }
    Result<> waited = co_await changed_.Wait(ctx);
    if (!waited.ok())
      co_return std::move(waited).error().Wrap("waiting for tablets of " +
                                               targets.back().ToString());
  }
  co_return Ok{};
}

// What changes in one turn of the loop goes to the mirrors as one.
Task<> HealthCheck::TellMirrors() {
  const Context ctx = tasks_.context();
  while (!ctx.cancelled()) {
    if (untold_.empty()) {
      const Result<> woken = co_await untold_any_.Wait(ctx);
      if (!woken.ok()) co_return;
    }
    auto news = std::make_shared<std::vector<TabletNews>>();
    for (const auto& [alias, record] : std::exchange(untold_, {}))
      news->push_back(NewsOf(alias, record));
    for (const Mirror& mirror : mirrors_) {
      HealthCheck* const check = mirror.check;
      mirror.loop->Post([check, told = News(news)] { check->Apply(*told); });
    }
  }
}

TabletNews HealthCheck::NewsOf(const keys::TabletAlias& alias, bool record) const {
  TabletNews news;
  news.alias = alias;
  const Entry entry = table_.FindByAlias(alias);
  news.removed = entry == nullptr;
  if (entry == nullptr) return news;
  if (record) news.record = std::make_shared<const topo::Tablet>(entry->tablet);
  news.up = entry->up;
  news.health = entry->health;
  news.last_error = entry->last_error;
  news.schema_changes = entry->schema_changes;
  return news;
}

Task<> HealthCheck::MirrorOf(runtime::Loop& home, HealthCheck& source) {
  source_loop_ = &home;
  Mirror mirror;
  mirror.loop = &runtime::Loop::Current();
  mirror.check = this;
  HealthCheck* const from = &source;
  const auto add = [from, mirror] { return from->AddMirror(mirror); };
  const Result<> added = co_await runtime::RunOn(home, add);
  static_cast<void>(added.ok());  // it cannot fail
}

// What it begins with is posted as news are, so that none overtakes it.
Task<Result<>> HealthCheck::AddMirror(Mirror mirror) {
  auto all = std::make_shared<std::vector<TabletNews>>();
  for (const auto& [alias, entry] : table_.tablets()) all->push_back(NewsOf(alias, true));
  mirrors_.push_back(mirror);
  mirror.loop->Post(
      [to = mirror.check, source = std::weak_ptr<HealthCheck*>(self_), told = News(all)] {
        to->source_ = source;
        to->Apply(*told);
      });
  co_return Ok{};
}

void HealthCheck::Apply(const std::vector<TabletNews>& news) {
  for (const TabletNews& one : news) ApplyOne(one);
  changed_.WakeAll();
}

void HealthCheck::ApplyOne(const TabletNews& news) {
  Entry entry = table_.FindByAlias(news.alias);
  if (news.record != nullptr && entry != nullptr) {
    const bool moved =
        !SameAddress(entry->tablet, *news.record) || !SameShard(entry->tablet, *news.record);
    if (!moved) entry->tablet.type = news.record->type;
    if (moved) Remove(news.alias);
    if (moved) entry = nullptr;
  }
  if (news.removed) return Remove(news.alias);
  if (entry == nullptr && news.record != nullptr) entry = Add(*news.record);
  if (entry == nullptr) return;
  entry->schema_changes = news.schema_changes;
  if (news.up) {
    table_.NoteHealth(*entry, news.health);
  } else {
    table_.NoteDown(*entry, news.last_error);
  }
}

}  // namespace tessera::discovery
