// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "rpc/internal/health.h"

#include <algorithm>

namespace tessera::rpc {

namespace {

Error BadMessage() {
  return Error(Code::kInvalidArgument, "the health request is no protobuf message");
}

Result<uint64_t> TakeVarint(std::string_view& bytes) {
  uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    if (bytes.empty()) return BadMessage();
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    value |= uint64_t{byte & 127u} << shift;
    if (byte < 128) return value;
  }
  return BadMessage();
}

Result<std::string_view> TakeBytes(std::string_view& bytes, uint64_t size) {
  if (size > bytes.size()) return BadMessage();
  const std::string_view taken = bytes.substr(0, size);
  bytes.remove_prefix(size);
  return taken;
}

// The value of field 1 in the wire type asked for; unknown fields are skipped. `text` or `number`
// is filled.
Result<> FindFieldOne(std::string_view bytes, std::string& text, uint64_t& number) {
  while (!bytes.empty()) {
    TRY(const uint64_t tag, TakeVarint(bytes));
    switch (tag & 7) {
      case 0: {
        TRY(const uint64_t value, TakeVarint(bytes));
        if (tag >> 3 == 1) number = value;
        break;
      }
      case 1:
        TRY_OK(TakeBytes(bytes, 8));
        break;
      case 2: {
        TRY(const uint64_t size, TakeVarint(bytes));
        TRY(const std::string_view value, TakeBytes(bytes, size));
        if (tag >> 3 == 1) text = value;
        break;
      }
      case 5:
        TRY_OK(TakeBytes(bytes, 4));
        break;
      default:
        return BadMessage();
    }
  }
  return Ok{};
}

}  // namespace

Result<std::string> ParseHealthRequest(std::string_view bytes) {
  std::string service;
  uint64_t number = 0;
  TRY_OK(FindFieldOne(bytes, service, number));
  return service;
}

std::string HealthResponse(Health::Status status) {
  std::string bytes;
  if (status != Health::Status::kUnknown) bytes = {'\x08', static_cast<char>(status)};
  return bytes;
}

Result<Health::Status> ParseHealthResponse(std::string_view bytes) {
  std::string text;
  uint64_t number = 0;
  TRY_OK(FindFieldOne(bytes, text, number));
  return number <= 3 ? static_cast<Health::Status>(number) : Health::Status::kUnknown;
}

void Health::Set(std::string_view service, Status status) {
  const std::lock_guard lock(mutex_);
  const auto found = statuses_.find(service);
  if (found == statuses_.end()) {
    statuses_.emplace(std::string(service), status);
  } else {
    found->second = status;
  }
  std::erase_if(watchers_, [](const std::weak_ptr<Watcher>& watcher) { return watcher.expired(); });
  for (const std::weak_ptr<Watcher>& weak : watchers_) {
    const std::shared_ptr<Watcher> watcher = weak.lock();
    if (watcher == nullptr) continue;
    runtime::Loop& loop = watcher->loop;
    // Weak: the last owner must be the Watch itself, on its loop.
    loop.Post([weak] {
      if (const std::shared_ptr<Watcher> told = weak.lock()) told->changed.WakeAll();
    });
  }
}

std::optional<Health::Status> Health::Get(std::string_view service) const {
  const std::lock_guard lock(mutex_);
  const auto found = statuses_.find(service);
  return found == statuses_.end() ? std::nullopt : std::optional<Status>(found->second);
}

Task<Result<std::string>> Health::Check(std::string_view request) const {
  CO_TRY(const std::string service, ParseHealthRequest(request));
  const std::optional<Status> status = Get(service);
  if (!status) co_return Errorf(Code::kNotFound, "unknown service \"{}\"", service);
  co_return HealthResponse(*status);
}

Task<Result<>> Health::Watch(const Context& ctx, std::string_view request, ServerWriter& writer) {
  CO_TRY(const std::string service, ParseHealthRequest(request));
  const auto watcher = std::make_shared<Watcher>(runtime::Loop::Current());
  {
    const std::lock_guard lock(mutex_);
    watchers_.push_back(watcher);
  }
  std::optional<Status> told;
  for (;;) {
    const Status status = Get(service).value_or(Status::kServiceUnknown);
    if (told == status) {
      CO_TRY_OK(co_await watcher->changed.Wait(ctx));
      continue;
    }
    told = status;
    std::string response = HealthResponse(status);
    CO_TRY_OK(co_await writer.Write(ctx, std::move(response)));
  }
}

}  // namespace tessera::rpc
