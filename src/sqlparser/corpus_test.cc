// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// Measures the parser against conformance data, when a folder of it is at hand, and prints counts.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sqlparser/fingerprint.h"
#include "sqlparser/internal/fingerprint_property.h"
#include "sqlparser/printer.h"
#include "sqlparser/shape_cache.h"
#include "sqlparser/split.h"
#include "sqlparser/visitor.h"

namespace tessera::sqlparser {
namespace {

void AppendUtf8(std::string& out, uint32_t c) {
  if (c < 0x80) {
    out.push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    out.push_back(static_cast<char>(0xc0 | (c >> 6)));
    out.push_back(static_cast<char>(0x80 | (c & 0x3f)));
  } else if (c < 0x10000) {
    out.push_back(static_cast<char>(0xe0 | (c >> 12)));
    out.push_back(static_cast<char>(0x80 | ((c >> 6) & 0x3f)));
    out.push_back(static_cast<char>(0x80 | (c & 0x3f)));
  } else {
    out.push_back(static_cast<char>(0xf0 | (c >> 18)));
    out.push_back(static_cast<char>(0x80 | ((c >> 12) & 0x3f)));
    out.push_back(static_cast<char>(0x80 | ((c >> 6) & 0x3f)));
    out.push_back(static_cast<char>(0x80 | (c & 0x3f)));
  }
}

// The string field `key` of a one-line JSON object; nothing when it is missing or no string.
std::optional<std::string> StringField(const std::string& line, const std::string& key) {
  const std::string mark = "\"" + key + "\":\"";
  const size_t at = line.find(mark);
  if (at == std::string::npos) return std::nullopt;
  std::string out;
  for (size_t i = at + mark.size(); i < line.size() && line[i] != '"'; ++i) {
    if (line[i] != '\\') {
      out.push_back(line[i]);
      continue;
    }
    switch (line[++i]) {
      case 'n':
        out.push_back('\n');
        break;
      case 't':
        out.push_back('\t');
        break;
      case 'r':
        out.push_back('\r');
        break;
      case 'b':
        out.push_back('\b');
        break;
      case 'f':
        out.push_back('\f');
        break;
      case 'u': {
        uint32_t c = static_cast<uint32_t>(std::stoul(line.substr(i + 1, 4), nullptr, 16));
        i += 4;
        if (c >= 0xd800 && c < 0xdc00 && line.compare(i + 1, 2, "\\u") == 0) {
          const auto low = static_cast<uint32_t>(std::stoul(line.substr(i + 3, 4), nullptr, 16));
          c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
          i += 6;
        }
        AppendUtf8(out, c);
        break;
      }
      default:
        out.push_back(line[i]);
    }
  }
  return out;
}

std::string CorpusFolder() {
  const char* folder = std::getenv("TESSERA_CONFORMANCE");
  return folder != nullptr ? folder : "../shared/conformance";
}

struct Counts {
  int total = 0;
  int accepted = 0;
  int right = 0;
  int round_trip = 0;
  int fingerprint = 0;
};

class Measure {
 public:
  void Case(const std::string& line) {
    const std::string mode = StringField(line, "mode").value_or("parse");
    const std::string kind = StringField(line, "kind").value_or("");
    const std::string tag = StringField(line, "tag").value_or("");
    const std::optional<std::string> input = StringField(line, "input");
    if (!input.has_value()) return;
    if (mode.starts_with("multi"))
      return Several(line, *input, kind, mode, counts_[kind + " " + tag]);
    ParseOptions options;
    options.allow_partial_ddl = mode != "strict_ddl";
    Arena arena;
    const Result<const Statement*> parsed = Parse(arena, *input, options);
    Counts& counts = counts_[kind + " " + tag];
    ++counts.total;
    if (parsed.ok()) ++counts.accepted;
    if (kind == "valid") {
      Valid(line, *input, mode, parsed, options, counts);
    } else {
      Invalid(line, *input, parsed, counts);
    }
  }

