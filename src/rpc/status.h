// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/executor.h"

namespace tessera::rpc {

// Longer error texts are cut before they are sent: a peer may refuse trailers over 8 KiB.
inline constexpr size_t kMaxErrorText = 7680;

// The code as Go's gRPC prints it: "AlreadyExists", and "Code(17)" for those gRPC has no name for.
std::string GoCodeName(Code code);

// "rpc error: code = AlreadyExists desc = message", the text a Go client shows for this error.
std::string GoErrorText(const Error& error);

// The value of grpc-status. Numbers nobody knows are kUnknown.
Code ParseStatus(std::string_view text);

// The text cut to kMaxErrorText and a note, at a character's boundary.
std::string CutErrorText(std::string_view text);

// grpc-message: everything outside printable ASCII, '%', and a space at either end (no header's
// value may have one there), as %XX.
std::string PercentEncode(std::string_view text);
// Broken escapes stay as they are.
std::string PercentDecode(std::string_view text);

// The value of grpc-timeout, at most eight digits and a unit, never zero and never shorter than
// `timeout` unless that is more than 8 digits of hours.
std::string FormatTimeout(Duration timeout);
// Nothing when the text is no timeout.
std::optional<Duration> ParseTimeout(std::string_view text);

// The code for an HTTP status without grpc-status.
Code CodeOfHttpStatus(int status);

}  // namespace tessera::rpc
