// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtctl/schema_diff.h"

#include <algorithm>

#include <fmt/format.h>

namespace tessera::vtctl {

namespace {

// A column, a key, a constraint, or what stands behind them all.
struct Part {
  std::string name;  // "column `v`", "KEY `by_v`", "options"
  std::string_view text;
};

std::string_view Trimmed(std::string_view line) {
  while (line.starts_with(' ')) line.remove_prefix(1);
  while (line.ends_with(' ') || line.ends_with(',')) line.remove_suffix(1);
  return line;
}

// The name in backquotes that a text begins with, with its quotes; a quote in it is written twice.
std::string_view QuotedName(std::string_view text) {
  for (size_t at = 1; at < text.size(); ++at) {
    if (text[at] != '`') continue;
    if (at + 1 < text.size() && text[at + 1] == '`') {
      ++at;
      continue;
    }
    return text.substr(0, at + 1);
  }
  return text;
}

Part MakePart(std::string_view line) {
  if (line.starts_with('`')) {
    const std::string_view name = QuotedName(line);
    return {fmt::format("column {}", name), Trimmed(line.substr(name.size()))};
  }
  if (line.starts_with(')')) return {"options", Trimmed(line.substr(1))};
  const size_t quote = line.find('`');
  const size_t paren = line.find('(');
  // "PRIMARY KEY (`id`)" has no name of its own.
  if (quote == std::string_view::npos || paren < quote)
    return {std::string(Trimmed(line.substr(0, paren))), line};
  const std::string_view name = QuotedName(line.substr(quote));
  return {std::string(line.substr(0, quote + name.size())), line};
}

// One a line, as MariaDB and MySQL write tables. The first line only names the table.
std::vector<Part> Parts(std::string_view text) {
  std::vector<Part> parts;
  bool first = true;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = Trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!first && !line.empty()) parts.push_back(MakePart(line));
    first = false;
  }
  return parts;
}

const Part* Find(const std::vector<Part>& parts, std::string_view name) {
  const auto found = std::find_if(parts.begin(), parts.end(),
                                  [name](const Part& part) { return part.name == name; });
  return found == parts.end() ? nullptr : &*found;
}

}  // namespace

std::vector<std::string> SchemaDifferences(std::string_view model, std::string_view other) {
  const std::vector<Part> wanted = Parts(model);
  const std::vector<Part> found = Parts(other);
  std::vector<std::string> differences;
  for (const Part& part : wanted) {
    const Part* const same = Find(found, part.name);
    if (same == nullptr)
      differences.push_back(fmt::format("{} is missing, which is {}", part.name, part.text));
    else if (same->text != part.text)
      differences.push_back(fmt::format("{} is {}, not {}", part.name, same->text, part.text));
  }
  for (const Part& part : found) {
    if (Find(wanted, part.name) == nullptr)
      differences.push_back(fmt::format("{} is too much, {}", part.name, part.text));
  }
  if (differences.empty())
    differences.push_back(wanted.empty() || found.empty()
                              ? "its definition is another"
                              : "its columns or keys have another order");
  return differences;
}

}  // namespace tessera::vtctl
