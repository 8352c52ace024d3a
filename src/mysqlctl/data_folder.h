// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "mysqlctl/flavor.h"

namespace tessera::mysqlctl {

// Nothing when the file cannot be read.
std::optional<std::string> ReadFile(const std::string& path);
// All or nothing: through a file beside it that is renamed.
Result<> WriteFile(const std::string& path, std::string_view text);

// What an operator adds to every my.cnf, which overrides what we write: the contents of the files
// that the environment's EXTRA_MY_CNF names, with ':' between them, as Vitess has it. kNotFound
// when one cannot be read.
Result<std::string> ReadExtraConfig(std::string_view paths);

// Makes a data folder with the system tables and the tablet's users. The folder must not exist; it
// is removed again when that fails.
Task<Result<>> MakeDataFolder(const Context& ctx, const Flavor& flavor, std::string data_dir,
                              std::string replication_password);
// Copies the data folder of a stopped server.
Task<Result<>> CopyDataFolder(std::string from, std::string to);

}  // namespace tessera::mysqlctl
