// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "queryservice/query_service.h"

namespace tessera::tabletserver {

struct ErrorTextOptions {
  bool terse = false;       // leave out MySQL's words and the values
  size_t truncate_len = 0;  // 0 does not
};

// The error a client of the query service gets: MySQL's errors as
// `msg (errno N) (sqlstate S) (CallerID: u): Sql: "...", BindVars: {...}`, others as
// `text (CallerID: u)`. Code and errno stay.
Error DescribeError(const Error& error, const queryservice::Request& request,
                    const ErrorTextOptions& options);

// The text between double quotes, as Go's %q writes it.
std::string Quoted(std::string_view text);

}  // namespace tessera::tabletserver
