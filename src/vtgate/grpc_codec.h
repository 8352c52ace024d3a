// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "queryservice/codec.h"
#include "sqltypes/result_set.h"
#include "vtgate/session.h"

// The messages of vtgateservice.Vitess as bytes.
namespace tessera::vtgate {

enum class GateCall : uint8_t {
  kExecute,
  kExecuteMulti,
  kExecuteBatch,
  kStreamExecute,
  kStreamExecuteMulti,
  kCloseSession,
};
std::string_view GateCallPath(GateCall call);

// A request, and the session of the client that sent it. Not movable: it is as large as a session.
class GateRequest {
 public:
  GateRequest();
  ~GateRequest();
  GateRequest(const GateRequest&) = delete;
  GateRequest& operator=(const GateRequest&) = delete;

  // Bytes that are no message of that call are an error. A client that sends no session gets one in
  // autocommit mode; when one cannot be read, the statements hold the error.
  Result<> Decode(GateCall call, std::string_view bytes);

  Session session;
  // The texts with the values of bind variables in place, or why they cannot run.
  std::vector<Result<std::string>> statements;

  // The session as it is now, in the form it came.
  std::string SessionBytes() const;

 private:
  struct Message;
  template <class Request>
  Result<> Take(Request& request);
  std::unique_ptr<Message> message_;  // the session as it came
};

// One statement's outcome. `error` and `result` may be missing. For calls with one outcome and for
// Execute the same fields serve.
std::string EncodeExecute(const Error* error, std::string_view session,
                          const sqltypes::ResultSet* result);
// ExecuteMulti: the results before the first error.
std::string EncodeMulti(const Error* error, std::string_view session,
                        std::span<const sqltypes::ResultSet> results);
std::string EncodeBatch(std::string_view session,
                        std::span<const Result<sqltypes::ResultSet>> results);
std::string EncodeClose(const Error* error);

// Parts of a stream: `result` holds fields, or rows alone.
inline constexpr queryservice::ResponseLayout kStreamLayout{0, 1, 0, 0, 0, 0};
std::string EncodeStreamEnd(std::string_view session);
// StreamExecuteMulti: a part of a statement's result, or its error.
struct MultiPart {
  const Error* error = nullptr;
  std::string_view result;  // query.QueryResult
  bool more_results = false;
  bool new_result = false;
};
std::string EncodeMultiPart(const MultiPart& part);
std::string EncodeMultiEnd(std::string_view session);

// The error as it travels: clients read "(errno N) (sqlstate S)" in the text.
Error WireError(const Error& error);

}  // namespace tessera::vtgate
