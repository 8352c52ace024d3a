// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtctlclient/internal/table.h"

#include <algorithm>

#include <fmt/format.h>

namespace tessera::vtctlclient {

namespace {

// Columns of a terminal that a UTF-8 text takes, one a character.
size_t Width(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string Visible(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n')
      out += "\\n";
    else if (c == '\t')
      out += "\\t";
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    else
      out.push_back(c);
  }
  return out;
}

std::vector<std::string> Cells(const query::Row& row, size_t columns) {
  std::vector<std::string> cells;
  size_t at = 0;
  const std::string& values = row.values();
  for (size_t i = 0; i < columns; ++i) {
    const int64_t length =
        static_cast<int>(i) < row.lengths_size() ? row.lengths(static_cast<int>(i)) : -1;
    const bool null = length < 0 || static_cast<size_t>(length) > values.size() - at;
    cells.push_back(null ? "NULL" : Visible(values.substr(at, static_cast<size_t>(length))));
    if (!null) at += static_cast<size_t>(length);
  }
  return cells;
}

void AddLine(const std::vector<std::string>& cells, const std::vector<size_t>& widths,
             std::string& out) {
  for (size_t i = 0; i < cells.size(); ++i)
    out += "| " + cells[i] + std::string(widths[i] - Width(cells[i]) + 1, ' ');
  out += "|\n";
}

}  // namespace

std::string DrawTable(const query::QueryResult& result) {
  if (result.fields_size() == 0) return "";
  std::vector<std::vector<std::string>> lines(1);
  for (const query::Field& field : result.fields()) lines[0].push_back(Visible(field.name()));
  const size_t columns = lines[0].size();
  for (const query::Row& row : result.rows()) lines.push_back(Cells(row, columns));
  std::vector<size_t> widths(columns);
  for (const auto& line : lines)
    for (size_t i = 0; i < columns; ++i) widths[i] = std::max(widths[i], Width(line[i]));
  std::string rule;
  for (const size_t width : widths) rule += "+" + std::string(width + 2, '-');
  rule += "+\n";
  std::string out = rule;
  AddLine(lines[0], widths, out);
  out += rule;
  for (size_t i = 1; i < lines.size(); ++i) AddLine(lines[i], widths, out);
  if (lines.size() > 1) out += rule;
  out.pop_back();
  return out;
}

void ShowResult(const Call& call, const query::QueryResult& result, bool json) {
  if (json) {
    PrintJson(call, result);
  } else if (result.fields_size() != 0) {
    Print(DrawTable(result));
  } else {
    Print(fmt::format("Query OK, {} rows affected", result.rows_affected()));
  }
}

}  // namespace tessera::vtctlclient
