// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/executor.h"
#include "queryservice/query_service.h"

namespace tessera::tabletserver {

struct ErrorTextOptions {
  bool terse = false;       // leave out MySQL's words and the values
  size_t truncate_len = 0;  // 0 does not
  // The database's name at the server, and what clients call it.
  std::string_view database;
  std::string_view keyspace;
};

// The error a client of the query service gets: MySQL's errors as
// `msg (errno N) (sqlstate S) (CallerID: u): Sql: "...", BindVars: {...}`, others as
// `text (CallerID: u)`. Code and errno stay.
Error DescribeError(const Error& error, const queryservice::Request& request,
                    const ErrorTextOptions& options);

// "1.5s", "500ms", "1m30s", "2h0m0s": a time as Go prints it, which is how Vitess's errors tell it.
std::string GoDuration(Duration time);

// The text between double quotes, as Go's %q writes it.
std::string Quoted(std::string_view text);

}  // namespace tessera::tabletserver
