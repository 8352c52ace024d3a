// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <set>
#include <string>

#include "vtgate/attached.h"

namespace tessera::vtgate {

// A connection that a session without a server of its own has beside its pooled ones: named locks
// live there, and what only a server can compute of user variables is computed there. It reads no
// tables. Every session's is at the same server (Executor::SideTarget), or locks would exclude
// nobody. Kept while a lock is held.
struct SideConnection {
  std::unique_ptr<Attached> connection;
  std::set<std::string> locks;  // names that the session may hold
  bool unknown_locks = false;   // and others, whose names no text tells

  bool holds_locks() const { return unknown_locks || !locks.empty(); }
};

}  // namespace tessera::vtgate
