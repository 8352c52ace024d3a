// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/split.h"

#include <algorithm>

#include "sqlparser/internal/program_tracker.h"
#include "sqlparser/lexer.h"

namespace tessera::sqlparser {
namespace {

// Where a piece begins whose first token does at `token`, all before `from` being others': at the
// mark of a version comment when the token is in one.
size_t PieceBegin(std::string_view sql, size_t from, size_t token) {
  const std::string_view gap = sql.substr(from, token - from);
  for (size_t i = 0; i < gap.size(); ++i) {
    if (gap[i] == '/' && gap.substr(i, 2) == "/*") return from + i;
    const bool line = gap[i] == '#' || gap.substr(i, 2) == "--" || gap.substr(i, 2) == "//";
    if (line) i = std::min(gap.find('\n', i), gap.size());
  }
  return token;
}

// Where it ends: behind its last token and the ends of version comments.
size_t PieceEnd(std::string_view sql, size_t token_end, size_t semicolon) {
  size_t end = token_end;
  for (size_t i = end; i < semicolon; ++i) {
    if (sql.substr(i, 2) == "*/") {
      end = i + 2;
      ++i;
    } else if (static_cast<uint8_t>(sql[i]) > ' ') {
      break;
    }
  }
  return end;
}

// Calls piece(begin, end, next) for each statement; stops when it returns false.
template <class F>
Result<> EachPiece(std::string_view sql, const ParseOptions& options, F&& piece) {
  Lexer lexer(sql, options);
  ProgramTracker body(sql);
  bool any = false;
  size_t from = 0;
  size_t begin = 0;
  size_t end = 0;
  while (true) {
    const Token token = lexer.Next();
    // One byte is just no token; the end of a version comment that is missing is none.
    if (token.type == Tok::kError && token.end >= sql.size() && token.end - token.begin != 1) {
      return Errorf(Code::kInvalidArgument,
                    "syntax error at position {}: a string, name or comment is not closed",
                    token.begin + 1)
          .WithMysql(1064, "42000");
    }
    if (token.type == Tok::kEnd || (token.type == Tok::kSemicolon && !body.InBody())) {
      const size_t last = PieceEnd(sql, end, token.begin);
      if (any && !piece(begin, last, static_cast<size_t>(token.end))) return {};
      if (token.type == Tok::kEnd) return {};
      any = false;
      from = end = token.end;
      body = ProgramTracker(sql);
      continue;
    }
    if (!any) begin = PieceBegin(sql, from, token.begin);
    any = true;
    end = token.end;
    if (token.type != Tok::kComment) body.Take(token);
  }
}

}  // namespace

Result<std::vector<StatementPiece>> SplitStatements(std::string_view sql,
                                                    const ParseOptions& options) {
  std::vector<StatementPiece> pieces;
  TRY_OK(EachPiece(sql, options, [&](size_t begin, size_t end, size_t) {
    pieces.push_back({begin, end - begin});
    return true;
  }));
  return pieces;
}

Result<std::pair<std::string_view, std::string_view>> SplitFirst(std::string_view sql,
                                                                 const ParseOptions& options) {
  std::pair<std::string_view, std::string_view> out;
  TRY_OK(EachPiece(sql, options, [&](size_t begin, size_t end, size_t next) {
    out = {sql.substr(begin, end - begin), sql.substr(next)};
    return false;
  }));
  return out;
}

std::string Redact(std::string_view sql, const ParseOptions& options) {
  Lexer lexer(sql, options);
  std::string out;
  size_t last = 0;
  int count = 0;
  while (true) {
    const Token token = lexer.Next();
    switch (token.type) {
      case Tok::kError:
        return "(a statement that cannot be read)";
      case Tok::kEnd:
        return out;
      case Tok::kComment:
        continue;
      default:
        break;
    }
    if (!out.empty() && token.begin != last) out.push_back(' ');
    last = token.end;
    switch (token.type) {
      case Tok::kString:
      case Tok::kNational:
      case Tok::kInteger:
      case Tok::kDecimal:
      case Tok::kFloat:
      case Tok::kHexNumber:
      case Tok::kHexString:
      case Tok::kBitNumber:
      case Tok::kBitString:
        out += ":redacted" + std::to_string(++count);
        break;
      default:
        out.append(sql.substr(token.begin, token.end - token.begin));
    }
  }
}

}  // namespace tessera::sqlparser
