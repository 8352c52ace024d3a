// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "http/router.h"

namespace tessera::vtctlweb {

// The HTTP status that tells a browser what kind of error it is.
int HttpStatus(Code code);

// {"error": {"code": "NOT_FOUND", "message": "..."}} with that status, or with the one given.
http::Response ErrorAnswer(const Error& error);
http::Response ErrorAnswer(int status, const Error& error);

// The same as one line, for event streams.
std::string ErrorJson(const Error& error);

// A text as a JSON string, quotes included; what is not UTF-8 in it is replaced.
std::string JsonString(std::string_view text);

}  // namespace tessera::vtctlweb
