// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tessera::vtgate {

// How a file of LOAD DATA is written: FIELDS and LINES, with MySQL's defaults.
struct LoadFormat {
  std::string field_end = "\t";
  std::string line_start;
  std::string line_end = "\n";
  char enclosed = 0;   // 0: fields have no quotes
  char escape = '\\';  // 0: there is none
  size_t skipped_lines = 0;

  // Reads the clauses as the parser prints them ("fields terminated by ','", "ignore 1 lines").
  // kUnimplemented for files of fixed widths.
  static Result<LoadFormat> Parse(std::string_view clauses, std::string_view skip);
};

// A field of a line; nothing is NULL.
using LoadField = std::optional<std::string>;

// Takes lines out of a file that comes in pieces. Holds one line, and what was put in last.
class LoadReader {
 public:
  // The longest line: 1 GB is the largest packet of the protocol, a row's limit is far less.
  static constexpr size_t kLongestLine = 64 << 20;

  explicit LoadReader(LoadFormat format)
      : format_(std::move(format)), to_skip_(format_.skipped_lines) {}

  void Append(std::string_view bytes);
  void End() { ended_ = true; }

  // The next line's fields; false when more bytes are needed, or, behind End, when there are no
  // more lines. kInvalidArgument when a line has no end in reach.
  Result<bool> Next(std::vector<LoadField>& fields);

 private:
  bool WaitsForMore() const;
  enum class Stop { kField, kLine, kStarved };
  bool SkipLines();
  bool FindStart();
  Stop ReadField(size_t& at, LoadField& field) const;
  Stop ReadEnclosed(size_t& at, std::string& text) const;
  bool Unescape(size_t& at, std::string& text) const;
  // Whether the text stands at `at`; nothing when too few bytes are there to tell.
  std::optional<bool> Stands(size_t at, std::string_view text) const;

  LoadFormat format_;
  size_t to_skip_ = 0;
  std::string buffer_;
  size_t begin_ = 0;    // of what was not taken yet
  size_t starved_ = 0;  // so many bytes from there on are not all of a line
  bool ended_ = false;
};

}  // namespace tessera::vtgate
