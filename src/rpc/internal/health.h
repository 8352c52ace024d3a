// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rpc/server.h"
#include "runtime/sync.h"

namespace tessera::rpc {

// grpc.health.v1.Health: what the server says of its services, by name; "" is the whole server.
// Shared by all loops.
class Health {
 public:
  // The numbers of HealthCheckResponse.ServingStatus.
  enum class Status : uint8_t { kUnknown = 0, kServing = 1, kNotServing = 2, kServiceUnknown = 3 };

  void Set(std::string_view service, Status status);
  // Nothing when the service is unknown.
  std::optional<Status> Get(std::string_view service) const;

  // Handlers of Check and Watch.
  Task<Result<std::string>> Check(std::string_view request) const;
  Task<Result<>> Watch(const Context& ctx, std::string_view request, ServerWriter& writer);

 private:
  // A Watch under way, told of changes on its own loop.
  struct Watcher {
    explicit Watcher(runtime::Loop& watcher_loop) : loop(watcher_loop) {}
    runtime::Loop& loop;
    runtime::WaitQueue changed;
  };

  mutable std::mutex mutex_;
  std::map<std::string, Status, std::less<>> statuses_;
  std::vector<std::weak_ptr<Watcher>> watchers_;
};

// HealthCheckRequest.service of a request's bytes; an error when they are no protobuf message.
Result<std::string> ParseHealthRequest(std::string_view bytes);
// A HealthCheckResponse.
std::string HealthResponse(Health::Status status);
// Its status, for clients.
Result<Health::Status> ParseHealthResponse(std::string_view bytes);

}  // namespace tessera::rpc
