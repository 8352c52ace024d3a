// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "keys/destination.h"

namespace tessera::keys {

Destination Destination::OfIds(std::vector<KeyspaceId> ids) {
  Destination all(Kind::kKeyspaceIds, {}, {});
  all.list_ = std::move(ids);
  return all;
}

Destination Destination::OfShards(std::vector<std::string> names) {
  Destination all(Kind::kShards, {}, {});
  all.list_ = std::move(names);
  return all;
}

std::string Destination::ToString() const {
  const auto join = [this](bool hex) {
    std::string text;
    for (const std::string& item : list_) {
      if (!text.empty()) text += ",";
      text += hex ? HexEncode(item) : item;
    }
    return text;
  };
  switch (kind_) {
    case Kind::kNone:
      return "DestinationNone()";
    case Kind::kKeyspaceId:
      return "DestinationKeyspaceID(" + HexEncode(first_) + ")";
    case Kind::kKeyspaceIds:
      return "DestinationKeyspaceIDs(" + join(true) + ")";
    case Kind::kKeyRange:
      return "DestinationKeyRange(" + key_range().ToString() + ")";
    case Kind::kExactKeyRange:
      return "DestinationExactKeyRange(" + key_range().ToString() + ")";
    case Kind::kShard:
      return "DestinationShard(" + first_ + ")";
    case Kind::kShards:
      return "DestinationShards(" + join(false) + ")";
    case Kind::kAllShards:
      return "DestinationAllShards()";
    case Kind::kAnyShard:
      return "DestinationAnyShard()";
  }
  return {};
}

bool operator==(const Destination& a, const Destination& b) {
  return a.kind_ == b.kind_ && a.first_ == b.first_ && a.second_ == b.second_ && a.list_ == b.list_;
}

}  // namespace tessera::keys
