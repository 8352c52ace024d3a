// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtgate/login_log.h"

#include <chrono>

#include "log/log.h"

namespace tessera::vtgate {

namespace {

constexpr int kLinesPerSecond = 10;

}  // namespace

void LoginLog::Note(const mysqlconn::LoginReport& report) {
  using Millis = std::chrono::milliseconds;
  if (report.refused != nullptr) {
    // Whoever comes and goes is a health check.
    if (report.refused->code() == Code::kCancelled || !MayWrite()) return;
    LOG(kWarn, "a MySQL client from {} was refused: {}", report.peer, report.refused->ToString());
    return;
  }
  if (slow_ <= Duration(0) || report.took <= slow_) return;
  stats_.slow.fetch_add(1, std::memory_order_relaxed);
  if (!MayWrite()) return;
  LOG(kWarn, "the login of user '{}' from {} took {} ms", report.user, report.peer,
      std::chrono::duration_cast<Millis>(report.took).count());
}

bool LoginLog::MayWrite() {
  const int64_t now = tessera::Executor::Current().WallNanos() / 1'000'000'000;
  if (second_.exchange(now, std::memory_order_relaxed) != now) {
    written_.store(0, std::memory_order_relaxed);
    const uint64_t left_out = left_out_.exchange(0, std::memory_order_relaxed);
    if (left_out != 0) LOG(kWarn, "{} more lines about logins were left out", left_out);
  }
  if (written_.fetch_add(1, std::memory_order_relaxed) < kLinesPerSecond) return true;
  left_out_.fetch_add(1, std::memory_order_relaxed);
  return false;
}

}  // namespace tessera::vtgate
