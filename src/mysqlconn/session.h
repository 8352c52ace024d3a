// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/executor.h"
#include "mysqlwire/binary_rows.h"

namespace tessera::mysqlconn {

// What a handler keeps with a client's connection; derive from it.
class HandlerState {
 public:
  virtual ~HandlerState() = default;
};

// Who logged in, as the auth server tells it.
struct Identity {
  std::string user;    // the name given at login
  std::string caller;  // UserData of the auth file, or the user
  std::vector<std::string> groups;
};

// One client's connection as its handler sees it; lives until Handler::Closed has returned. Belongs
// to the connection's loop.
struct Session {
  uint32_t id = 0;
  Identity identity;
  std::string peer;         // "10.0.0.7:51432", or the socket's path
  bool secure = false;      // TLS or Unix socket
  std::string tls_version;  // "TLSv1.3"; empty without TLS
  std::string tls_cipher;
  std::string certificate_name;  // common name of the client's certificate, if it showed one
  std::string database;          // asked for at login; afterwards the handler's to keep
  uint64_t capabilities = 0;     // what both sides agreed on
  uint16_t collation = 0;        // of the handshake
  std::vector<std::pair<std::string, std::string>> attributes;

  // Of the statement under way, from clients of kClientQueryAttributes.
  std::vector<mysqlwire::QueryAttribute> query_attributes;

  // Sent with every OK and EOF; a handler sets autocommit and in-transaction here.
  uint16_t status_flags = 0x0002;
  uint16_t warnings = 0;

  // What has changed of the session, for clients that track it (mysqlwire::AppendTracked...): sent
  // with the next OK, and empty then. A handler adds to it.
  std::string changes;

  std::unique_ptr<HandlerState> state;

  // Set by a handler: it wants to see every command before it is taken apart (Handler::Relay).
  bool relays = false;
  // The statement prepared last is not the connection's: Handler::Relay or Prepare has answered.
  bool prepared_elsewhere = false;
  // Set by a handler: how long the client may be silent before it is let go. 0: no limit of its
  // own.
  Duration wait_timeout{0};

  // Set by a handler: the client's session is lost, so the connection ends with this answer.
  bool ends = false;

  // Set by a handler: answers have no columns. Only for clients of kClientOptionalMetadata.
  bool leaves_out_columns = false;

  bool multi_statements = false;  // may a query text hold several statements
  bool found_rows = false;        // affected rows of an UPDATE count the rows matched
};

}  // namespace tessera::mysqlconn
