// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "queryservice/query_service.h"

// The messages of queryservice.Query as bytes, written and read by hand because they are the hot
// path: protobuf's encoding, Vitess v24's field numbers. Unknown fields are skipped; bytes that are
// no message are kInvalidArgument.
namespace tessera::queryservice {

// Field numbers of one kind of request. Zero: the message has no such field. The caller ids and the
// target are 1, 2 and 3 in all of them.
struct RequestLayout {
  uint8_t query = 0;
  uint8_t transaction_id = 0;
  uint8_t options = 0;
  uint8_t reserved_id = 0;
  uint8_t pre_queries = 0;
  uint8_t post_begin_queries = 0;
};

// Field numbers of one kind of response.
struct ResponseLayout {
  uint8_t error = 0;
  uint8_t result = 0;
  uint8_t transaction_id = 0;
  uint8_t reserved_id = 0;
  uint8_t alias = 0;
  uint8_t session_state_changes = 0;
};

// A method of the service: its path and the shapes of its messages.
struct Method {
  std::string_view path;
  RequestLayout request;
  ResponseLayout response;
};

extern const Method kExecute;
extern const Method kStreamExecute;
extern const Method kBegin;
extern const Method kCommit;
extern const Method kRollback;
extern const Method kBeginExecute;
extern const Method kBeginStreamExecute;
extern const Method kReserveExecute;
extern const Method kReserveStreamExecute;
extern const Method kReserveBeginExecute;
extern const Method kReserveBeginStreamExecute;
extern const Method kRelease;
// Our own beside Vitess's (docs/decisions/0007).
extern const Method kAttach;
extern const Method kDescribe;
inline constexpr std::string_view kStreamHealthPath = "/queryservice.Query/StreamHealth";
inline constexpr std::string_view kGetSchemaPath = "/queryservice.Query/GetSchema";

// A request read from bytes, which must stay. Not movable: request() points into it.
class DecodedRequest {
 public:
  DecodedRequest() = default;
  DecodedRequest(const DecodedRequest&) = delete;
  DecodedRequest& operator=(const DecodedRequest&) = delete;

  Result<> Decode(std::string_view bytes, const RequestLayout& layout);
  const Request& request() const { return request_; }

 private:
  Result<> DecodeQuery(std::string_view bytes);
  Result<> DecodeVar(std::string_view bytes);

  Request request_;
  keys::Target target_;
  Caller caller_;
  ExecuteOptions options_;
  sqltypes::BindVars vars_;
  std::deque<std::vector<sqltypes::Value>> lists_;
  std::vector<std::string> pre_queries_;
  std::vector<std::string> post_begin_queries_;
};

std::string EncodeRequest(const Request& request, const RequestLayout& layout);

// What a response held; which parts can be there depends on its layout.
struct DecodedResponse {
  State state;
  std::optional<sqltypes::ResultSet> result;
};

// The rows of a result stay where they are: `memory` keeps `bytes` alive.
Result<DecodedResponse> DecodeResponse(std::string_view bytes, const ResponseLayout& layout,
                                       std::shared_ptr<const void> memory);

// `state` may be missing, and so may `result`. Rows as cells are encoded on the way.
std::string EncodeResponse(const State* state, const sqltypes::ResultSet* result,
                           const ResponseLayout& layout);
// A response that holds only a run of encoded rows.
std::string EncodeRowsResponse(std::string_view run, const ResponseLayout& layout);

// query.QueryResult alone.
Result<sqltypes::ResultSet> DecodeQueryResult(std::string_view bytes,
                                              std::shared_ptr<const void> memory);
void AppendQueryResult(const sqltypes::ResultSet& result, std::string& out);

// The first message of a tablet on an attached stream. All others are a piece of a run of packets
// (mysqlwire::RunReader).
std::string EncodeAttachedTo(const AttachedTo& about);
Result<AttachedTo> DecodeAttachedTo(std::string_view bytes);

// A message of the client on an attached stream, behind the first, which is a request.
struct AttachedCommand {
  std::string_view bytes;  // of a packet
  bool continues = false;  // more of the packet comes with the next message
  bool interrupt = false;  // no packet: end the command under way
};
std::string EncodeAttachedCommand(const AttachedCommand& command);
Result<AttachedCommand> DecodeAttachedCommand(std::string_view bytes);

std::string EncodeHealth(const Health& health);
Result<Health> DecodeHealth(std::string_view bytes);

struct SchemaRequest {
  keys::Target target;
  bool has_target = false;
  SchemaTables kind = SchemaTables::kViews;
  std::vector<std::string> tables;
};
std::string EncodeSchemaRequest(const keys::Target& target, SchemaTables kind,
                                std::span<const std::string> tables);
Result<SchemaRequest> DecodeSchemaRequest(std::string_view bytes);
std::string EncodeSchemaResponse(std::span<const TableDefinition> tables);
Result<std::vector<TableDefinition>> DecodeSchemaResponse(std::string_view bytes);

}  // namespace tessera::queryservice
