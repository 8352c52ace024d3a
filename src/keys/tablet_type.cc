// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "keys/tablet_type.h"

#include <algorithm>
#include <array>

namespace tessera::keys {
namespace {

struct Names {
  std::string_view lower;
  std::string_view upper;
};

constexpr std::array<Names, 9> kNames{{{"unknown", "UNKNOWN"},
                                       {"primary", "PRIMARY"},
                                       {"replica", "REPLICA"},
                                       {"rdonly", "RDONLY"},
                                       {"spare", "SPARE"},
                                       {"experimental", "EXPERIMENTAL"},
                                       {"backup", "BACKUP"},
                                       {"restore", "RESTORE"},
                                       {"drained", "DRAINED"}}};

bool EqualsIgnoringCase(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(), [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

}  // namespace

Result<TabletType> ParseTabletType(std::string_view text) {
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (EqualsIgnoringCase(text, kNames[i].lower)) return static_cast<TabletType>(i);
  }
  if (EqualsIgnoringCase(text, "master")) return TabletType::kPrimary;
  if (EqualsIgnoringCase(text, "batch")) return TabletType::kRdonly;
  return Errorf(Code::kInvalidArgument, "unknown TabletType {}", text)
      .WithHint(
          "known types are primary, replica, rdonly, spare, experimental, backup, restore, "
          "drained");
}

std::string_view TabletTypeName(TabletType type) {
  const auto index = static_cast<size_t>(type);
  return index < kNames.size() ? kNames[index].lower : kNames[0].lower;
}

std::string_view TabletTypeUpperName(TabletType type) {
  const auto index = static_cast<size_t>(type);
  return index < kNames.size() ? kNames[index].upper : kNames[0].upper;
}

bool IsServedType(TabletType type) {
  return type == TabletType::kPrimary || type == TabletType::kReplica ||
         type == TabletType::kRdonly;
}

bool RunsQueryService(TabletType type) {
  return IsServedType(type) || type == TabletType::kExperimental || type == TabletType::kDrained;
}

bool IsReplicaType(TabletType type) {
  return type == TabletType::kReplica || type == TabletType::kRdonly ||
         type == TabletType::kSpare || type == TabletType::kExperimental;
}

TabletType TabletTypeFromNumber(int number) {
  return number >= 0 && number < static_cast<int>(kNames.size()) ? static_cast<TabletType>(number)
                                                                 : TabletType::kUnknown;
}

}  // namespace tessera::keys