  void Print() const {
    std::printf("%-28s %7s %9s %7s %11s %12s\n", "kind tag", "cases", "accepted", "right",
                "round trip", "fingerprint");
    for (const auto& [name, c] : counts_) {
      std::printf("%-28s %7d %9d %7d %11d %12d\n", name.c_str(), c.total, c.accepted, c.right,
                  c.round_trip, c.fingerprint);
    }
    const Counts valid = Total("valid");
    const Counts invalid = Total("invalid");
    std::printf(
        "COUNT Vitess's cases: %d of %d valid taken, %d with its canonical text; %d of %d invalid "
        "refused, %d with its words\n",
        valid.accepted, valid.total, valid.right, invalid.total - invalid.accepted, invalid.total,
        invalid.right);
  }

  Counts Total(const std::string& kind) const {
    Counts total;
    for (const auto& [name, c] : counts_) {
      if (!name.starts_with(kind + " ")) continue;
      total.total += c.total;
      total.accepted += c.accepted;
      total.right += c.right;
    }
    return total;
  }

 private:
  // A text of several statements; the canonical texts are a list.
  void Several(const std::string& line, const std::string& input, const std::string& kind,
               const std::string& mode, Counts& counts) {
    ParseOptions options;
    options.allow_partial_ddl = false;
    options.version_comments = mode != "multi_skip_special_comments";
    ++counts.total;
    std::string texts;
    std::string error;
    bool round_trip = true;
    const auto pieces = SplitStatements(input, options);
    if (!pieces.ok()) error = pieces.error().message();
    for (const StatementPiece& piece : pieces.ok() ? *pieces : std::vector<StatementPiece>()) {
      Arena arena;
      const auto parsed = Parse(arena, input.substr(piece.offset, piece.length), options);
      if (!parsed.ok()) {
        error = parsed.error().message();
        break;
      }
      const std::string text = ToString(*parsed);
      texts += (texts.empty() ? "\"" : ",\"") + text + "\"";
      Arena second;
      const auto again = Parse(second, text, options);
      round_trip = round_trip && again.ok() && Equal(*parsed, *again);
    }
    if (error.empty()) ++counts.accepted;
    if (error.empty() && round_trip) ++counts.round_trip;
    const std::string want =
        kind == "valid" ? "\"output\":[" + texts + "]" : StringField(line, "error").value_or("");
    const bool right =
        kind == "valid" ? error.empty() && line.find(want) != std::string::npos : error == want;
    if (right) {
      ++counts.right;
    } else {
      Show("SEVERAL", input, kind == "valid" ? texts : error, want);
    }
  }

  void Valid(const std::string& line, const std::string& input, const std::string& mode,
             const Result<const Statement*>& parsed, const ParseOptions& options, Counts& counts) {
    if (!parsed.ok()) {
      Show("REJECTED", input, parsed.error().message(), "");
      return;
    }
    PrintOptions print;
    print.quote_all = print.upper_case_keywords = mode == "canonical";
    const std::string text = ToString(*parsed, print);
    const std::optional<std::string> want = StringField(line, "output");
    if (!want.has_value() || *want == text) {
      ++counts.right;
    } else {
      Show("DIFFERS", input, text, *want);
    }
    Arena arena;
    const Result<const Statement*> again = Parse(arena, text, options);
    if (again.ok() && Equal(*parsed, *again)) {
      ++counts.round_trip;
    } else {
      Show("ROUND TRIP", input, text, again.ok() ? Dump(*again) : again.error().message());
    }
    Fingerprint fingerprint;
    const Result<> scanned = fingerprint.Scan(input, options);
    const std::string fault =
        scanned.ok() ? FingerprintFault(input, fingerprint) : scanned.error().message();
    if (fault.empty()) {
      ++counts.fingerprint;
    } else {
      Show("FINGERPRINT", input, std::string(fingerprint.text), fault);
    }
  }

