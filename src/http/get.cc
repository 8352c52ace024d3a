// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "http/get.h"

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <utility>

#include "runtime/loop.h"

namespace tessera::http {

namespace {

constexpr size_t kAnswerRead = size_t{64} << 10;
constexpr size_t kShownOfRefusal = 200;  // bytes of a refusal's body that its error repeats
constexpr std::string_view kLengthName = "content-length:";

Error Garbled(std::string_view what) {
  return Errorf(Code::kUnavailable, "the answer is no HTTP: {}", what);
}

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

bool BeginsWithName(std::string_view line, std::string_view lower_name) {
  return line.size() >= lower_name.size() &&
         std::equal(lower_name.begin(), lower_name.end(), line.begin(), [](char a, char b) {
           return a == (b >= 'A' && b <= 'Z' ? static_cast<char>(b - 'A' + 'a') : b);
         });
}

// "HTTP/1.1 200 OK"
Result<int> StatusOf(std::string_view line) {
  int status = 0;
  const size_t space = line.find(' ');
  if (!line.starts_with("HTTP/1.") || space == std::string_view::npos)
    return Garbled("it does not begin with HTTP/1");
  const char* const first = line.data() + space + 1;
  const auto [end, error] = std::from_chars(first, line.data() + line.size(), status);
  if (error != std::errc() || end != first + 3) return Garbled("it has no status");
  return status;
}

// What the header Content-Length says; nothing without one.
Result<std::optional<size_t>> LengthOf(std::string_view head) {
  for (size_t at = head.find('\n'); at != std::string_view::npos; at = head.find('\n', at)) {
    ++at;
    const std::string_view line = head.substr(at, head.find('\n', at) - at);
    if (!BeginsWithName(line, kLengthName)) continue;
    const std::string_view digits = Trim(line.substr(kLengthName.size()));
    size_t length = 0;
    const char* const last = digits.data() + digits.size();
    const auto [end, error] = std::from_chars(digits.data(), last, length);
    if (error != std::errc() || end != last || digits.empty())
      return Garbled("its length is no number");
    return std::optional<size_t>(length);
  }
  return std::optional<size_t>();
}

Code CodeOf(int status) {
  if (status == 404) return Code::kNotFound;
  if (status == 401 || status == 403) return Code::kPermissionDenied;
  return Code::kUnavailable;
}

// Until the server closes, which it does behind the answer to an HTTP/1.0 request.
Task<Result<std::string>> ReadToEnd(const Context& ctx, runtime::Stream& stream) {
  std::string answer;
  for (size_t filled = 0;;) {
    answer.resize(filled + kAnswerRead);
    const std::span<char> room(answer.data() + filled, kAnswerRead);
    CO_TRY(const size_t got, co_await stream.Read(ctx, room));
    filled += got;
    if (got == 0) {
      answer.resize(filled);
      co_return answer;
    }
    if (filled > kMaxAnswerBytes) {
      co_return Errorf(Code::kUnavailable, "the answer is longer than {} bytes", kMaxAnswerBytes);
    }
  }
}

Task<Result<std::string>> Fetch(const Context& ctx, const runtime::Address& address,
                                const std::string& path) {
  runtime::Loop& loop = runtime::Loop::Current();
  CO_TRY(const std::unique_ptr<runtime::Stream> stream, co_await loop.Connect(ctx, address));
  // HTTP/1.0: no chunks come back.
  const std::string request =
      fmt::format("GET {} HTTP/1.0\r\nHost: {}\r\nConnection: close\r\n\r\n", path,
                  address.is_unix() ? std::string("localhost") : address.ToString());
  CO_TRY_OK(co_await stream->WriteAll(ctx, request));
  CO_TRY(const std::string answer, co_await ReadToEnd(ctx, *stream));
  co_return BodyOfAnswer(answer);
}

}  // namespace

Result<std::string> BodyOfAnswer(std::string_view answer) {
  constexpr std::string_view kEnd = "\r\n\r\n";
  const size_t end = answer.find(kEnd);
  if (answer.empty()) return Error(Code::kUnavailable, "the server closed without an answer");
  if (end == std::string_view::npos) return Garbled("its head does not end");
  const std::string_view head = answer.substr(0, end);
  TRY(const int status, StatusOf(head.substr(0, head.find("\r\n"))));
  TRY(const std::optional<size_t> length, LengthOf(head));
  std::string_view body = answer.substr(end + kEnd.size());
  if (length && body.size() < *length) {
    return Errorf(Code::kUnavailable, "the answer was cut short: {} of {} bytes", body.size(),
                  *length);
  }
  if (length) body = body.substr(0, *length);
  if (status == 200) return std::string(body);
  const std::string_view said = Trim(body.substr(0, kShownOfRefusal));
  return Errorf(CodeOf(status), "HTTP status {}{}{}", status, said.empty() ? "" : ": ", said);
}

Task<Result<std::string>> HttpGet(const Context& ctx, runtime::Address address, std::string path) {
  Result<std::string> body = co_await Fetch(ctx, address, path);
  if (body.ok()) co_return body;
  Error error = body.error();
  co_return std::move(error).Wrap(fmt::format("http://{}{}", address.ToString(), path));
}

}  // namespace tessera::http
