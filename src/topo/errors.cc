// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "topo/errors.h"

namespace tessera::topo {

Error NoNode(std::string_view path) {
  return Errorf(Code::kNotFound, "node doesn't exist: {}", path);
}

Error NodeExists(std::string_view path) {
  return Errorf(Code::kAlreadyExists, "node already exists: {}", path);
}

Error NodeNotEmpty(std::string_view path) {
  return Errorf(Code::kFailedPrecondition, "node not empty: {}", path);
}

Error BadVersion(std::string_view path) {
  return Errorf(Code::kAborted, "bad node version: {}", path);
}

Error Timeout(std::string_view what) {
  return Errorf(Code::kDeadlineExceeded, "deadline exceeded: {}", what);
}

Error Interrupted(std::string_view what) {
  return Errorf(Code::kCancelled, "interrupted: {}", what);
}

Error ConnectionClosed() {
  return Error(Code::kCancelled, "the connection to the topology server was closed");
}

Error LockLost(std::string_view place) {
  return Errorf(Code::kAborted, "the lock {} is not held any more", place);
}

Error NoUpdateNeeded(std::string_view path) {
  return Errorf(Code::kAborted, "no update needed: {}", path);
}

Error NoImplementation(std::string_view name) {
  return Errorf(Code::kUnimplemented, "no such topology implementation {}", name)
      .WithHint("set --topo-implementation to one this program was built with");
}

bool IsNoNode(const Error& error) { return error.code() == Code::kNotFound; }
bool IsNodeExists(const Error& error) { return error.code() == Code::kAlreadyExists; }
bool IsBadVersion(const Error& error) {
  return error.code() == Code::kAborted &&
         error.message().find("bad node version") != std::string::npos;
}
bool IsLockLost(const Error& error, std::string_view place) {
  return error.code() == Code::kAborted && error.message() == LockLost(place).message();
}
bool IsTimeout(const Error& error) { return error.code() == Code::kDeadlineExceeded; }

}  // namespace tessera::topo
