// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>

#include "base/executor.h"
#include "mysqlconn/server.h"

namespace tessera::vtgate {

// Writes refused and slow logins of MySQL clients to the log: a few a second, and how many were
// left out, so that nobody fills the disk from outside. Thread-safe; outlives the servers that use
// it.
class LoginLog {
 public:
  // A login that takes longer than `slow` is warned of and counted in `stats`; 0 is none.
  LoginLog(Duration slow, mysqlconn::ServerStats& stats) : slow_(slow), stats_(stats) {}

  void Note(const mysqlconn::LoginReport& report);

 private:
  bool MayWrite();

  const Duration slow_;
  mysqlconn::ServerStats& stats_;
  std::atomic<int64_t> second_ = 0;  // that `written_` counts lines of
  std::atomic<int> written_ = 0;
  std::atomic<uint64_t> left_out_ = 0;
};

}  // namespace tessera::vtgate
