// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/context.h"

namespace tessera::rpc {

// The trace id of a W3C traceparent header; zero when the text is none.
TraceId ParseTraceParent(std::string_view text);

// "00-<trace>-<span>-01".
std::string FormatTraceParent(TraceId trace, uint64_t span);

}  // namespace tessera::rpc
