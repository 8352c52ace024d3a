// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "rpc/status.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace tessera::rpc {

namespace {

constexpr std::array<std::string_view, 17> kGoNames = {
    "OK",       "Canceled",       "Unknown",          "InvalidArgument",   "DeadlineExceeded",
    "NotFound", "AlreadyExists",  "PermissionDenied", "ResourceExhausted", "FailedPrecondition",
    "Aborted",  "OutOfRange",     "Unimplemented",    "Internal",          "Unavailable",
    "DataLoss", "Unauthenticated"};

constexpr std::string_view kCutNote =
    " [...] (the rest of this error is longer than gRPC lets an error be)";

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

struct Unit {
  char name;
  int64_t nanos;
};
constexpr std::array<Unit, 6> kUnits = {Unit{'n', 1},
                                        Unit{'u', 1'000},
                                        Unit{'m', 1'000'000},
                                        Unit{'S', 1'000'000'000},
                                        Unit{'M', 60'000'000'000},
                                        Unit{'H', 3'600'000'000'000}};
constexpr int64_t kMostTimeoutDigits = 99'999'999;

}  // namespace

std::string GoCodeName(Code code) {
  const auto number = static_cast<size_t>(code);
  return number < kGoNames.size() ? std::string(kGoNames[number]) : fmt::format("Code({})", number);
}

std::string GoErrorText(const Error& error) {
  return fmt::format("rpc error: code = {} desc = {}", GoCodeName(error.code()), error.message());
}

Code ParseStatus(std::string_view text) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return Code::kUnknown;
  if (number > static_cast<unsigned>(Code::kReadOnly)) return Code::kUnknown;
  return static_cast<Code>(number);
}

std::string CutErrorText(std::string_view text) {
  if (text.size() <= kMaxErrorText) return std::string(text);
  size_t end = kMaxErrorText;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return std::string(text.substr(0, end)).append(kCutNote);
}

std::string PercentEncode(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool at_the_edge = i == 0 || i + 1 == text.size();
    if (byte >= 0x20 && byte <= 0x7e && byte != '%' && !(byte == ' ' && at_the_edge)) {
      out.push_back(text[i]);
    } else {
      out.push_back('%');
      out.push_back(kDigits[byte >> 4]);
      out.push_back(kDigits[byte & 15]);
    }
  }
  return out;
}

std::string PercentDecode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && HexDigit(text[i + 1]) >= 0 &&
        HexDigit(text[i + 2]) >= 0) {
      out.push_back(static_cast<char>(HexDigit(text[i + 1]) * 16 + HexDigit(text[i + 2])));
      i += 2;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

std::string FormatTimeout(Duration timeout) {
  const int64_t nanos = std::max<int64_t>(timeout.count(), 1);
  for (const Unit& unit : kUnits) {
    const int64_t count = nanos / unit.nanos + (nanos % unit.nanos != 0 ? 1 : 0);
    if (count <= kMostTimeoutDigits) return fmt::format("{}{}", count, unit.name);
  }
  return fmt::format("{}H", kMostTimeoutDigits);
}

std::optional<Duration> ParseTimeout(std::string_view text) {
  if (text.size() < 2 || text.size() > 9) return std::nullopt;
  int64_t count = 0;
  const char* const last = text.data() + text.size() - 1;
  const auto [end, error] = std::from_chars(text.data(), last, count);
  if (error != std::errc() || end != last || count < 0) return std::nullopt;
  for (const Unit& unit : kUnits) {
    if (unit.name != text.back()) continue;
    // What does not fit is longer than anybody waits: a hundred years.
    constexpr int64_t kMost = 3'155'760'000'000'000'000;
    return Duration(count > kMost / unit.nanos ? kMost : count * unit.nanos);
  }
  return std::nullopt;
}

Code CodeOfHttpStatus(int status) {
  switch (status) {
    case 400:
      return Code::kInternal;
    case 401:
      return Code::kUnauthenticated;
    case 403:
      return Code::kPermissionDenied;
    case 404:
      return Code::kUnimplemented;
    case 429:
    case 502:
    case 503:
    case 504:
      return Code::kUnavailable;
    default:
      return Code::kUnknown;
  }
}

}  // namespace tessera::rpc
