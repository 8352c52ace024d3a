// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "http/router.h"
#include "webauth/users.h"

namespace tessera::webauth {

struct AccessOptions {
  // Names the pages may be asked for under, besides this machine's own (localhost, 127.0.0.1,
  // [::1]); without ports, in lower case.
  std::vector<std::string> hosts;
};

// Decides who may ask for what. Of one loop.
class Access {
 public:
  // Without users (nullptr) only this machine is answered.
  Access(AccessOptions options, std::unique_ptr<Users> users);

  // The users, to replace them; null when there are none.
  Users* users() { return users_.get(); }

  // The user who asks, or the client's address where there are no users.
  Task<Result<std::string>> Admit(const Context& ctx, const http::Request& request);

 private:
  Result<> CheckHost(std::string_view host) const;

  AccessOptions options_;
  std::unique_ptr<Users> users_;
};

// What tells a call of our own pages from one another site makes with the user's browser: a header
// no form can send, JSON as its content type, and what the browser itself says of its origin.
Result<> CheckOwnCall(const http::Request& request);
// The same for event streams, which can send no headers of their own.
Result<> CheckOwnStream(const http::Request& request);

// "127.0.0.1:80", "[::1]:80", "Host.Example": the host alone, in lower case, without brackets.
std::string HostOf(std::string_view address);
bool IsLoopback(std::string_view host);

// Says to the browser: nothing but our own files, in no frame, sniff nothing, tell nobody.
void AddSecurityHeaders(http::Response& response);

}  // namespace tessera::webauth
