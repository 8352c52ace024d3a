// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "queryservice/codec.h"
#include "queryservice/internal/shared_messages.h"
#include "queryservice/internal/wire_reader.h"
#include "queryservice/internal/wire_writer.h"
#include "sqltypes/row_codec.h"

namespace tessera::queryservice {

using internal::BytesKey;
using internal::DecodeAlias;
using internal::EncodeAlias;
using internal::Finished;
using internal::LayoutKey;
using internal::PutBytes;
using internal::PutBytesAlways;
using internal::PutHeader;
using internal::PutNumber;
using internal::PutSigned;
using internal::VarintKey;
using internal::WireReader;

namespace {

constexpr uint32_t kRowsField = 4;

void AppendField(const sqltypes::Field& field, std::string& body, std::string& out) {
  body.clear();
  PutBytes(body, 1, field.name);
  PutNumber(body, 2, static_cast<uint64_t>(field.type));
  PutBytes(body, 3, field.table);
  PutBytes(body, 4, field.org_table);
  PutBytes(body, 5, field.database);
  PutBytes(body, 6, field.org_name);
  PutNumber(body, 7, field.column_length);
  PutNumber(body, 8, field.charset);
  PutNumber(body, 9, field.decimals);
  PutNumber(body, 10, field.flags);
  PutBytes(body, 11, field.column_type);
  PutBytesAlways(out, 1, body);
}

Result<sqltypes::Field> DecodeField(std::string_view bytes) {
  sqltypes::Field field;
  WireReader reader(bytes);
  while (reader.Next()) {
    const auto number = static_cast<uint32_t>(reader.number());
    switch (reader.key()) {
      case BytesKey(1):
        field.name = reader.bytes();
        break;
      case VarintKey(2):
        field.type = static_cast<sqltypes::Type>(number);
        break;
      case BytesKey(3):
        field.table = reader.bytes();
        break;
      case BytesKey(4):
        field.org_table = reader.bytes();
        break;
      case BytesKey(5):
        field.database = reader.bytes();
        break;
      case BytesKey(6):
        field.org_name = reader.bytes();
        break;
      case VarintKey(7):
        field.column_length = number;
        break;
      case VarintKey(8):
        field.charset = number;
        break;
      case VarintKey(9):
        field.decimals = number;
        break;
      case VarintKey(10):
        field.flags = number;
        break;
      case BytesKey(11):
        field.column_type = reader.bytes();
        break;
      default:
        break;
    }
  }
  TRY_OK(Finished(reader, "query.Field"));
  return field;
}

// Rows met while a QueryResult is read. They stay in place as long as they follow one another; a
// peer that puts other fields between them costs a copy.
class RowCollector {
 public:
  void Add(std::string_view entry, std::string_view body) {
    ++count_;
    const bool canonical = entry.front() == sqltypes::kRowTag;
    if (copy_.empty() && canonical && (run_.empty() || run_.data() + run_.size() == entry.data())) {
      run_ = {run_.empty() ? entry.data() : run_.data(), run_.size() + entry.size()};
      return;
    }
    if (copy_.empty()) copy_.assign(run_);
    PutBytesAlways(copy_, kRowsField, body);
  }
  void MoveTo(sqltypes::ResultSet& result, std::shared_ptr<const void> memory) {
    if (!copy_.empty()) {
      result.SetEncodedRows(std::move(copy_), count_);
    } else {
      result.SetEncodedRows(run_, count_, std::move(memory));
    }
  }

