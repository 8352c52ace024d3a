// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "mysqlconn/result_writer.h"
#include "mysqlconn/session.h"
#include "mysqlwire/binary_rows.h"
#include "mysqlwire/packet.h"
#include "runtime/stream.h"
#include "sqltypes/type.h"

namespace tessera::mysqlconn {

// The way of a connection's answers to its client: a buffer of packets, written when full or at the
// end of a command. A write that fails or takes longer than write_timeout (0 is no limit) breaks
// the stream for good (broken()).
class PacketOutput {
 public:
  PacketOutput(runtime::Stream& stream, Duration write_timeout)
      : stream_(&stream), write_timeout_(write_timeout) {}

  mysqlwire::PacketWriter& packets() { return packets_; }
  bool broken() const { return broken_; }
  void SetStream(runtime::Stream& stream) { stream_ = &stream; }

  // Writes all there is. `ctx` is the connection's, not a query's: half a packet would ruin the
  // stream.
  Task<Result<>> Flush(const Context& ctx);

 private:
  runtime::Stream* stream_;
  Duration write_timeout_;
  mysqlwire::PacketWriter packets_;
  bool broken_ = false;
};

// Where more packets of the client come from within a command.
class PacketInput {
 public:
  virtual Task<Result<std::string_view>> NextPacket(const Context& ctx) = 0;

 protected:
  ~PacketInput() = default;
};

// A column of a result that is a parameter of the statement and nothing else.
struct BoundColumn {
  uint16_t column = 0;
  mysqlwire::BoundType type;
};

// Answers of one command as text or binary protocol rows. The packet that ends a result waits until
// it is known whether another one follows.
class PacketResultWriter final : public ResultWriter {
 public:
  PacketResultWriter(const Context& connection_ctx, Session& session, PacketOutput& output,
                     PacketInput& input)
      : connection_ctx_(connection_ctx), session_(session), output_(output), input_(input) {}

  // Makes the writer ready for a command. `known`: the columns that the client knows of the
  // prepared statement it executes, if it is one. The first result leaves them out when the client
  // can do without (kMariadbCacheMetadata), and `known` is what the client knows then; outlives the
  // command. `bound`: columns of the first result that are parameters.
  void Begin(bool binary_rows, std::string* known = nullptr, std::vector<BoundColumn> bound = {});
  // Ends the command: the last result's end, or the error.
  void Finish(const Result<>& outcome);
  // What ends rows, without rows: the answer to COM_SET_OPTION.
  Result<> WriteEof();

  Result<> WriteOk(const OkInfo& ok) override;
  Result<> WriteFields(std::span<const sqltypes::Field> fields) override;
  Result<> WriteEncodedRow(std::string_view row) override;
  Result<> WriteCells(std::span<const sqltypes::Value> cells) override;
  Result<> EndRows() override;
  Result<mysqlwire::PacketWriter*> BeginRaw() override;
  void FinishRaw() override { pending_ = Pending::kRaw; }
  Task<Result<std::string_view>> NextFilePacket(const Context& ctx) override;
  Task<Result<>> Drain(const Context& ctx) override;

 private:
  enum class Pending : uint8_t { kNothing, kOk, kRowsEnd, kRaw };  // kRaw: is written already
  bool deprecate_eof() const;
  void WritePending(bool more_results);
  void NoteEnd(Pending pending);
  Result<> BeginResult();
  void WriteError(const Error& error);

  const Context& connection_ctx_;
  Session& session_;
  PacketOutput& output_;
  PacketInput& input_;
  void PutColumns(std::span<const sqltypes::Field> fields);
  bool binary_rows_ = false;
  std::string* known_ = nullptr;
  std::vector<BoundColumn> bound_;
  bool in_rows_ = false;
  Pending pending_ = Pending::kNothing;
  OkInfo ok_;
  std::string info_;
  uint16_t status_flags_ = 0;
  uint16_t warnings_ = 0;
  std::string changes_;                // of the session, to be told with the result's end
  std::vector<sqltypes::Type> types_;  // of the columns of the result under way
  std::vector<sqltypes::Value> cells_;
};

// Columns as such a client gets them, one run (mysqlwire::AppendToRun): equal runs say the same.
std::string DescribeColumns(std::span<const sqltypes::Field> fields, uint64_t capabilities);

// Longest run of bytes kept back while rows are written.
constexpr size_t kDrainBytes = 64 << 10;

}  // namespace tessera::mysqlconn
