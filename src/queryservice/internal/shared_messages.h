// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "keys/tablet_alias.h"
#include "keys/target.h"
#include "queryservice/internal/wire_reader.h"

// Messages that stand inside several others.
namespace tessera::queryservice::internal {

// Ok, or that the bytes of `message` are none.
Result<> Finished(const WireReader& reader, std::string_view message);

// A field number of a layout, as a key that no field has when the number is zero.
uint64_t LayoutKey(uint8_t field, bool bytes);

void EncodeTarget(const keys::Target& target, uint32_t field, std::string& out);
Result<keys::Target> DecodeTarget(std::string_view bytes);
void EncodeAlias(const keys::TabletAlias& alias, uint32_t field, std::string& out);
Result<keys::TabletAlias> DecodeAlias(std::string_view bytes);

}  // namespace tessera::queryservice::internal
