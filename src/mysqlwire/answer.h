// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "mysqlwire/bytes.h"
#include "mysqlwire/packet.h"
#include "mysqlwire/response.h"

namespace tessera::mysqlwire {

// What a packet of a server's answer is.
enum class AnswerPacket : uint8_t {
  kOk,
  kError,
  kColumnCount,
  kColumn,       // a column or a parameter of a statement
  kColumnsEnd,   // the EOF behind them, of peers without DEPRECATE_EOF
  kRow,          // text or binary
  kRowsEnd,      // behind rows, or in their place when a cursor was opened
  kFileRequest,  // LOAD DATA LOCAL: the file's packets and an empty one come next, from the client
  kPrepared,
  kText,  // of COM_STATISTICS
};

// Follows the answer to any command packet by packet, without I/O, so that a relay knows what each
// packet is and when the answer has ended. Sources: MySQL's "Client/Server Protocol", "Command
// Phase", and MariaDB's "Server Response Packets".
class AnswerTracker {
 public:
  // Before the answer to `command`. Some commands have none: then done() at once.
  void Begin(uint8_t command, uint64_t capabilities);

  // An error means that the server does not keep to the protocol.
  Result<AnswerPacket> OnPacket(std::string_view packet);
  // The client has sent its file's last packet.
  void FileSent() { file_wanted_ = false; }

  bool done() const { return phase_ == Phase::kDone; }
  bool file_wanted() const { return file_wanted_; }
  // The packet was the last definition of a statement's parameters, or of a list of columns.
  bool ended_definitions() const { return ended_definitions_; }
  bool prepares() const { return prepares_; }
  // Of the latest OK or EOF; text in it points into its packet.
  const OkPacket& end() const { return end_; }

 private:
  enum class Phase : uint8_t {
    kDone,
    kHeader,
    kSingle,
    kText,
    kColumns,
    kColumnsEof,
    kRows,
    kListed
  };
  Result<AnswerPacket> OnHeader(std::string_view packet);
  Result<AnswerPacket> OnOk(std::string_view packet);
  Result<AnswerPacket> OnPrepared(std::string_view packet);
  Result<AnswerPacket> OnRow(std::string_view packet);
  void BeginDefinitions(uint64_t count);
  void EndDefinitions();
  AnswerPacket Fail();

  Phase phase_ = Phase::kDone;
  uint64_t capabilities_ = 0;
  bool prepares_ = false;  // the command is COM_STMT_PREPARE
  bool file_wanted_ = false;
  bool ended_definitions_ = false;
  uint64_t definitions_ = 0;  // still to come
  uint64_t columns_ = 0;      // COM_STMT_PREPARE: behind the parameters
  OkPacket end_;
};

// Packets one after the other with their lengths, as they go between processes of ours: four bytes
// of length, the lowest first, then the payload, however long.
void AppendToRun(std::string_view packet, std::string& run);

// Takes a run apart that comes in pieces.
class RunReader {
 public:
  void Append(std::string_view bytes);
  // The next whole packet, or nothing yet; an error when it is longer than `max_packet`. The view
  // holds until Append is called.
  Result<std::optional<std::string_view>> Next(size_t max_packet);

 private:
  std::string bytes_;
  size_t taken_ = 0;
};

// Rewrites a server's answer for a client that agreed on other capabilities, and to whom the
// server's database has another name.
class AnswerRelay {
 public:
  struct Names {
    std::string server;  // the database at the server
    std::string client;  // what the client calls it
  };
  AnswerRelay(uint64_t server_capabilities, uint64_t client_capabilities, Names names)
      : server_(server_capabilities), client_(client_capabilities), names_(std::move(names)) {}

  // `more`: another result follows what the server believes to be the last one.
  void Begin(uint8_t command, bool more);
  // For a client of kMariadbCacheMetadata: `known` is what it knows of the statement's columns. The
  // answer to an execution leaves columns out that it knows, and `known` is what it knows then.
  // Until the next Begin.
  void LeaveOutKnown(std::string& known) { known_ = &known; }
  // For a client of kClientOptionalMetadata, until the next Begin: no columns.
  void LeaveOutColumns() { columns_left_out_ = true; }
  // Until the next Begin: the status to tell behind the first result's columns, where a client
  // without kClientDeprecateEof wants one and a server with it says nothing yet. Clients that do
  // not care for the rows look there for whether another result follows.
  void ExpectStatus(uint16_t flags) { expected_ = flags; }
  // Appends what the client is to get.
  Result<> OnPacket(std::string_view packet, PacketWriter& out);

  AnswerTracker& tracker() { return tracker_; }
  bool failed() const { return failed_; }  // the answer ended with an error
  uint16_t error_number() const { return error_number_; }
  uint32_t prepared() const { return prepared_; }  // id of the statement, behind a prepare

 private:
  void AppendColumnTo(ByteBuffer& out, std::string_view packet) const;
  void TakeColumn(std::string_view packet, PacketWriter& out);
  void PutColumns(PacketWriter& out);
  void PutColumnCount(std::string_view packet, bool follow, PacketWriter& out) const;
  bool HoldsRow(AnswerPacket kind) const;
  void NotePrepared(std::string_view packet);
  void PutError(std::string_view packet, PacketWriter& out);
  void PutEnd(bool behind_rows, PacketWriter& out) const;
  void PutColumnsEnd(PacketWriter& out);

  uint64_t server_;
  uint64_t client_;
  Names names_;
  AnswerTracker tracker_;
  bool more_ = false;
  uint16_t expected_ = 0;
  bool failed_ = false;
  uint16_t error_number_ = 0;
  bool columns_end_due_ = false;
  bool columns_left_out_ = false;
  bool executes_ = false;                // the command is COM_STMT_EXECUTE
  std::optional<std::string> held_row_;  // the first one, in front of which an EOF is due
  std::string* known_ = nullptr;
  std::string head_;     // the number of columns, kept until it is known whether they follow
  std::string columns_;  // a run of those that came so far
  uint32_t prepared_ = 0;
  uint16_t parameters_ = 0;  // of a statement prepared, still to come
};

}  // namespace tessera::mysqlwire
