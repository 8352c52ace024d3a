// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/split.h"

#include "sqlparser/lexer.h"

namespace tessera::sqlparser {
namespace {

bool IsProgramWord(Kw word) {
  return word == Kw::kProcedure || word == Kw::kFunction || word == Kw::kTrigger ||
         word == Kw::kEvent || word == Kw::kPackage;
}

// Follows one statement's words: semicolons inside BEGIN ... END of a stored program are its own.
class BodyTracker {
 public:
  void Word(Kw word) {
    if (words_ == 0) create_ = word == Kw::kCreate || word == Kw::kAlter;
    ++words_;
    if (create_ && words_ < 16 && IsProgramWord(word)) program_ = true;
    if (!program_) return;
    if (after_end_) {  // END IF, END WHILE, ...: closed with its END
      after_end_ = false;
      if (word == Kw::kIf || word == Kw::kWhile || word == Kw::kLoop || word == Kw::kRepeat ||
          word == Kw::kCase || word == Kw::kFor) {
        return;
      }
    }
    if (word == Kw::kBegin) {
      ++depth_;
    } else if (word == Kw::kEnd) {
      if (depth_ > 0) --depth_;
      after_end_ = true;
    } else if (depth_ > 0 && at_start_ &&
               (word == Kw::kIf || word == Kw::kWhile || word == Kw::kLoop || word == Kw::kRepeat ||
                word == Kw::kCase || word == Kw::kFor)) {
      ++depth_;
    } else if (depth_ > 0 && word == Kw::kCase) {
      ++depth_;
    }
    at_start_ = word == Kw::kThen || word == Kw::kElse || word == Kw::kDo || word == Kw::kBegin ||
                word == Kw::kLoop || word == Kw::kRepeat;
  }
  void Semicolon() {
    at_start_ = true;
    after_end_ = false;
  }
  bool InBody() const { return depth_ > 0; }

 private:
  int words_ = 0;
  int depth_ = 0;
  bool create_ = false;
  bool program_ = false;
  bool after_end_ = false;
  bool at_start_ = false;
};

// Calls piece(begin, end, next) for each statement; stops when it returns false.
template <class F>
Result<> EachPiece(std::string_view sql, const ParseOptions& options, F&& piece) {
  Lexer lexer(sql, options);
  BodyTracker body;
  bool any = false;
  size_t begin = 0;
  size_t end = 0;
  while (true) {
    const Token token = lexer.Next();
    if (token.type == Tok::kError && token.end >= sql.size() && token.end - token.begin > 1) {
      return Errorf(Code::kInvalidArgument,
                    "syntax error at position {}: a string, name or comment is not closed",
                    token.begin + 1)
          .WithMysql(1064, "42000");
    }
    if (token.type == Tok::kEnd || (token.type == Tok::kSemicolon && !body.InBody())) {
      if (any && !piece(begin, end, static_cast<size_t>(token.end))) return {};
      if (token.type == Tok::kEnd) return {};
      any = false;
      body = BodyTracker();
      continue;
    }
    if (!any) begin = token.begin;
    any = true;
    end = token.end;
    if (token.type == Tok::kSemicolon) body.Semicolon();
    if (token.type == Tok::kWord) body.Word(token.word);
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
