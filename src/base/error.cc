// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"

#include <cstring>
#include <utility>

namespace tessera {

struct Error::Rep {
  Code code;
  MysqlError mysql;
  std::string message;
  std::string hint;
};

std::string_view CodeName(Code code) {
  static constexpr std::string_view kNames[] = {"OK",
                                                "CANCELED",
                                                "UNKNOWN",
                                                "INVALID_ARGUMENT",
                                                "DEADLINE_EXCEEDED",
                                                "NOT_FOUND",
                                                "ALREADY_EXISTS",
                                                "PERMISSION_DENIED",
                                                "RESOURCE_EXHAUSTED",
                                                "FAILED_PRECONDITION",
                                                "ABORTED",
                                                "OUT_OF_RANGE",
                                                "UNIMPLEMENTED",
                                                "INTERNAL",
                                                "UNAVAILABLE",
                                                "DATA_LOSS",
                                                "UNAUTHENTICATED",
                                                "CLUSTER_EVENT",
                                                "READ_ONLY"};
  const auto index = static_cast<size_t>(code);
  return index < std::size(kNames) ? kNames[index] : "UNKNOWN";
}

Error::Error(Code code, std::string message) : Error(code, MysqlError{}, std::move(message)) {}
Error::Error(Code code, MysqlError mysql, std::string message)
    : rep_(std::make_unique<Rep>(Rep{code, mysql, std::move(message), {}})) {}
Error::Error(const Error& other) : rep_(std::make_unique<Rep>(*other.rep_)) {}
Error& Error::operator=(const Error& other) {
  if (this != &other) rep_ = std::make_unique<Rep>(*other.rep_);
  return *this;
}
Error::Error(Error&&) noexcept = default;
Error& Error::operator=(Error&&) noexcept = default;
Error::~Error() = default;

Code Error::code() const { return rep_->code; }
const std::string& Error::message() const { return rep_->message; }
const std::string& Error::hint() const { return rep_->hint; }
uint16_t Error::mysql_errno() const { return rep_->mysql.number; }
std::string_view Error::sqlstate() const { return {rep_->mysql.sqlstate, 5}; }

Error Error::Wrap(std::string_view what) && {
  rep_->message.insert(0, ": ").insert(0, what);
  return std::move(*this);
}
Error Error::WithHint(std::string hint) && {
  rep_->hint = std::move(hint);
  return std::move(*this);
}
Error Error::WithMysql(uint16_t number, std::string_view sqlstate) && {
  rep_->mysql.number = number;
  std::memcpy(rep_->mysql.sqlstate, sqlstate.data(), std::min<size_t>(sqlstate.size(), 5));
  return std::move(*this);
}
Error Error::WithCode(Code code) && {
  rep_->code = code;
  return std::move(*this);
}

std::string Error::ToString() const {
  return rep_->hint.empty() ? rep_->message : rep_->message + ". " + rep_->hint;
}

}  // namespace tessera
