// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "rpc/tls_files.h"

namespace tessera::rpc {

using runtime::TlsConfig;
using runtime::TlsContext;

Result<std::shared_ptr<const TlsContext>> LoadServerTls(const ServerTlsFiles& files) {
  if (files.certificate.empty() && files.key.empty()) {
    // Whoever asks for clients' certificates does not mean to serve in clear text.
    if (!files.ca.empty())
      return Errorf(Code::kInvalidArgument,
                    "clients are to be verified with '{}', but there is no certificate and key to "
                    "speak TLS with",
                    files.ca);
    return std::shared_ptr<const TlsContext>();
  }
  TlsConfig config;
  config.certificate_file = files.certificate;
  config.key_file = files.key;
  config.chain_file = files.server_ca;
  config.ca_file = files.ca;
  config.crl_file = files.crl;
  if (!files.ca.empty()) config.clients = runtime::TlsClients::kMustHaveCertificate;
  // HTTP/1.1 is for pages on the same port.
  config.alpn = {"h2", "http/1.1"};
  return TlsContext::ForServer(std::move(config));
}

Result<std::shared_ptr<const TlsContext>> LoadClientTls(const ClientTlsFiles& files) {
  const bool has_certificate = !files.certificate.empty() && !files.key.empty();
  if (!has_certificate && files.ca.empty()) return std::shared_ptr<const TlsContext>();
  TlsConfig config;
  config.certificate_file = files.certificate;
  config.key_file = files.key;
  config.ca_file = files.ca;
  config.crl_file = files.crl;
  config.server_name = files.server_name;
  config.alpn = {"h2"};
  return TlsContext::ForClient(std::move(config));
}

}  // namespace tessera::rpc
