// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "base/error.h"

namespace tessera::mysqlwire {

// How callers may react to an error number of a MySQL server. Error 1227 depends on the text: a
// failover under way may be waited for, a missing privilege not.
Code CodeOfErrno(uint16_t number, std::string_view message);

// The number and SQLSTATE under which an error reaches a MySQL client: those it carries, those its
// text names
// ("(errno N) (sqlstate S)", from another process), or those of its code.
MysqlError ToMysqlError(const Error& error);

}  // namespace tessera::mysqlwire
