// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// What a browser sends before anybody knows who it is: its host, its password.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "webauth/access.h"
#include "webauth/users.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tessera::webauth;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string host = HostOf(text);
  if (IsLoopback(host) && host != "localhost" && host != "::1" && !host.starts_with("127."))
    std::abort();
  const auto credentials = ParseBasic(text);
  if (credentials.ok() &&
      (credentials->user.empty() || credentials->user.find(':') != std::string::npos))
    std::abort();
  const auto users = Users::ParseFile(text);
  if (users.ok() && users->empty()) std::abort();
  return 0;
}
