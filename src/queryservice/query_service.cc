// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "queryservice/query_service.h"

namespace tessera::queryservice {

Task<Result<std::unique_ptr<Attachment>>> QueryService::Attach(const Context&, const Request&) {
  co_return Error(Code::kUnimplemented, "this tablet attaches no sessions");
}

Task<Result<sqltypes::ResultSet>> QueryService::DescribeStatement(const Context&, const Request&) {
  co_return Error(Code::kUnimplemented, "this tablet describes no statements");
}

}  // namespace tessera::queryservice
