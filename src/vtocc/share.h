// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "tabletserver/config.h"

namespace tessera::vtocc {

// The configuration of loop `index` of `count`: its part of each pool's connections. The parts of
// all loops add up to the whole, but no loop is left without a connection.
tabletserver::Config ShareOf(tabletserver::Config whole, size_t index, size_t count);

}  // namespace tessera::vtocc
