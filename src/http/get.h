// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "runtime/stream.h"

namespace tessera::http {

// The longest answer that HttpGet takes, head and body.
constexpr size_t kMaxAnswerBytes = size_t{64} << 20;

// The body of a page of another process, over a connection of its own and without TLS. `path`
// begins with a slash and may have a query. Any status but 200 is an error with what the server
// said: kNotFound for 404, kPermissionDenied for 401 and 403, kUnavailable for the rest and for
// whatever goes wrong on the way. Errors name address and path. Give `ctx` a deadline: a server
// that never answers is waited for.
Task<Result<std::string>> HttpGet(const Context& ctx, runtime::Address address, std::string path);

// The body of a complete HTTP/1 answer; an error as above for another status than 200, and
// kUnavailable when it is no HTTP or was cut short.
Result<std::string> BodyOfAnswer(std::string_view answer);

}  // namespace tessera::http
