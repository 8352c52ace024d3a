// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtgate/session.h"

#include <algorithm>

#include "vtgate/attached.h"
#include "vtgate/side_connection.h"

namespace tessera::vtgate {

Session::Session() = default;
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

void Session::BeginStatement() {
  reached_shards = false;
  tells_warnings = false;
  leading_comments = {};
  trailing_comments = {};
  plan.reset();
}

void Session::TakeWarnings(sqltypes::ResultSet& result) {
  std::move(result.warnings.begin(), result.warnings.end(), std::back_inserter(warnings));
  result.warnings.clear();
}

void Session::LeaveNextTransaction() {
  if (isolation_after) options.isolation = *isolation_after;
  isolation_after.reset();
  if (!read_only_after) return;
  read_only = *read_only_after;
  read_only_after.reset();
  options.access_modes.clear();
  if (read_only) options.access_modes.push_back(queryservice::AccessMode::kReadOnly);
}

void Session::ForgetWarnings() {
  warning_count = warnings.size();
  error_count = static_cast<size_t>(
      std::count_if(warnings.begin(), warnings.end(),
                    [](const sqltypes::Warning& warning) { return warning.level == "Error"; }));
  warnings.clear();
}

}  // namespace tessera::vtgate
