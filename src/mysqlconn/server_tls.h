// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <utility>

#include "runtime/tls.h"

namespace tessera::mysqlconn {

// What a server's new clients speak TLS with; nothing when TLS is not offered. Set replaces it, and
// connections made earlier keep what they began with. Thread-safe.
class ServerTls {
 public:
  std::shared_ptr<const runtime::TlsContext> Get() const {
    const std::lock_guard lock(mutex_);
    return context_;
  }
  void Set(std::shared_ptr<const runtime::TlsContext> context) {
    const std::lock_guard lock(mutex_);
    context_ = std::move(context);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const runtime::TlsContext> context_;
};

}  // namespace tessera::mysqlconn
