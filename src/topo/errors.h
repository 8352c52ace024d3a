// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "base/error.h"

// What can be wrong with a topology operation. Texts are Vitess's; inside our processes the code
// tells the kind too.
namespace tessera::topo {

Error NoNode(std::string_view path);            // kNotFound
Error NodeExists(std::string_view path);        // kAlreadyExists
Error NodeNotEmpty(std::string_view path);      // kFailedPrecondition
Error BadVersion(std::string_view path);        // kAborted: read again and retry
Error Timeout(std::string_view what);           // kDeadlineExceeded
Error Interrupted(std::string_view what);       // kCancelled
Error ConnectionClosed();                       // kCancelled
Error LockLost(std::string_view place);         // kAborted: a guarded write was not made
Error NoUpdateNeeded(std::string_view path);    // kAborted
Error NoImplementation(std::string_view name);  // kUnimplemented

bool IsNoNode(const Error& error);
bool IsNodeExists(const Error& error);
bool IsBadVersion(const Error& error);
// Of the lock at that place (Guard::place).
bool IsLockLost(const Error& error, std::string_view place);
bool IsTimeout(const Error& error);

}  // namespace tessera::topo
