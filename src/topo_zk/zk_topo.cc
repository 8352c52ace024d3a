// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "topo_zk/zk_topo.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include <fmt/core.h>

#include "topo_zk/internal/zk_conn.h"

namespace tessera::topo_zk {

namespace {

Result<> ReadAuth(const std::string& path, ZkOptions& options) {
  std::ifstream file(path);
  if (!file) {
    return Errorf(Code::kInvalidArgument, "--topo-zk-auth-file: {}: {}", path,
                  std::strerror(errno));
  }
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  const size_t colon = text.find(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == text.size()) {
    return Errorf(Code::kInvalidArgument, "--topo-zk-auth-file: {} does not hold scheme:auth", path)
        .WithHint("write one line like digest:user:password");
  }
  options.auth_scheme = text.substr(0, colon);
  options.auth = text.substr(colon + 1);
  return Ok{};
}

}  // namespace

Task<Result<ZkOptions>> ZkFlags::ToOptions() const {
  ZkOptions options;
  options.session_timeout = *base_timeout;
  options.max_concurrency = *max_concurrency;
  if (options.session_timeout < std::chrono::milliseconds(100)) {
    co_return Error(Code::kInvalidArgument, "--topo-zk-base-timeout: at least 100ms");
  }
  if (options.max_concurrency < 1) {
    co_return Error(Code::kInvalidArgument, "--topo-zk-max-concurrency: at least 1");
  }
  if (!auth_file->empty()) {
    CO_TRY_OK(ReadAuth(*auth_file, options));
  }
  CO_TRY(options.tls, co_await tls.ToConfig());
  co_return options;
}

Task<Result<std::unique_ptr<topo::Conn>>> ZkTopo::Connect(const Context&, std::string address,
                                                          std::string root) {
  CO_TRY(ZkOptions options, co_await flags_.ToOptions());
  CO_TRY(std::shared_ptr<ZkClient> client, ZkClient::Make(address, std::move(options)));
  co_return std::unique_ptr<topo::Conn>(
      std::make_unique<ZkConn>(std::move(client), std::move(root)));
}

}  // namespace tessera::topo_zk
