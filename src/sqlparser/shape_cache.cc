// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/shape_cache.h"

#include <bit>

#include "sqlparser/internal/scan.h"
#include "sqlparser/internal/value_reader.h"

namespace tessera::sqlparser {

namespace {

// Statements of one shape are alike up to their first value at least, and that begins with a digit
// or a quote, or a minus before a digit. Rules of reading that differ make another shape. Never 0.
uint64_t KeyOf(std::string_view sql, const ParseOptions& options) {
  const char* end = FindValueStart(sql.data(), sql.data() + sql.size());
  if (end > sql.data() && end[-1] == '-') --end;
  const SqlMode& mode = options.mode;
  const uint64_t flags = (mode.ansi_quotes ? 1 : 0) | (mode.pipes_as_concat ? 2 : 0) |
                         (mode.no_backslash_escapes ? 4 : 0) | (mode.ignore_space ? 8 : 0) |
                         (mode.high_not_precedence ? 16 : 0) | (options.version_comments ? 32 : 0) |
                         static_cast<uint64_t>(options.encoding) << 8;
  // Versions have six digits, 20 bits.
  const uint64_t rules = flags | static_cast<uint64_t>(options.version) << 16 |
                         static_cast<uint64_t>(options.mariadb_version) << 40;
  const uint64_t key =
      HashText({sql.data(), static_cast<size_t>(end - sql.data())}) ^ rules * 0x9e3779b97f4a7c15u;
  return key | 1;
}

// Reads 1, 'b', -3) from behind a list's parenthesis. Gives the place behind it, or 0 when there is
// anything but literals in it, or a mark of a comment: whether it counts may depend on what is in
// front of the list.
size_t ReadList(std::string_view sql, const ParseOptions& options, size_t begin,
                ValueReader& values) {
  Lexer lexer(sql, options, begin, Tok::kLeftParen);
  values.BeginList();
  while (true) {
    Token token = lexer.Next();
    const bool negative = token.type == Tok::kMinus;
    if (negative) token = lexer.Next();
    if (!(negative ? IsNumberToken(token.type) : IsLiteral(token))) return 0;
    values.AddItem(token, negative);
    token = lexer.Next();
    if (token.type == Tok::kRightParen) {
      return HoldsCommentMark(sql.substr(begin, token.end - begin)) ? 0 : token.end;
    }
    if (token.type != Tok::kComma) return 0;
  }
}

}  // namespace

ShapeCache::ShapeCache(size_t shapes) : sets_(std::bit_ceil(std::max<size_t>(shapes / kWays, 1))) {}

bool ShapeCache::Find(std::string_view sql, const ParseOptions& options, Fingerprint& out) {
  const uint64_t key = KeyOf(sql, options);
  const Set& set = sets_[(key >> 32) & (sets_.size() - 1)];
  for (size_t way = 0; way < kWays; ++way) {
    if (set.keys[way] != key) continue;
    const Shape& shape = shapes_[set.shapes[way] - 1];
    if (!Match(shape, sql, options, out)) continue;
    Fill(shape, sql, out);
    return true;
  }
  return false;
}

bool ShapeCache::Match(const Shape& shape, std::string_view sql, const ParseOptions& options,
                       Fingerprint& out) {
  ValueReader values(out, sql, options);
  values.Clear();
  size_t at = 0;        // in sql
  size_t constant = 0;  // in shape.constant
  for (const Hole& hole : shape.holes) {
    if (sql.size() - at < hole.before ||
        std::memcmp(sql.data() + at, shape.constant.data() + constant, hole.before) != 0) {
      return false;
    }
    at += hole.before;
    constant += hole.before;
    if (hole.type == Tok::kLeftParen) {
      at = ReadList(sql, options, at, values);
      if (at == 0 || values.EndList() != hole.number) return false;
      continue;
    }
    const bool negative = hole.takes_sign && at < sql.size() && sql[at] == '-';
    if (negative) ++at;
    const Token token = Lexer(sql, options, at, negative ? Tok::kMinus : hole.previous).Here();
    if (token.type != hole.type || !IsLiteral(token)) return false;
    values.Begin(token, negative);
    if (values.End() != hole.number) return false;
    at = token.end;
  }
  return sql.substr(at) == std::string_view(shape.constant).substr(constant);
}

void ShapeCache::Fill(const Shape& shape, std::string_view sql, Fingerprint& out) {
  // A copy, because another statement may take this shape's place while `out` is in use.
  out.out_.clear();
  out.out_.Append(shape.text);
  out.text = out.out_.view();
  out.hash = shape.hash;
  out.kind = shape.kind;
  out.values = out.values_;
  out.items = out.items_;
  out.leading_comments = out.trailing_comments = {};
  out.directives = sql.substr(shape.directives, shape.directives_size);
}

void ShapeCache::Insert(std::string_view sql, const ParseOptions& options, const Fingerprint& out) {
  if (sql.size() > kLongest || out.holes_.size() > kMostHoles) return;
  Shape shape;
  if (!out.directives.empty()) {
    shape.directives = static_cast<uint32_t>(out.directives.data() - sql.data());
    shape.directives_size = static_cast<uint32_t>(out.directives.size());
    if (!out.holes_.empty() && out.holes_.front().begin < shape.directives) return;
  }
  shape.key = KeyOf(sql, options);
  shape.hash = out.hash;
  shape.kind = out.kind;
  shape.text = out.text;
  size_t at = 0;
  for (const Fingerprint::Hole& hole : out.holes_) {
    shape.constant.append(sql.substr(at, hole.begin - at));
    shape.holes.push_back({static_cast<uint32_t>(hole.begin - at), hole.number, hole.type,
                           hole.previous, hole.takes_sign});
    at = hole.end;
  }
  shape.constant.append(sql.substr(at));

  Set& set = sets_[(shape.key >> 32) & (sets_.size() - 1)];
  const size_t way = set.next++ % kWays;
  set.keys[way] = shape.key;
  if (set.shapes[way] == 0) {
    shapes_.push_back(std::move(shape));
    set.shapes[way] = static_cast<uint32_t>(shapes_.size());
  } else {
    shapes_[set.shapes[way] - 1] = std::move(shape);
  }
}

}  // namespace tessera::sqlparser
