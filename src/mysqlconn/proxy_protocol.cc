// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "mysqlconn/proxy_protocol.h"

#include <span>
#include <string>

namespace tessera::mysqlconn {

Task<Result<mysqlwire::ProxyHeader>> ReadProxyHeader(const Context& ctx, runtime::Stream& stream) {
  std::string bytes;
  for (;;) {
    CO_TRY(const size_t missing, mysqlwire::ProxyBytesMissing(bytes));
    if (missing == 0) break;
    const size_t had = bytes.size();
    bytes.resize(had + missing);
    CO_TRY(const size_t count, co_await stream.Read(ctx, std::span(bytes).subspan(had)));
    if (count == 0) co_return Error(Code::kCancelled, "the client left before its PROXY header");
    bytes.resize(had + count);
  }
  co_return mysqlwire::ParseProxyHeader(bytes);
}

}  // namespace tessera::mysqlconn
