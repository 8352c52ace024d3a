// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "http/client.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <span>
#include <utility>

#include <fmt/core.h>

#include "runtime/loop.h"

namespace tessera::http {

namespace {

constexpr size_t kMaxHeadBytes = size_t{64} << 10;
constexpr size_t kReadBytes = size_t{16} << 10;

Error NoHttp(std::string_view why) {
  return Errorf(Code::kDataLoss, "the answer is no HTTP: {}", why)
      .WithHint("Does another kind of server listen on that port?");
}

template <class Number>
std::optional<Number> ParseNumber(std::string_view text) {
  Number value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || failed != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

bool SameName(std::string_view name, std::string_view lower) {
  if (name.size() != lower.size()) return false;
  for (size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c) != lower[i]) return false;
  }
  return true;
}

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r'))
    text.remove_suffix(1);
  return text;
}

std::string_view NextLine(std::string_view& text) {
  const size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  return line;
}

// "HTTP/1.1 200 OK"
Result<int> ParseStatus(std::string_view line) {
  if (!line.starts_with("HTTP/1.")) return NoHttp("it does not begin with HTTP/1.");
  const size_t space = line.find(' ');
  if (space == std::string_view::npos) return NoHttp("it has no status");
  const std::optional<int> status = ParseNumber<int>(line.substr(space + 1, 3));
  if (!status || *status < 100) return NoHttp("its status is no number");
  return *status;
}

}  // namespace

Result<> AnswerParser::ReadHead(std::string_view head) {
  TRY(answer_.status, ParseStatus(NextLine(head)));
  while (!head.empty()) {
    const std::string_view line = NextLine(head);
    const std::string_view name = line.substr(0, line.find(':'));
    if (name.size() == line.size()) continue;
    const std::string_view value = Trimmed(line.substr(name.size() + 1));
    if (SameName(name, "content-length")) {
      length_ = ParseNumber<size_t>(value);
      if (!length_) return NoHttp("its length is no number");
    } else if (SameName(name, "transfer-encoding") && value != "identity") {
      return NoHttp("it comes in an encoding that was not asked for");
    }
  }
  return Ok{};
}

Result<bool> AnswerParser::Feed(std::string_view bytes) {
  buffer_.append(bytes);
  if (!have_head_) {
    const size_t end = buffer_.find("\r\n\r\n");
    if (std::min(end, buffer_.size()) > kMaxHeadBytes + 3) return NoHttp("its head does not end");
    if (end == std::string::npos) return false;
    TRY_OK(ReadHead(std::string_view(buffer_).substr(0, end)));
    buffer_.erase(0, end + 4);
    have_head_ = true;
  }
  if (std::max(buffer_.size(), length_.value_or(0)) > max_body_bytes_)
    return Errorf(Code::kResourceExhausted, "the answer is longer than {} bytes", max_body_bytes_);
  return length_.has_value() && buffer_.size() >= *length_;
}

Result<Answer> AnswerParser::Finish() && {
  if (!have_head_ || (length_ && buffer_.size() < *length_))
    return Error(Code::kDataLoss, "the connection ended before the answer did");
  if (length_) buffer_.resize(*length_);
  answer_.body = std::move(buffer_);
  return std::move(answer_);
}

Task<Result<Answer>> Get(const Context& ctx, runtime::Address address, std::string page,
                         size_t max_body_bytes) {
  CO_TRY(const std::unique_ptr<runtime::Stream> owned,
         co_await runtime::Loop::Current().Connect(ctx, address));
  runtime::Stream& stream = *owned;
  const std::string request =
      fmt::format("GET {} HTTP/1.0\r\nHost: {}\r\n\r\n", page, address.ToString());
  CO_TRY_OK(co_await stream.WriteAll(ctx, request));
  AnswerParser parser(max_body_bytes);
  std::array<char, kReadBytes> buffer;
  for (;;) {
    CO_TRY(const size_t size, co_await stream.Read(ctx, buffer));
    if (size == 0) break;
    CO_TRY(const bool complete, parser.Feed(std::string_view(buffer.data(), size)));
    if (complete) break;
  }
  co_return std::move(parser).Finish();
}

std::string UrlEncode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

}  // namespace tessera::http
