// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "topo_zk/zk_tls_flags.h"

#include <memory>
#include <utility>

#include "runtime/loop.h"

namespace tessera::topo_zk {

using runtime::TlsConfig;
using runtime::TlsContext;

Task<Result<std::optional<TlsConfig>>> ZkTlsFlags::ToConfig() const {
  if (cert->empty() && key->empty() && ca->empty()) {
    // A name that nobody checks would look like safety.
    if (server_name->empty()) co_return std::optional<TlsConfig>();
    co_return Error(Code::kInvalidArgument,
                    "--topo-zk-tls-server-name is set, but nothing turns TLS to ZooKeeper on")
        .WithHint("set --topo-zk-tls-ca to the authority of the servers' certificates");
  }
  TlsConfig config;
  config.certificate_file = *cert;
  config.key_file = *key;
  config.ca_file = *ca;
  config.server_name = *server_name;
  const auto load = [&config] { return TlsContext::ForClient(config); };
  Result<std::shared_ptr<const TlsContext>> loaded = co_await runtime::RunBlocking(load);
  if (!loaded.ok()) {
    co_return std::move(loaded).error().WithHint(
        "correct --topo-zk-tls-cert, --topo-zk-tls-key and --topo-zk-tls-ca: PEM files, the key "
        "without a passphrase");
  }
  co_return std::optional<TlsConfig>(std::move(config));
}

}  // namespace tessera::topo_zk