 private:
  size_t count_ = 0;
  std::string_view run_;
  std::string copy_;
};

void EncodeRpcError(const Error& error, uint32_t field, std::string& out) {
  std::string body;
  PutBytes(body, 2, error.message());
  PutNumber(body, 3, static_cast<uint64_t>(error.code()));
  PutBytesAlways(out, field, body);
}

Result<> DecodeRpcError(std::string_view bytes, std::optional<Error>& error) {
  std::string message;
  Code code = Code::kUnknown;
  WireReader reader(bytes);
  while (reader.Next()) {
    if (reader.key() == BytesKey(2)) message = reader.bytes();
    if (reader.key() == VarintKey(3) && reader.number() <= static_cast<uint64_t>(Code::kReadOnly))
      code = static_cast<Code>(reader.number());
  }
  TRY_OK(Finished(reader, "vtrpc.RPCError"));
  // An error that says it is none is still one: it was set.
  if (code == Code::kOk) code = Code::kUnknown;
  error.emplace(code, std::move(message));
  return Ok{};
}

std::string EncodeRows(const sqltypes::ResultSet& result) {
  std::string run;
  for (size_t i = 0; i < result.row_count(); ++i) sqltypes::AppendRowEntry(result.row(i), run);
  return run;
}

// Fields between gates and tablets of ours, which others skip. Of a QueryResult, and of the answers
// to Commit and Rollback: what SHOW WARNINGS says behind the statement.
constexpr uint32_t kWarningsField = 1000;
// Of a QueryResult: the statement gave its row the id insert_id tells, and LAST_INSERT_ID() stays
// as it was.
constexpr uint32_t kGivenIdField = 1001;

void AppendWarning(const sqltypes::Warning& warning, std::string& out) {
  std::string body;
  PutBytes(body, 1, warning.level);
  PutNumber(body, 2, warning.code);
  PutBytes(body, 3, warning.message);
  PutBytesAlways(out, kWarningsField, body);
}

Result<sqltypes::Warning> DecodeWarning(std::string_view bytes) {
  sqltypes::Warning warning;
  WireReader reader(bytes);
  while (reader.Next()) {
    if (reader.key() == BytesKey(1)) warning.level = reader.bytes();
    if (reader.key() == VarintKey(2)) warning.code = static_cast<uint16_t>(reader.number());
    if (reader.key() == BytesKey(3)) warning.message = reader.bytes();
  }
  TRY_OK(Finished(reader, "warning"));
  return warning;
}

}  // namespace

Result<sqltypes::ResultSet> DecodeQueryResult(std::string_view bytes,
                                              std::shared_ptr<const void> memory) {
  sqltypes::ResultSet result;
  RowCollector rows;
  bool given_id = false;
  WireReader reader(bytes);
  while (reader.Next()) {
    switch (reader.key()) {
      case BytesKey(1): {
        TRY(sqltypes::Field field, DecodeField(reader.bytes()));
        result.fields.push_back(std::move(field));
        break;
      }
      case VarintKey(2):
        result.affected_rows = reader.number();
        break;
      case VarintKey(3):
        result.insert_id = reader.number();
        break;
      case BytesKey(kRowsField):
        rows.Add(reader.entry(), reader.bytes());
        break;
      case BytesKey(6):
        result.info = reader.bytes();
        break;
      case BytesKey(7):
        result.session_state_changes = reader.bytes();
        break;
      case VarintKey(8):
        result.insert_id_changed = reader.number() != 0;
        break;
      case BytesKey(kWarningsField): {
        TRY(sqltypes::Warning warning, DecodeWarning(reader.bytes()));
        result.warnings.push_back(std::move(warning));
        break;
      }
      case VarintKey(kGivenIdField):
        given_id = reader.number() != 0;
        break;
      default:
        break;
    }
  }
  TRY_OK(Finished(reader, "query.QueryResult"));
  // Tablets of other makes may tell an id without saying that it is new.
  if (result.insert_id != 0 && !given_id) result.insert_id_changed = true;
  rows.MoveTo(result, std::move(memory));
  return result;
}

namespace {

// Field `number` with the whole QueryResult in it; the rows are copied once.
void PutQueryResult(const sqltypes::ResultSet& result, uint32_t number, std::string& out) {
  std::string head;
  std::string scratch;
  for (const sqltypes::Field& field : result.fields) AppendField(field, scratch, head);
  PutNumber(head, 2, result.affected_rows);
  PutNumber(head, 3, result.insert_id);
  std::string made;
  std::string_view run = result.encoded_rows();
  if (!result.encoded()) {
    made = EncodeRows(result);
    run = made;
  }
  std::string tail;
  PutBytes(tail, 6, result.info);
  PutBytes(tail, 7, result.session_state_changes);
  PutNumber(tail, 8, result.insert_id_changed ? 1 : 0);
  for (const sqltypes::Warning& warning : result.warnings) AppendWarning(warning, tail);
  PutNumber(tail, kGivenIdField, result.insert_id != 0 && !result.insert_id_changed ? 1 : 0);
  out.reserve(out.size() + head.size() + run.size() + tail.size() + 16);
  if (number != 0) PutHeader(out, number, head.size() + run.size() + tail.size());
  out.append(head).append(run).append(tail);
}

}  // namespace

void AppendQueryResult(const sqltypes::ResultSet& result, std::string& out) {
  PutQueryResult(result, 0, out);
}

Result<DecodedResponse> DecodeResponse(std::string_view bytes, const ResponseLayout& layout,
                                       std::shared_ptr<const void> memory) {
  DecodedResponse response;
  State& state = response.state;
  WireReader reader(bytes);
  while (reader.Next()) {
    const uint64_t key = reader.key();
    if (key == LayoutKey(layout.result, true)) {
      TRY(response.result, DecodeQueryResult(reader.bytes(), memory));
    } else if (key == LayoutKey(layout.error, true)) {
      TRY_OK(DecodeRpcError(reader.bytes(), state.error));
    } else if (key == LayoutKey(layout.transaction_id, false)) {
      state.transaction_id = reader.signed_number();
    } else if (key == LayoutKey(layout.reserved_id, false)) {
      state.reserved_id = reader.signed_number();
    } else if (key == LayoutKey(layout.alias, true)) {
      TRY(state.alias, DecodeAlias(reader.bytes()));
    } else if (key == LayoutKey(layout.session_state_changes, true)) {
      state.session_state_changes = reader.bytes();
    } else if (key == BytesKey(kWarningsField)) {
      TRY(sqltypes::Warning warning, DecodeWarning(reader.bytes()));
      state.warnings.push_back(std::move(warning));
    }
  }
  TRY_OK(Finished(reader, "response"));
  return response;
}

std::string EncodeResponse(const State* state, const sqltypes::ResultSet* result,
                           const ResponseLayout& layout) {
  std::string out;
  if (layout.error != 0 && state != nullptr && state->error)
    EncodeRpcError(*state->error, layout.error, out);
  if (layout.result != 0 && result != nullptr) PutQueryResult(*result, layout.result, out);
  if (state == nullptr) return out;
  if (layout.transaction_id != 0) PutSigned(out, layout.transaction_id, state->transaction_id);
  if (layout.reserved_id != 0) PutSigned(out, layout.reserved_id, state->reserved_id);
  if (layout.alias != 0) EncodeAlias(state->alias, layout.alias, out);
  if (layout.session_state_changes != 0)
    PutBytes(out, layout.session_state_changes, state->session_state_changes);
  for (const sqltypes::Warning& warning : state->warnings) AppendWarning(warning, out);
  return out;
}

std::string EncodeRowsResponse(std::string_view run, const ResponseLayout& layout) {
  std::string out;
  out.reserve(run.size() + 16);
  PutBytesAlways(out, layout.result, run);
  return out;
}

}  // namespace tessera::queryservice