  void Invalid(const std::string& line, const std::string& input,
               const Result<const Statement*>& parsed, Counts& counts) {
    if (parsed.ok()) {
      Show("TAKEN", input, ToString(*parsed), "");
      return;
    }
    const std::string want = StringField(line, "error").value_or("");
    if (parsed.error().message().find(want) != std::string::npos) {
      ++counts.right;
    } else {
      Show("ERROR TEXT", input, parsed.error().message(), want);
    }
  }

  static void Show(const char* what, const std::string& input, const std::string& got,
                   const std::string& want) {
    if (std::getenv("TESSERA_CORPUS_VERBOSE") == nullptr) return;
    std::printf("%s\n  in:   %s\n  got:  %s\n  want: %s\n", what, input.c_str(), got.c_str(),
                want.c_str());
  }

  std::map<std::string, Counts> counts_;
};

TEST(CorpusTest, Cases) {
  std::ifstream file(CorpusFolder() + "/parser/vitess_cases.jsonl");
  if (!file) GTEST_SKIP() << "no conformance data in " << CorpusFolder();
  Measure measure;
  for (std::string line; std::getline(file, line);) measure.Case(line);
  measure.Print();
  const Counts valid = measure.Total("valid");
  EXPECT_EQ(valid.accepted, valid.total);
  EXPECT_GE(valid.right * 1000, valid.total * 998);
}

// Lines of a compressed file; none when it is not there.
std::vector<std::string> ReadCompressed(const std::string& path) {
  std::vector<std::string> lines;
  if (!std::ifstream(path)) return lines;
  std::FILE* in = popen(("gzip -dc '" + path + "'").c_str(), "r");
  if (in == nullptr) return lines;
  std::string line;
  std::array<char, 1 << 16> bytes;
  while (const size_t size = std::fread(bytes.data(), 1, bytes.size(), in)) {
    for (const char c : std::string_view(bytes.data(), size)) {
      if (c != '\n') {
        line.push_back(c);
        continue;
      }
      lines.push_back(std::move(line));
      line.clear();
    }
  }
  pclose(in);
  return lines;
}

// What every statement that parses owes: its printed text is the same statement, and so is its
// fingerprint with the values put back; a shape that was seen gives the same fingerprint.
class Promises {
 public:
  void Check(const std::string& sql) {
    Arena arena;
    ParseOptions strict;
    strict.allow_other = strict.allow_partial_ddl = false;
    const Result<const Statement*> parsed = Parse(arena, sql, strict);
    if (!parsed.ok()) return;
    ++statements_;
    RoundTrip(sql, *parsed, PrintOptions(), "canonical text");
    PrintOptions server;
    server.dialect = Dialect::kServer;
    RoundTrip(sql, *parsed, server, "server's text");
    Scan(sql);
  }
  void Print() const {
    std::printf("COUNT %d statements read, printed, fingerprinted\n", statements_);
    for (const auto& [what, count] : faults_)
      std::printf("COUNT %d of them differ: %s\n", count, what.c_str());
  }
  int statements() const { return statements_; }
  int faults(const std::string& what) const {
    const auto found = faults_.find(what);
    return found == faults_.end() ? 0 : found->second;
  }

 private:
  void RoundTrip(const std::string& sql, const Statement* parsed, const PrintOptions& print,
                 const char* what) {
    const std::string text = ToString(parsed, print);
    Arena arena;
    const Result<const Statement*> again = Parse(arena, text);
    if (again.ok() && Equal(parsed, *again)) return;
    Fault(what, sql, text, again.ok() ? "" : again.error().message());
  }

