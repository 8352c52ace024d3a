// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "base/context.h"
#include "base/task.h"
#include "flags/flag_set.h"

namespace tessera::pages {

// Looks once a second, until ctx ends, whether the configuration file that `set` was read from has
// another text, and takes it over (FlagSet::TakeConfig). `apply` is called when dynamic flags have
// other values by it. The log tells what changed, what needs a restart, and why a file was not
// taken over. Ends at once when there is no file. On the loop whose pages show the flags.
Task<> FollowConfigFile(const Context& ctx, flags::FlagSet& set,
                        const std::function<Task<>()>& apply);

}  // namespace tessera::pages
