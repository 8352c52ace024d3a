// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "rpc/server_flags.h"

#include <algorithm>

#include "rpc/tls_files.h"

namespace tessera::rpc {

void ServerFlags::Register(flags::FlagSet& set) {
  set.Add(port, bind_address, max_message, keepalive);
  set.Add(cert, key, ca, crl, server_ca, optional_tls);
}

size_t ServerFlags::max_message_bytes() const {
  return static_cast<size_t>(std::max(1, *max_message));
}

Result<ServerOptions> ServerFlags::ToOptions() const {
  ServerOptions options;
  options.max_receive_bytes = max_message_bytes();
  options.max_send_bytes = max_message_bytes();
  options.keepalive_time = *keepalive;
  options.tls_optional = *optional_tls;
  ServerTlsFiles files;
  files.certificate = *cert;
  files.key = *key;
  files.ca = *ca;
  files.crl = *crl;
  files.server_ca = *server_ca;
  TRY(options.tls, LoadServerTls(files));
  return options;
}

}  // namespace tessera::rpc
