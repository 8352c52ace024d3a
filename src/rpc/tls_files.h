// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "runtime/tls.h"

namespace tessera::rpc {

// A server's flags --grpc-cert, --grpc-key, --grpc-ca, --grpc-crl, --grpc-server-ca, in this order.
struct ServerTlsFiles {
  std::string certificate;
  std::string key;
  std::string ca;         // when set, clients must have a certificate of it
  std::string crl;        // of clients
  std::string server_ca;  // sent after our certificate
};

// A client's flags of a family, such as --tablet-grpc-cert, -key, -ca, -crl, -server-name.
struct ClientTlsFiles {
  std::string certificate;
  std::string key;
  std::string ca;           // of servers; the system's authorities without it
  std::string crl;          // of servers
  std::string server_name;  // what servers' certificates must be for, instead of their host
};

// For ServerOptions::tls and ChannelOptions::tls. Nothing, which is clear text, unless a server has
// a certificate or a key, and a client has both of them or a CA. Errors name the file. Reads files:
// for the start of a program.
Result<std::shared_ptr<const runtime::TlsContext>> LoadServerTls(const ServerTlsFiles& files);
Result<std::shared_ptr<const runtime::TlsContext>> LoadClientTls(const ClientTlsFiles& files);

}  // namespace tessera::rpc
