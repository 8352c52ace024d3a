// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "mysqlwire/proxy_header.h"
#include "runtime/stream.h"

namespace tessera::mysqlconn {

// Takes the header of the PROXY protocol, which must be there, off a connection; not a byte more.
// An error leaves nothing to do but to hang up.
Task<Result<mysqlwire::ProxyHeader>> ReadProxyHeader(const Context& ctx, runtime::Stream& stream);

}  // namespace tessera::mysqlconn
