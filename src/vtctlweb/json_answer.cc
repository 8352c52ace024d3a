// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtctlweb/json_answer.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

namespace tessera::vtctlweb {

int HttpStatus(Code code) {
  switch (code) {
    case Code::kOk:
      return 200;
    case Code::kInvalidArgument:
    case Code::kOutOfRange:
      return 400;
    case Code::kUnauthenticated:  // of a tablet to us: no reason to ask the user for a password
    case Code::kPermissionDenied:
    case Code::kReadOnly:
      return 403;
    case Code::kNotFound:
      return 404;
    case Code::kAlreadyExists:
    case Code::kFailedPrecondition:
    case Code::kAborted:
      return 409;
    case Code::kResourceExhausted:
      return 429;
    case Code::kUnimplemented:
      return 501;
    case Code::kUnavailable:
    case Code::kClusterEvent:
      return 503;
    case Code::kDeadlineExceeded:
      return 504;
    case Code::kCancelled:
    case Code::kUnknown:
    case Code::kInternal:
    case Code::kDataLoss:
      return 500;
  }
  return 500;
}

std::string JsonString(std::string_view text) {
  using nlohmann::json;
  return json(std::string(text)).dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string ErrorJson(const Error& error) {
  return fmt::format(R"({{"error": {{"code": "{}", "message": {}}}}})", CodeName(error.code()),
                     JsonString(error.ToString()));
}

http::Response ErrorAnswer(int status, const Error& error) {
  http::Response response = http::Response::Json(ErrorJson(error));
  response.status = status;
  return response;
}

http::Response ErrorAnswer(const Error& error) {
  return ErrorAnswer(HttpStatus(error.code()), error);
}

}  // namespace tessera::vtctlweb
