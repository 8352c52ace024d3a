// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "mysqlconn/packet_result_writer.h"

namespace tessera::mysqlconn {

// The answer to a statement that was executed with a cursor: the client gets the columns now and
// the rows, which are kept here in the binary form, when it fetches them. Only the first result can
// have a cursor. Lives within one connection.
class CursorRows final : public ResultWriter {
 public:
  // Most bytes of rows that a cursor keeps.
  static constexpr size_t kMostBytes = 256 << 20;

  CursorRows(const Session& session, PacketResultWriter& writer, mysqlwire::PacketWriter& packets)
      : session_(session), writer_(writer), packets_(packets) {}

  // The statement returned rows, and this holds them.
  bool open() const { return open_; }
  // Writes up to `count` rows and an end that tells whether they were the last.
  void Fetch(uint32_t count);

  Result<> WriteOk(const OkInfo& ok) override;
  Result<> WriteFields(std::span<const sqltypes::Field> fields) override;
  Result<> WriteEncodedRow(std::string_view row) override;
  Result<> WriteCells(std::span<const sqltypes::Value> cells) override;
  Result<> EndRows() override;
  Result<mysqlwire::PacketWriter*> BeginRaw() override;
  void FinishRaw() override;
  Task<Result<std::string_view>> NextFilePacket(const Context& ctx) override;
  Task<Result<>> Drain(const Context& ctx) override;

 private:
  Result<> Keep(size_t begin);
  void PutEnd(uint16_t flags);

  const Session& session_;
  PacketResultWriter& writer_;
  mysqlwire::PacketWriter& packets_;
  bool open_ = false;
  std::vector<sqltypes::Type> types_;
  mysqlwire::ByteBuffer rows_;
  std::vector<size_t> ends_;  // of each row in rows_
  size_t next_ = 0;           // row to fetch
};

}  // namespace tessera::mysqlconn
