// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtgate/load_file.h"

#include <algorithm>
#include <charconv>

namespace tessera::vtgate {

namespace {

Error Unreadable(std::string_view clauses) {
  return Errorf(Code::kUnimplemented,
                "VT12001: unsupported: LOAD DATA over several shards with the format: {}", clauses)
      .WithMysql(1235, "42000")
      .WithHint("terminators are strings and not empty, quotes and escapes one character");
}

bool IsKeyword(std::string_view word) {
  static constexpr std::string_view kWords[] = {"fields",     "columns",  "lines",
                                                "terminated", "enclosed", "escaped",
                                                "optionally", "starting", "by"};
  return std::find(std::begin(kWords), std::end(kWords), word) != std::end(kWords);
}

// Words and strings of the printed clauses, one after the other.
class Words {
 public:
  explicit Words(std::string_view text) : rest_(text) {}

  // False at the end. A string's quotes and escapes are undone.
  bool Next(std::string& word, bool& quoted) {
    while (rest_.starts_with(' ')) rest_.remove_prefix(1);
    word.clear();
    quoted = rest_.starts_with('\'');
    if (rest_.empty()) return false;
    if (!quoted) {
      const size_t end = std::min(rest_.find(' '), rest_.size());
      word = rest_.substr(0, end);
      rest_.remove_prefix(end);
      return true;
    }
    size_t at = 1;
    while (at < rest_.size()) {
      const char c = rest_[at++];
      const bool has_next = at < rest_.size();
      if (c == '\\' && has_next) {
        word.push_back(Unescaped(rest_[at++]));
      } else if (c != '\'') {
        word.push_back(c);
      } else if (has_next && rest_[at] == '\'') {
        word.push_back(rest_[at++]);
      } else {
        break;
      }
    }
    rest_.remove_prefix(at);
    return true;
  }

  static char Unescaped(char c) {
    switch (c) {
      case '0':
        return '\0';
      case 'b':
        return '\b';
      case 'n':
        return '\n';
      case 'r':
        return '\r';
      case 't':
        return '\t';
      case 'Z':
        return '\x1a';
      default:
        return c;
    }
  }

