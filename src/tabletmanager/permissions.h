// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace tessera::tabletmanager {

// CRC-64 with the polynomial of ISO 3309, as Vitess tells passwords apart without telling them.
uint64_t Crc64Iso(std::string_view bytes);

}  // namespace tessera::tabletmanager
