// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "mysqlconn/connection.h"
#include "mysqlconn/row_batch.h"
#include "mysqlwire/answer.h"
#include "mysqlwire/packet.h"
#include "mysqlwire/protocol.h"
#include "mysqlwire/response_reader.h"

namespace tessera::mysqlconn {

class Connection::Impl {
 public:
  Impl(const ConnectOptions& options, std::unique_ptr<runtime::Stream> stream)
      : options_(options), stream_(std::move(stream)), in_(options.max_packet) {}

  // Says goodbye, so that the server does not count an aborted client.
  ~Impl();

  Task<Result<>> Login(const Context& ctx);
  Task<Result<sqltypes::ResultSet>> Query(const Context& ctx, std::string_view sql,
                                          const QueryOptions& options);
  Task<Result<sqltypes::ResultSet>> NextResult(const Context& ctx, const QueryOptions& options);
  Task<Result<>> StreamQuery(const Context& ctx, std::string_view sql, RowSink& sink,
                             size_t batch_bytes);
  Task<Result<>> SendPacket(const Context& ctx, std::string_view packet);
  Task<Result<>> ReceivePackets(const Context& ctx, std::string& run);
  // A command whose answer is an OK.
  Task<Result<>> Simple(const Context& ctx, mysqlwire::Command command, std::string_view payload);

  bool usable() const { return stream_ != nullptr && !broken_; }
  bool more_results() const { return response_.more_results(); }
  const mysqlwire::AnswerTracker& answer() const { return answer_; }
  uint64_t capabilities() const { return capabilities_; }
  void Close();

  uint32_t thread_id() const { return thread_id_; }
  const std::string& version() const { return version_; }
  const ServerStatus& status() const { return status_; }
  const ConnectOptions& options() const { return options_; }

 private:
  Task<Result<>> Begin(const Context& ctx, mysqlwire::Command command, std::string_view payload,
                       bool keep_fields);
  Task<Result<>> DiscardResults(const Context& ctx);
  // Sends the packet in out_.
  Task<Result<>> Send(const Context& ctx);
  Result<> TakeIntoRun(std::string& run);
  // Reads more bytes. Sets interrupted_ when it is ctx that stopped it, else the connection is
  // lost.
  Task<Result<>> Fill(const Context& ctx);
  // Takes packets already there. Gives the event that ends it: kFields, kEnd, kError, or kMore for
  // "read on". Rows go into `rows` (none: thrown away).
  Result<mysqlwire::ResponseReader::Event> Take(RowBatch* rows, size_t max_rows);
  // Until the end of a result, its rows into `rows`.
  Task<Result<>> ReceiveResult(const Context& ctx, RowBatch& rows, size_t max_rows);
  Task<Result<>> ReceiveStream(const Context& ctx, RowSink& sink, size_t batch_bytes);
  Task<Result<>> Skip(const Context& ctx);
  // After the command was given up on: kills it, and waits for its end or closes.
  Task<> GiveUp();
  Result<> Break(Error error);

  ConnectOptions options_;
  std::unique_ptr<runtime::Stream> stream_;
  mysqlwire::PacketReader in_;
  mysqlwire::PacketWriter out_;
  mysqlwire::ResponseReader response_;
  mysqlwire::AnswerTracker answer_;  // of a relayed command
  bool logged_in_ = false;
  uint64_t capabilities_ = 0;
  uint32_t thread_id_ = 0;
  std::string version_;
  ServerStatus status_;
  bool broken_ = false;
  bool interrupted_ = false;
  bool too_many_rows_ = false;
};

}  // namespace tessera::mysqlconn