 private:
  std::string_view rest_;
};

}  // namespace

Result<LoadFormat> LoadFormat::Parse(std::string_view clauses, std::string_view skip) {
  LoadFormat out;
  Words words(clauses);
  std::string word;
  bool quoted = false;
  bool lines = false;
  std::string about;
  while (words.Next(word, quoted)) {
    if (!quoted) {
      if (!IsKeyword(word)) return Unreadable(clauses);
      if (word == "lines") lines = true;
      if (word == "fields" || word == "columns") lines = false;
      if (word == "terminated" || word == "enclosed" || word == "escaped" || word == "starting")
        about = word;
      continue;
    }
    if (about == "terminated") {
      (lines ? out.line_end : out.field_end) = word;
    } else if (about == "starting") {
      out.line_start = word;
    } else if ((about == "enclosed" || about == "escaped") && word.size() <= 1) {
      (about == "enclosed" ? out.enclosed : out.escape) = word.empty() ? '\0' : word.front();
    } else {
      return Unreadable(clauses);
    }
  }
  if (out.field_end.empty() || out.line_end.empty()) return Unreadable(clauses);
  const size_t digit = skip.find_first_of("0123456789");
  if (digit == std::string_view::npos) return out;
  const std::string_view number = skip.substr(digit);
  const auto [end, error] =
      std::from_chars(number.data(), number.data() + number.size(), out.skipped_lines);
  if (error != std::errc()) return Unreadable(skip);
  return out;
}

void LoadReader::Append(std::string_view bytes) {
  buffer_.erase(0, begin_);
  begin_ = 0;
  buffer_.append(bytes);
}

std::optional<bool> LoadReader::Stands(size_t at, std::string_view text) const {
  const std::string_view here = std::string_view(buffer_).substr(at, text.size());
  if (here == text) return true;
  if (here.size() < text.size() && !ended_ && text.starts_with(here)) return std::nullopt;
  return false;
}

// Lines to be ignored end at the first line end, whatever stands before it.
bool LoadReader::SkipLines() {
  while (to_skip_ > 0) {
    const size_t end = buffer_.find(format_.line_end, begin_);
    if (end == std::string::npos) {
      // The end may lie across two pieces.
      const size_t kept = ended_ ? 0 : format_.line_end.size() - 1;
      begin_ = std::max(begin_, buffer_.size() - std::min(kept, buffer_.size()));
      return false;
    }
    begin_ = end + format_.line_end.size();
    --to_skip_;
  }
  return true;
}

bool LoadReader::FindStart() {
  if (format_.line_start.empty()) return true;
  const size_t start = buffer_.find(format_.line_start, begin_);
  if (start == std::string::npos) {
    const size_t kept = ended_ ? 0 : format_.line_start.size() - 1;
    begin_ = std::max(begin_, buffer_.size() - std::min(kept, buffer_.size()));
    return false;
  }
  begin_ = start;
  return true;
}

bool LoadReader::Unescape(size_t& at, std::string& text) const {
  if (at + 1 >= buffer_.size()) {
    if (!ended_) return false;
    text.push_back(buffer_[at++]);  // an escape with nothing behind it is a character
    return true;
  }
  text.push_back(Words::Unescaped(buffer_[at + 1]));
  at += 2;
  return true;
}

// Behind the opening quote.
LoadReader::Stop LoadReader::ReadEnclosed(size_t& at, std::string& text) const {
  while (at < buffer_.size()) {
    const char c = buffer_[at];
    if (format_.escape != 0 && c == format_.escape && format_.escape != format_.enclosed) {
      if (!Unescape(at, text)) return Stop::kStarved;
      continue;
    }
    if (c != format_.enclosed) {
      text.push_back(c);
      ++at;
      continue;
    }
    const std::optional<bool> field = Stands(at + 1, format_.field_end);
    const std::optional<bool> line = Stands(at + 1, format_.line_end);
    if (field == true) {
      at += 1 + format_.field_end.size();
      return Stop::kField;
    }
    if (line == true) {
      at += 1 + format_.line_end.size();
      return Stop::kLine;
    }
    if (!field || !line || (at + 1 >= buffer_.size() && !ended_)) return Stop::kStarved;
    if (at + 1 >= buffer_.size()) {
      ++at;
      return Stop::kLine;
    }
    // Two quotes are one; a single one in the middle is a character.
    text.push_back(c);
    at += buffer_[at + 1] == format_.enclosed ? 2 : 1;
  }
  return ended_ ? Stop::kLine : Stop::kStarved;
}

LoadReader::Stop LoadReader::ReadField(size_t& at, LoadField& field) const {
  std::string text;
  if (format_.enclosed != 0 && at < buffer_.size() && buffer_[at] == format_.enclosed) {
    ++at;
    const Stop stop = ReadEnclosed(at, text);
    field = std::move(text);
    return stop;
  }
  bool null_mark = false;
  Stop stop = Stop::kStarved;
  while (true) {
    if (at >= buffer_.size()) {
      if (ended_) stop = Stop::kLine;
      break;
    }
    const std::optional<bool> field_ends = Stands(at, format_.field_end);
    const std::optional<bool> line_ends = Stands(at, format_.line_end);
    if (field_ends == true || line_ends == true) {
      stop = field_ends == true ? Stop::kField : Stop::kLine;
      at += field_ends == true ? format_.field_end.size() : format_.line_end.size();
      break;
    }
    if (!field_ends || !line_ends) break;
    if (format_.escape != 0 && buffer_[at] == format_.escape) {
      null_mark = text.empty() && at + 1 < buffer_.size() && buffer_[at + 1] == 'N';
      if (!Unescape(at, text)) break;
      continue;
    }
    text.push_back(buffer_[at++]);
  }
  const bool is_null = (null_mark && text == "N") || (format_.enclosed != 0 && text == "NULL");
  field = is_null ? LoadField() : LoadField(std::move(text));
  return stop;
}

// A long line that comes in many small pieces is not read anew with each of them, which would take
// quadratic time.
bool LoadReader::WaitsForMore() const {
  const size_t worth_it = std::min(starved_ + starved_ / 2, kLongestLine + 1);
  return !ended_ && buffer_.size() - begin_ < worth_it;
}

Result<bool> LoadReader::Next(std::vector<LoadField>& fields) {
  fields.clear();
  if (!SkipLines() || !FindStart() || WaitsForMore()) return false;
  size_t at = begin_ + format_.line_start.size();
  if (ended_ && at >= buffer_.size()) return false;
  while (true) {
    LoadField field;
    const Stop stop = ReadField(at, field);
    if (stop == Stop::kStarved) {
      fields.clear();
      starved_ = buffer_.size() - begin_;
      if (starved_ <= kLongestLine) return false;
      return Errorf(Code::kInvalidArgument, "LOAD DATA: a line longer than {} bytes", kLongestLine)
          .WithHint("is its LINES TERMINATED BY what the file has?");
    }
    fields.push_back(std::move(field));
    if (stop == Stop::kLine) break;
  }
  begin_ = at;
  starved_ = 0;
  return true;
}

}  // namespace tessera::vtgate