  void Scan(const std::string& sql) {
    const Result<> scanned = fresh_.Scan(sql);
    if (!scanned.ok()) return Fault("fingerprint", sql, "", scanned.error().message());
    const std::string fault = FingerprintFault(sql, fresh_);
    if (!fault.empty()) Fault("fingerprint", sql, std::string(fresh_.text), fault);
    // Twice: the first may make the shape, the second must find it.
    for (int i = 0; i < 2; ++i) {
      const bool same = by_shape_.Scan(sql, {}, &shapes_).ok() && by_shape_.text == fresh_.text &&
                        by_shape_.hash == fresh_.hash && by_shape_.kind == fresh_.kind &&
                        SameValues(by_shape_.values, fresh_.values) &&
                        SameValues(by_shape_.items, fresh_.items);
      if (!same) Fault("shape", sql, std::string(by_shape_.text), std::string(fresh_.text));
    }
  }

  static bool SameValues(std::span<const FingerprintValue> a, std::span<const FingerprintValue> b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
      return x.type == y.type && x.bytes == y.bytes && x.tuple_begin == y.tuple_begin &&
             x.tuple_end == y.tuple_end;
    });
  }

  void Fault(const std::string& what, const std::string& sql, const std::string& text,
             const std::string& why) {
    ++faults_[what];
    if (std::getenv("TESSERA_CORPUS_VERBOSE") == nullptr) return;
    std::printf("FAULT %s\n  in:   %s\n  got:  %s\n  why:  %s\n", what.c_str(), sql.c_str(),
                text.c_str(), why.c_str());
  }

  int statements_ = 0;
  std::map<std::string, int> faults_;
  Fingerprint fresh_;
  Fingerprint by_shape_;
  ShapeCache shapes_;
};

TEST(CorpusTest, PromisesHold) {
  Promises promises;
  for (const char* file : {"lobsters_trace", "mariadb_main", "mariadb_suites"}) {
    for (const std::string& line :
         ReadCompressed(CorpusFolder() + "/parser/" + file + ".jsonl.gz")) {
      const std::optional<std::string> sql = StringField(line, file[0] == 'l' ? "input" : "sql");
      if (sql && !StringField(line, "mode")) promises.Check(*sql);
    }
  }
  if (promises.statements() == 0) GTEST_SKIP() << "no conformance data in " << CorpusFolder();
  promises.Print();
  EXPECT_EQ(promises.faults("server's text"), 0);
  EXPECT_EQ(promises.faults("fingerprint"), 0);
  EXPECT_EQ(promises.faults("shape"), 0);
  // DO, the collation of SET NAMES and such, which Vitess's text leaves out.
  EXPECT_LE(promises.faults("canonical text"), 200);
}

// A stored program's semicolons are its own.
TEST(CorpusTest, StatementsStayTogether) {
  int count = 0;
  for (const char* file : {"mariadb_main", "mariadb_suites"}) {
    for (const std::string& line :
         ReadCompressed(CorpusFolder() + "/parser/" + file + ".jsonl.gz")) {
      if (line.find("\"valid\":true") == std::string::npos || StringField(line, "mode")) continue;
      std::string sql = StringField(line, "sql").value_or("");
      Arena arena;
      const Result<const Statement*> parsed = Parse(arena, sql);
      if (!parsed.ok()) continue;
      sql.resize(sql.find_last_not_of("; \n\t\r") + 1);
      if (sql.ends_with("*/")) continue;  // behind a semicolon it is a piece of its own
      const size_t length = sql.size();
      sql += "\n; select 1";
      const auto pieces = SplitStatements(sql);
      ASSERT_TRUE(pieces.ok()) << sql;
      ASSERT_EQ(pieces->size(), 2u) << sql;
      EXPECT_LE(pieces->front().length, length) << sql;
      EXPECT_EQ(sql.substr(pieces->back().offset), "select 1") << sql;
      ++count;
    }
  }
  if (count == 0) GTEST_SKIP() << "no conformance data in " << CorpusFolder();
  std::printf("%d statements before another\n", count);
}

}  // namespace
}  // namespace tessera::sqlparser
