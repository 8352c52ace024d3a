// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtgate/grpc_codec.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <deque>

#include <fmt/core.h>

#include "proto/vtgate.pb.h"
#include "vtgate/session_codec.h"

namespace tessera::vtgate {

using sqltypes::ResultSet;
using sqltypes::Type;
using sqltypes::Value;

namespace {

Type TypeOf(::query::Type type) { return static_cast<Type>(type); }

bool IsNumber(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() || text.find_first_not_of("0123456789+-.eE") != std::string_view::npos)
    return false;
  [[maybe_unused]] double number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  // A number too large for a double is one for DECIMAL.
  return parsed.ec != std::errc::invalid_argument && parsed.ptr == text.data() + text.size();
}

bool OnlyHas(std::string_view text, std::string_view allowed) {
  return !text.empty() && text.find_first_not_of(allowed) == std::string_view::npos;
}

// Values that SQL does not quote stand in it as they are, so they must be what they say.
bool IsSafe(Type type, std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789";
  switch (type) {
    case Type::kFloat32:
    case Type::kFloat64:
    case Type::kDecimal:
      return IsNumber(bytes);
    case Type::kHexNum:
      return bytes.starts_with("0x") && OnlyHas(bytes.substr(2), "0123456789abcdefABCDEF");
    case Type::kHexVal:
      return bytes.size() >= 3 && (bytes.starts_with("x'") || bytes.starts_with("X'")) &&
             bytes.ends_with('\'') &&
             (bytes.size() == 3 ||
              OnlyHas(bytes.substr(2, bytes.size() - 3), "0123456789abcdefABCDEF"));
    case Type::kBitNum:
      return bytes.starts_with("0b") && OnlyHas(bytes.substr(2), "01");
    default:
      break;
  }
  if (!::query::Type_IsValid(static_cast<int>(type))) return false;
  if ((static_cast<uint16_t>(type) & ::query::ISINTEGRAL) == 0) return true;
  return OnlyHas(bytes.starts_with('-') ? bytes.substr(1) : bytes, kDigits);
}

std::string Hex(std::string_view bytes) {
  std::string out = "x'";
  for (const char c : bytes) out += fmt::format("{:02x}", static_cast<uint8_t>(c));
  return out + "'";
}

// Bind variables of a statement, and the texts made for them.
class Values {
 public:
  Result<> Add(const std::string& name, const ::query::BindVariable& variable) {
    const Type type = TypeOf(variable.type());
    if (type != Type::kTuple) {
      TRY(const Value value, One(name, type, variable.value()));
      vars_.Add(name, value);
      return Ok{};
    }
    if (variable.values().empty())
      return Errorf(Code::kInvalidArgument, "empty tuple is not allowed: {}", name);
    std::vector<Value>& list = lists_.emplace_back();
    for (const ::query::Value& item : variable.values()) {
      if (TypeOf(item.type()) == Type::kTuple)
        return Errorf(Code::kInvalidArgument, "tuple not allowed inside another tuple: {}", name);
      TRY(const Value value, One(name, TypeOf(item.type()), item.value()));
      list.push_back(value);
    }
    vars_.AddList(name, list);
    return Ok{};
  }
  const sqltypes::BindVars& vars() const { return vars_; }

 private:
  Result<Value> One(const std::string& name, Type type, const std::string& bytes) {
    switch (type) {
      case Type::kNull:
        return Value();
      case Type::kBlob:
      case Type::kVarBinary:
      case Type::kBinary:
        return Value(Type::kHexVal, texts_.emplace_back(Hex(bytes)));
      case Type::kRaw:
      case Type::kExpression:
      case Type::kRowTuple:
        return Errorf(Code::kInvalidArgument, "bind variable {}: type {} is not taken from clients",
                      name, sqltypes::TypeName(type));
      default:
        break;
    }
    if (!IsSafe(type, bytes))
      return Errorf(Code::kInvalidArgument, "bind variable {}: '{}' is no {}", name, bytes,
                    sqltypes::TypeName(type));
    return Value(type, bytes);
  }

  sqltypes::BindVars vars_;
  std::deque<std::vector<Value>> lists_;
  std::deque<std::string> texts_;
};

Result<std::string> TextOf(const ::query::BoundQuery& query) {
  if (query.bind_variables().empty()) return query.sql();
  Values values;
  for (const auto& [name, variable] : query.bind_variables()) {
    TRY_OK(values.Add(name, variable));
  }
  std::string text;
  const sqltypes::SqlTemplate sql(query.sql());
  TRY_OK(sql.Render(values.vars(), text));
  return text;
}

void PutVarint(uint64_t value, std::string& out) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}

// A field of bytes, kept when empty: an empty message is one that is there.
void PutField(uint32_t number, std::string_view bytes, std::string& out) {
  PutVarint(uint64_t{number} << 3 | 2, out);
  PutVarint(bytes.size(), out);
  out.append(bytes);
}

void PutError(uint32_t number, const Error* error, std::string& out) {
  if (error == nullptr) return;
  const Error told = WireError(*error);
  ::vtrpc::RPCError message;
  message.set_message(told.message());
  message.set_code(static_cast<::vtrpc::Code>(told.code()));
  PutField(number, message.SerializeAsString(), out);
}

