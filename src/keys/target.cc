// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "keys/target.h"

#include <fmt/core.h>

namespace tessera::keys {
namespace {

// Reads what stands in brackets: a keyspace id, or with a dash an exact key range.
Result<Destination> ParseBrackets(std::string_view text) {
  if (text.find('-') != std::string_view::npos) {
    TRY(KeyRange range, ParseKeyRange(text));
    return Destination::OfExactRange(std::move(range));
  }
  TRY(std::string id, HexDecode(text).Wrap("invalid keyspace id"));
  if (id.empty()) return Errorf(Code::kInvalidArgument, "empty keyspace id");
  return Destination::OfId(std::move(id));
}

Result<> ParseTypeAndTablet(std::string_view text, TargetSelection& target) {
  const size_t bar = text.find('|');
  TRY(target.tablet_type, ParseTabletType(text.substr(0, bar)));
  if (bar == std::string_view::npos) return Ok{};
  TRY(target.tablet, ParseTabletAlias(text.substr(bar + 1)));
  return Ok{};
}

}  // namespace

std::string Target::ToString() const {
  return fmt::format("{}/{}@{}", keyspace, shard, TabletTypeName(tablet_type));
}

std::string TargetSelection::ToString() const {
  std::string text = keyspace;
  if (destination) {
    switch (destination->kind()) {
      case Destination::Kind::kShard:
        text += ":" + destination->shard();
        break;
      case Destination::Kind::kKeyspaceId:
        text += "[" + HexEncode(destination->id()) + "]";
        break;
      case Destination::Kind::kExactKeyRange:
        text += "[" + destination->key_range().ToString() + "]";
        break;
      default:
        break;
    }
  }
  text += fmt::format("@{}", TabletTypeName(tablet_type));
  if (tablet) text += "|" + tablet->ToString();
  return text;
}

Result<TargetSelection> ParseTargetSelection(std::string_view text, TabletType default_type) {
  const std::string where = fmt::format("invalid target '{}'", text);
  TargetSelection target;
  target.tablet_type = default_type;
  const size_t at = text.rfind('@');
  if (at != std::string_view::npos) {
    TRY_OK(ParseTypeAndTablet(text.substr(at + 1), target).Wrap(where));
    text = text.substr(0, at);
  }
  const size_t split = text.find_last_of("/:");
  const size_t bracket = text.find('[');
  if (split != std::string_view::npos) {
    target.destination = Destination::OfShard(std::string(text.substr(split + 1)));
    text = text.substr(0, split);
  } else if (bracket != std::string_view::npos) {
    if (text.back() != ']') return Errorf(Code::kInvalidArgument, "{}: ']' missing", where);
    TRY(target.destination,
        ParseBrackets(text.substr(bracket + 1, text.size() - bracket - 2)).Wrap(where));
    text = text.substr(0, bracket);
  }
  if (target.tablet &&
      (!target.destination || target.destination->kind() != Destination::Kind::kShard)) {
    return Errorf(Code::kInvalidArgument, "{}: a tablet can only be chosen together with its shard",
                  where)
        .WithHint("write keyspace:shard@type|cell-uid");
  }
  target.keyspace = text;
  return target;
}

}  // namespace tessera::keys
