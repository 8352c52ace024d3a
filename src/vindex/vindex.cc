// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vindex/vindex.h"

#include <fstream>
#include <iterator>

#include "vindex/internal/types.h"

namespace tessera::vindex {

using keys::Destination;
using sqltypes::Value;

Result<bool> FunctionalVindex::Verify(std::span<const Value> row,
                                      std::string_view keyspace_id) const {
  TRY(const Destination found, Map(row));
  return found.kind() == Destination::Kind::kKeyspaceId && found.id() == keyspace_id;
}

Result<Destination> FunctionalVindex::MapRange(const Value&, const Value&) const {
  return Destination::AllShards();
}

Result<Destination> FunctionalVindex::MapLike(std::string_view) const {
  return Destination::AllShards();
}

Result<OwnedValue> FunctionalVindex::ReverseMap(std::string_view) const {
  return Errorf(Code::kUnimplemented, "vindex '{}' of type {} cannot be reversed", name(), type());
}

std::string_view Param(const Params& params, std::string_view name) {
  const auto found = params.find(name);
  return found == params.end() ? std::string_view() : std::string_view(found->second);
}

Result<std::string> ReadParamFile(std::string_view type, std::string_view param,
                                  const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file) {
    return Errorf(Code::kInvalidArgument, "{}: cannot read {} file '{}'", type, param, path)
        .WithHint("the file must be readable by every process that uses the VSchema");
  }
  return text;
}

}  // namespace tessera::vindex
