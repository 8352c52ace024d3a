// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tessera::mysqlctl {

// The program mysqlctl: `mysqlctl [flags] COMMAND`. Gives the exit status.
int RunMysqlctl(int argc, const char* const* argv);

}  // namespace tessera::mysqlctl
