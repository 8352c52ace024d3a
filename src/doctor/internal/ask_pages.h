// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "doctor/facts.h"
#include "reach/page_answer.h"

// What processes tell on their status pages.
namespace tessera::doctor {

// kDataLoss when the text is not what the page gives.
Result<Vars> VarsFromJson(std::string_view json);
Result<GateView> GateViewFromJson(std::string_view json);

// Errors: no page (kNotFound), refused (kPermissionDenied), nobody there.
Task<Result<Vars>> AskVars(const Context& ctx, const runtime::Address& pages);
Task<Result<GateView>> AskGateView(const Context& ctx, const runtime::Address& pages);
Task<Result<Clock>> AskClock(const Context& ctx, const runtime::Address& pages);
// What the process sees at an address.
Task<Result<reach::Sight>> AskSight(const Context& ctx, const runtime::Address& pages,
                                    std::string address, reach::How how);

}  // namespace tessera::doctor
