// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "tabletserver/stateful_connections.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <vector>

#include "tabletserver/error_text.h"

namespace tessera::tabletserver {

namespace {

constexpr size_t kEndedKept = 1000;
constexpr Duration kLongestWait = std::chrono::seconds(5);

// "2026-11-21 10:00:00.123 UTC"
std::string WallTime() {
  const int64_t nanos = Executor::Current().WallNanos();
  const auto seconds = static_cast<time_t>(nanos / 1'000'000'000);
  std::tm parts = {};
  gmtime_r(&seconds, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts);
  return fmt::format("{}.{:03} UTC", text, nanos / 1'000'000 % 1000);
}

}  // namespace

void StatefulConnections::Use::Renumber(std::string_view why) {
  auto node = owner_->connections_.extract(connection_->id);
  owner_->NoteEnd(connection_->id, why);
  connection_->id = owner_->next_id_++;
  node.key() = connection_->id;
  owner_->connections_.insert(std::move(node));
}

void StatefulConnections::Use::End(std::string_view why, bool discard) {
  owner_->Forget(*std::exchange(connection_, nullptr), why, discard);
}

StatefulConnections::Use StatefulConnections::Add(mysqlconn::Pool::Lease lease) {
  auto connection = std::make_unique<StatefulConnection>();
  connection->id = next_id_++;
  connection->lease = std::move(lease);
  connection->busy = true;
  StatefulConnection* const raw = connection.get();
  connections_.emplace(raw->id, std::move(connection));
  return Use(this, raw);
}

Result<StatefulConnections::Use> StatefulConnections::Lock(int64_t id) {
  const auto found = connections_.find(id);
  if (found != connections_.end()) {
    StatefulConnection& connection = *found->second;
    if (connection.busy) return Errorf(Code::kAborted, "transaction {}: in use: for query", id);
    connection.busy = true;
    return Use(this, &connection);
  }
  const auto ended = std::find_if(ended_.rbegin(), ended_.rend(),
                                  [id](const auto& entry) { return entry.first == id; });
  if (ended != ended_.rend())
    return Errorf(Code::kAborted, "transaction {}: {}", id, ended->second);
  return Errorf(Code::kAborted, "transaction {}: not found (potential transaction timeout)", id);
}

bool StatefulConnections::IsBusy(int64_t id) const {
  const auto found = connections_.find(id);
  return found != connections_.end() && found->second->busy;
}

Task<Result<StatefulConnections::Use>> StatefulConnections::LockSoon(const Context& ctx,
                                                                     int64_t id) {
  if (!IsBusy(id)) co_return Lock(id);
  const Context bounded = ctx.WithTimeout(kLongestWait);
  while (IsBusy(id)) {
    const Result<> freed = co_await freed_.Wait(bounded);
    if (!freed.ok()) break;
  }
  co_return Lock(id);
}

void StatefulConnections::Unlock(StatefulConnection& connection) {
  connection.busy = false;
  if (!connection.lease->usable()) Forget(connection, "connection lost", true);
  freed_.WakeAll();
}

void StatefulConnections::Forget(StatefulConnection& connection, std::string_view why,
                                 bool discard) {
  NoteEnd(connection.id, why);
  freed_.WakeAll();
  auto node = connections_.extract(connection.id);
  if (discard || connection.tainted) {
    node.mapped()->lease.Discard();
  } else {
    node.mapped()->lease.Return();
  }
}

void StatefulConnections::NoteEnd(int64_t id, std::string_view why) {
  if (ended_.size() >= kEndedKept) ended_.pop_front();
  ended_.emplace_back(id, fmt::format("ended at {} ({})", WallTime(), why));
}

size_t StatefulConnections::KillExpired(Instant now) {
  std::vector<StatefulConnection*> expired;
  for (const auto& [id, connection] : connections_) {
    if (!connection->busy && now >= connection->expires) expired.push_back(connection.get());
  }
  for (StatefulConnection* const connection : expired) {
    // Closing the connection makes the server roll back, without waiting for it here.
    Forget(*connection, fmt::format("exceeded timeout: {}", GoDuration(connection->timeout)), true);
  }
  return expired.size();
}

size_t StatefulConnections::EndAll(std::string_view why) {
  std::vector<StatefulConnection*> idle;
  for (const auto& [id, connection] : connections_) {
    if (!connection->busy) idle.push_back(connection.get());
  }
  for (StatefulConnection* const connection : idle) Forget(*connection, why, true);
  return connections_.size();
}

size_t StatefulConnections::transactions() const {
  return static_cast<size_t>(
      std::count_if(connections_.begin(), connections_.end(),
                    [](const auto& entry) { return entry.second->in_transaction; }));
}

}  // namespace tessera::tabletserver
