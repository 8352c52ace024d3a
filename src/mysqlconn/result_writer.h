// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "mysqlwire/packet.h"
#include "sqltypes/field.h"
#include "sqltypes/result_set.h"
#include "sqltypes/value.h"

namespace tessera::mysqlconn {

// What a statement without rows answers.
struct OkInfo {
  uint64_t affected_rows = 0;
  uint64_t insert_id = 0;
  std::string_view info = {};
};

// Where a handler puts the answers of one command, in order. Several results one after the other
// become a multi-result. Bytes are collected and leave in one write at the end of the command; a
// handler that streams awaits Drain now and then, which writes once enough has come together.
// Errors are not written here: return them from the handler. Session::status_flags and warnings are
// read when a result ends.
class ResultWriter {
 public:
  virtual ~ResultWriter() = default;

  // A statement without rows.
  virtual Result<> WriteOk(const OkInfo& ok) = 0;

  // Begins a result set; ends with EndRows.
  virtual Result<> WriteFields(std::span<const sqltypes::Field> fields) = 0;
  // One row as the body of a query.Row message.
  virtual Result<> WriteEncodedRow(std::string_view row) = 0;
  // One row as cells, in the order of the fields.
  virtual Result<> WriteCells(std::span<const sqltypes::Value> cells) = 0;
  virtual Result<> EndRows() = 0;

  // A result whose packets the handler writes itself, its end included, as the client's
  // capabilities want them; `more` results may follow. FinishRaw ends it.
  virtual Result<mysqlwire::PacketWriter*> BeginRaw() = 0;
  virtual void FinishRaw() = 0;
  // The client's next packet, for a file that a result has asked it for: what was collected goes
  // out first. Valid until the next call.
  virtual Task<Result<std::string_view>> NextFilePacket(const Context& ctx) = 0;

  // Writes what was collected if it is much; the await is the back-pressure of a slow client.
  virtual Task<Result<>> Drain(const Context& ctx) = 0;

  // Fields, rows and end, or the OK of a result without fields.
  Task<Result<>> WriteResult(const Context& ctx, const sqltypes::ResultSet& result);
};

}  // namespace tessera::mysqlconn
