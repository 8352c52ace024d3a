// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <fmt/core.h>

namespace tessera {

// How a caller may react to an error. Numbers are vtrpc.Code's; 0 to 16 are also gRPC's.
enum class Code : uint8_t {
  kOk = 0,
  kCancelled = 1,
  kUnknown = 2,
  kInvalidArgument = 3,
  kDeadlineExceeded = 4,
  kNotFound = 5,
  kAlreadyExists = 6,
  kPermissionDenied = 7,
  kResourceExhausted = 8,
  kFailedPrecondition = 9,
  kAborted = 10,
  kOutOfRange = 11,
  kUnimplemented = 12,
  kInternal = 13,
  kUnavailable = 14,
  kDataLoss = 15,
  kUnauthenticated = 16,
  kClusterEvent = 17,
  kReadOnly = 18,
};

// The code in vtrpc's spelling ("INVALID_ARGUMENT").
std::string_view CodeName(Code code);

// Five characters of SQLSTATE and the server's error number, as a MySQL client sees them.
struct MysqlError {
  uint16_t number = 0;
  char sqlstate[6] = "HY000";
};

// What failed, for callers (code), MySQL clients (errno, SQLSTATE) and people (message, hint). One
// pointer wide; the message should say what failed on which keyspace, shard, tablet or file, and
// the hint the next step.
class [[nodiscard]] Error {
 public:
  Error(Code code, std::string message);
  Error(Code code, MysqlError mysql, std::string message);
  Error(const Error& other);
  Error& operator=(const Error& other);
  Error(Error&&) noexcept;
  Error& operator=(Error&&) noexcept;
  ~Error();

  Code code() const;
  const std::string& message() const;
  const std::string& hint() const;
  // Zero when the error did not come from (or is not meant for) a MySQL client; see mysql error
  // mapping in sqltypes.
  uint16_t mysql_errno() const;
  std::string_view sqlstate() const;

  // "what: message"; code, errno and hint stay.
  Error Wrap(std::string_view what) &&;
  Error WithHint(std::string hint) &&;
  Error WithMysql(uint16_t number, std::string_view sqlstate) &&;
  Error WithCode(Code code) &&;

  // "message. hint" for people and logs.
  std::string ToString() const;

 private:
  struct Rep;
  std::unique_ptr<Rep> rep_;
};

// Errorf(Code::kNotFound, "keyspace {} not found", name)
template <class... Args>
Error Errorf(Code code, fmt::format_string<Args...> format, Args&&... args) {
  return Error(code, fmt::vformat(format, fmt::make_format_args(args...)));
}

}  // namespace tessera
