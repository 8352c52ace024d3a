// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tessera::mysqlwire {

// What a proxy says of a connection before the connection's own first byte: versions 1 and 2 of
// HAProxy's PROXY protocol (doc/proxy-protocol.txt of HAProxy).
struct ProxyHeader {
  // "10.0.0.7:51432", "[2001:db8::7]:51432", "unix:/path". Empty when the proxy speaks for itself
  // (LOCAL) or does not know (UNKNOWN): then the connection's own peer is the one.
  std::string source;
};

// How many bytes of a header are missing at the least when `bytes` have come, so that a reader
// never takes what is not the header's; 0 when it is whole. kInvalidArgument as soon as it can be
// none.
Result<size_t> ProxyBytesMissing(std::string_view bytes);

// A whole header.
Result<ProxyHeader> ParseProxyHeader(std::string_view bytes);

}  // namespace tessera::mysqlwire
