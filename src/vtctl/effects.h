// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace tessera::vtctl {

// Whether a method ("GetKeyspace") leaves the cluster as it is, whatever it is asked. Methods not
// known to are taken to change something.
bool ChangesNothing(std::string_view method);

// The same of what a tablet is asked ("FullStatus"). Statements are taken to change something,
// whatever they say.
bool TabletChangesNothing(std::string_view method);

}  // namespace tessera::vtctl