void PutResult(uint32_t number, const ResultSet& result, std::string& out) {
  queryservice::ResponseLayout layout;
  layout.result = static_cast<uint8_t>(number);
  out += queryservice::EncodeResponse(nullptr, &result, layout);
}

template <class Message>
Result<> Parse(std::string_view bytes, Message& message) {
  if (message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return Ok{};
  return Errorf(Code::kInternal,
                "grpc: failed to unmarshal the received message: {} bytes are no {}", bytes.size(),
                message.GetTypeName());
}

}  // namespace

struct GateRequest::Message {
  ::vtgate::Session session;
};

GateRequest::GateRequest() : message_(std::make_unique<Message>()) {}
GateRequest::~GateRequest() = default;

std::string_view GateCallPath(GateCall call) {
  constexpr std::array<std::string_view, 6> kPaths = {"/vtgateservice.Vitess/Execute",
                                                      "/vtgateservice.Vitess/ExecuteMulti",
                                                      "/vtgateservice.Vitess/ExecuteBatch",
                                                      "/vtgateservice.Vitess/StreamExecute",
                                                      "/vtgateservice.Vitess/StreamExecuteMulti",
                                                      "/vtgateservice.Vitess/CloseSession"};
  return kPaths[static_cast<size_t>(call)];
}

// What all requests have: who calls, and the session.
template <class Request>
Result<> GateRequest::Take(Request& request) {
  session.caller.principal = request.caller_id().principal();
  session.caller.component = request.caller_id().component();
  if (request.has_session())
    message_->session.Swap(request.mutable_session());
  else
    message_->session.set_autocommit(true);
  const Result<> read = DecodeSession(message_->session, session);
  if (read.ok()) return Ok{};
  // An answer within the answer: the client is to get its session back.
  for (Result<std::string>& statement : statements) statement = read.error();
  return Ok{};
}

Result<> GateRequest::Decode(GateCall call, std::string_view bytes) {
  switch (call) {
    case GateCall::kExecute: {
      ::vtgate::ExecuteRequest request;
      TRY_OK(Parse(bytes, request));
      statements.push_back(TextOf(request.query()));
      return Take(request);
    }
    case GateCall::kExecuteBatch: {
      ::vtgate::ExecuteBatchRequest request;
      TRY_OK(Parse(bytes, request));
      for (const ::query::BoundQuery& query : request.queries())
        statements.push_back(TextOf(query));
      return Take(request);
    }
    case GateCall::kStreamExecute: {
      ::vtgate::StreamExecuteRequest request;
      TRY_OK(Parse(bytes, request));
      statements.push_back(TextOf(request.query()));
      return Take(request);
    }
    case GateCall::kExecuteMulti: {
      ::vtgate::ExecuteMultiRequest request;
      TRY_OK(Parse(bytes, request));
      statements.push_back(request.sql());
      return Take(request);
    }
    case GateCall::kStreamExecuteMulti: {
      ::vtgate::StreamExecuteMultiRequest request;
      TRY_OK(Parse(bytes, request));
      statements.push_back(request.sql());
      return Take(request);
    }
    case GateCall::kCloseSession: {
      ::vtgate::CloseSessionRequest request;
      TRY_OK(Parse(bytes, request));
      return Take(request);
    }
  }
  return Error(Code::kInternal, "a call of no known kind");
}

std::string GateRequest::SessionBytes() const {
  ::vtgate::Session message = message_->session;
  EncodeSession(session, message);
  return message.SerializeAsString();
}

std::string EncodeExecute(const Error* error, std::string_view session, const ResultSet* result) {
  std::string out;
  PutError(1, error, out);
  PutField(2, session, out);
  if (result != nullptr) PutResult(3, *result, out);
  return out;
}

std::string EncodeMulti(const Error* error, std::string_view session,
                        std::span<const ResultSet> results) {
  std::string out;
  PutError(1, error, out);
  PutField(2, session, out);
  for (const ResultSet& result : results) PutResult(3, result, out);
  return out;
}

std::string EncodeBatch(std::string_view session, std::span<const Result<ResultSet>> results) {
  std::string out;
  PutField(2, session, out);
  std::string one;
  for (const Result<ResultSet>& result : results) {
    one.clear();
    if (result.ok())
      PutResult(2, *result, one);
    else
      PutError(1, &result.error(), one);
    PutField(3, one, out);
  }
  return out;
}

std::string EncodeClose(const Error* error) {
  std::string out;
  PutError(1, error, out);
  return out;
}

std::string EncodeStreamEnd(std::string_view session) {
  std::string out;
  PutField(2, session, out);
  return out;
}

std::string EncodeMultiPart(const MultiPart& part) {
  std::string outcome;
  PutError(1, part.error, outcome);
  if (part.error == nullptr) PutField(2, part.result, outcome);
  std::string out;
  PutField(1, outcome, out);
  if (part.more_results) out += {2 << 3, 1};
  if (part.new_result) out += {3 << 3, 1};
  return out;
}

std::string EncodeMultiEnd(std::string_view session) {
  std::string out;
  PutField(4, session, out);
  return out;
}

Error WireError(const Error& error) {
  std::string text = error.message();
  if (error.mysql_errno() != 0 && text.find("(errno ") == std::string::npos)
    text += fmt::format(" (errno {}) (sqlstate {})", error.mysql_errno(), error.sqlstate());
  return Error(error.code(), std::move(text));
}

}  // namespace tessera::vtgate
