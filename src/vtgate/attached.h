// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "discovery/tablet_gateway.h"
#include "keys/target.h"
#include "mysqlconn/result_writer.h"
#include "mysqlconn/session.h"
#include "mysqlwire/answer.h"
#include "sqltypes/result_set.h"

namespace tessera::vtgate {

// What the end of a relayed answer told.
struct RelayedEnd {
  uint16_t status_flags = 0;
  uint16_t warnings = 0;
  uint64_t insert_id = 0;
  uint16_t error_number = 0;  // 0: no error
  bool known = false;         // the answer had an end that tells of the session: no error, for one
};

// A connection that a client's session has to itself at the server of one shard
// (docs/decisions/0007): what is bound to a connection lives there, and commands and answers pass
// as they are. Of one loop; one command at a time.
class Attached {
 public:
  Attached(keys::Target target, discovery::TabletGateway::AttachedTablet tablet)
      : target_(std::move(target)), tablet_(std::move(tablet)) {}

  const keys::Target& target() const { return target_; }
  const queryservice::AttachedTo& about() const { return tablet_.attachment->about(); }
  // The connection is gone, and with it the session's state.
  bool lost() const { return lost_; }
  // A transaction is open there, as far as the last answer told.
  bool in_transaction() const { return in_transaction_; }

  // What gate and server know apart from each other, where statements of other keyspaces are run
  // by the gate (elsewhere.cc).
  struct Apart {
    std::set<std::string> settings;  // set at the server since the gate has read them
    bool insert_id = false;          // the session's is of a statement that the gate ran
    bool last = false;               // the gate ran the statement before
  };
  Apart& apart() { return apart_; }
  const Apart& apart() const { return apart_; }

  // Sends a command and passes its answer to the client. `more`: other results follow it. The
  // server's error is an answer; an error returned means that the connection is lost, or the
  // client.
  Task<Result<RelayedEnd>> Relay(const Context& ctx, const mysqlconn::Session& client,
                                 std::string_view packet, bool more,
                                 mysqlconn::ResultWriter& writer);

  // Whether texts may hold several statements from here on.
  Task<Result<>> AllowSeveralStatements(const Context& ctx, bool allow);
  bool allows_several() const { return allows_several_; }

  // Runs a statement of the gate's own there.
  Task<Result<sqltypes::ResultSet>> Execute(const Context& ctx, std::string_view sql);

 private:
  bool HasMoreResults(std::string_view packet) const;
  void NotePrepared(std::string_view packet, const mysqlwire::AnswerRelay& relay);
  std::string* KnownColumns(std::string_view packet, std::string& prepared);
  void NoteKnown(std::string_view packet, const mysqlwire::AnswerRelay& relay,
                 std::string prepared);
  Task<Result<>> SendFile(const Context& ctx, mysqlwire::AnswerTracker& tracker,
                          mysqlconn::ResultWriter& writer);
  Error Lost(const Error& why);
  Task<Result<>> Send(const Context& ctx, std::string_view packet);
  Task<Result<std::string>> Receive(const Context& ctx);

  keys::Target target_;
  discovery::TabletGateway::AttachedTablet tablet_;
  mysqlwire::RunReader packets_;
  // The columns of statements prepared here, as far as their client knows them and can do without
  // (mysqlwire::kMariadbCacheMetadata), by the statements' ids.
  std::map<uint32_t, std::string> known_columns_;
  std::set<uint32_t> calls_;  // those of statements prepared here that are a CALL
  uint32_t last_prepared_ = 0;
  bool lost_ = false;
  bool allows_several_ = false;
  bool in_transaction_ = false;
  Apart apart_;
};

}  // namespace tessera::vtgate
