// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "tabletserver/table_acl.h"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

namespace tessera::tabletserver {

using nlohmann::json;

namespace {

Error Wrong(std::string_view where, std::string_view what) {
  return Errorf(Code::kInvalidArgument, "table ACL: {}: {}", where, what);
}

// The strings of a member that may be missing.
Result<std::vector<std::string>> Strings(const json& group, const char* member,
                                         std::string_view where) {
  std::vector<std::string> out;
  const auto found = group.find(member);
  if (found == group.end()) return out;
  if (!found->is_array()) return Wrong(where, std::string(member) + " is no list");
  for (const json& item : *found) {
    if (!item.is_string())
      return Wrong(where, std::string(member) + " holds something that is no string");
    out.push_back(item.get<std::string>());
  }
  return out;
}

Result<> CheckMembers(const json& group, std::string_view where) {
  static constexpr std::string_view kKnown[] = {"name", "table_names_or_prefixes", "readers",
                                                "writers", "admins"};
  for (const auto& [key, value] : group.items()) {
    if (std::find(std::begin(kKnown), std::end(kKnown), key) == std::end(kKnown))
      return Wrong(where, "unknown member " + key);
  }
  return Ok{};
}

}  // namespace

bool AccessList::Has(const queryservice::Caller& caller) const {
  if (members_.contains(caller.username)) return true;
  return std::any_of(caller.groups.begin(), caller.groups.end(),
                     [this](const std::string& group) { return members_.contains(group); });
}

Result<> TableAcl::AddEntry(std::string_view text, size_t group) {
  Entry entry;
  entry.prefix = text.ends_with('%');
  entry.name = text.substr(0, text.size() - (entry.prefix ? 1 : 0));
  entry.group = group;
  if (text.empty()) return Wrong("group " + groups_[group].name, "an empty table name");
  for (const Entry& other : entries_) {
    if (!other.Covers(entry.name) && !entry.Covers(other.name)) continue;
    return Wrong("group " + groups_[group].name, "'" + std::string(text) + "' overlaps with '" +
                                                     other.name + (other.prefix ? "%" : "") +
                                                     "' of group " + groups_[other.group].name);
  }
  entries_.push_back(std::move(entry));
  return Ok{};
}

Result<std::shared_ptr<const TableAcl>> TableAcl::Parse(std::string_view text) {
  const json parsed = json::parse(text, nullptr, false);
  if (!parsed.is_object()) return Wrong("the file", "no JSON object");
  const auto groups = parsed.find("table_groups");
  if (groups == parsed.end() || !groups->is_array())
    return Wrong("the file", "table_groups is missing or no list");
  auto acl = std::make_shared<TableAcl>();
  for (const json& record : *groups) {
    const std::string at = "group number " + std::to_string(acl->groups_.size() + 1);
    if (!record.is_object()) return Wrong(at, "no JSON object");
    const auto name = record.find("name");
    if (name != record.end() && !name->is_string()) return Wrong(at, "name is no string");
    TableGroup group;
    group.name = name == record.end() ? "" : name->get<std::string>();
    const std::string where = group.name.empty() ? at : "group " + group.name;
    TRY_OK(CheckMembers(record, where));
    static constexpr const char* kRoles[] = {"readers", "writers", "admins"};
    for (size_t role = 0; role < std::size(kRoles); ++role) {
      TRY(std::vector<std::string> members, Strings(record, kRoles[role], where));
      for (std::string& member : members) group.by_role[role].Add(std::move(member));
    }
    TRY(const std::vector<std::string> tables, Strings(record, "table_names_or_prefixes", where));
    acl->groups_.push_back(std::move(group));
    for (const std::string& table : tables) TRY_OK(acl->AddEntry(table, acl->groups_.size() - 1));
  }
  std::sort(acl->entries_.begin(), acl->entries_.end(),
            [](const Entry& a, const Entry& b) { return a.name < b.name; });
  return std::shared_ptr<const TableAcl>(std::move(acl));
}

const TableGroup* TableAcl::Find(std::string_view table) const {
  // Entries do not overlap, so only the last one that is not behind the name can cover it.
  auto behind = std::upper_bound(entries_.begin(), entries_.end(), table,
                                 [](std::string_view a, const Entry& b) { return a < b.name; });
  if (behind == entries_.begin()) return nullptr;
  const Entry& entry = *--behind;
  return entry.Covers(table) ? &groups_[entry.group] : nullptr;
}

}  // namespace tessera::tabletserver
