// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "http/http1.h"

#include <algorithm>
#include <charconv>
#include <memory>
#include <span>

#include "runtime/task_group.h"

namespace tessera::http {

namespace {

constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
constexpr char kTlsHandshake = 22;  // the type of a TLS connection's first record
constexpr size_t kReadSize = size_t{16} << 10;

std::string_view Reason(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 204:
      return "No Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 421:
      return "Misdirected Request";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Status";
  }
}

Error Refuse(int status, std::string_view why) {
  return Errorf(Code::kInvalidArgument, "{} {}: {}", status, Reason(status), why);
}

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string LowerText(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), Lower);
  return out;
}

bool IsToken(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c < 0x7f &&
           std::string_view("()<>@,;:\\\"/[]?={}").find(c) == std::string_view::npos;
  });
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Takes one line off the front of `text`; lines end in CRLF or LF.
std::string_view TakeLine(std::string_view& text) {
  const size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

}  // namespace

Result<std::optional<Request>> Http1Parser::Next() {
  if (!have_head_) {
    // A blank line before a request line is forgiven (RFC 9112, 2.2).
    while (buffer_.starts_with("\r\n")) buffer_.erase(0, 2);
    size_t end = buffer_.find("\r\n\r\n");
    size_t skip = 4;
    if (const size_t bare = buffer_.find("\n\n"); bare < end) {
      end = bare;
      skip = 2;
    }
    if (std::min(end, buffer_.size()) > limits_.max_head_bytes)
      return Refuse(431, "the request's headers are too long");
    if (end == std::string::npos) return std::optional<Request>();
    request_ = Request();
    close_ = false;
    TRY_OK(ParseHead(std::string_view(buffer_).substr(0, end)));
    buffer_.erase(0, end + skip);
    TRY_OK(PrepareBody());
    have_head_ = true;
  }
  if (body_ == Body::kLength) {
    if (buffer_.size() < length_) return std::optional<Request>();
    request_.body = buffer_.substr(0, length_);
    buffer_.erase(0, length_);
  } else if (body_ == Body::kChunked) {
    TRY(const bool complete, TakeChunks());
    if (!complete) return std::optional<Request>();
  }
  have_head_ = false;
  expect_continue_ = false;
  return std::optional<Request>(std::move(request_));
}

Result<> Http1Parser::ParseHead(std::string_view head) {
  TRY_OK(ParseRequestLine(TakeLine(head)));
  while (!head.empty()) TRY_OK(ParseHeaderLine(TakeLine(head)));
  const std::string connection = LowerText(request_.Header("connection"));
  close_ = connection.find("close") != std::string::npos ||
           (http10_ && connection.find("keep-alive") == std::string::npos);
  return Ok{};
}

Result<> Http1Parser::ParseRequestLine(std::string_view line) {
  const size_t first = line.find(' ');
  const size_t last = line.rfind(' ');
  if (first == std::string_view::npos || last == first)
    return Refuse(400, "the request line is not HTTP");
  const std::string_view method = line.substr(0, first);
  std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (!IsToken(method)) return Refuse(400, "the request's method is not a word");
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    if (version.starts_with("HTTP/")) return Refuse(505, "this server speaks HTTP/1.1 and HTTP/2");
    return Refuse(400, "the request line is not HTTP");
  }
  http10_ = version == "HTTP/1.0";
  // The absolute form that proxies use.
  if (target.starts_with("http://") || target.starts_with("https://")) {
    const size_t slash = target.find('/', target.find("//") + 2);
    target = slash == std::string_view::npos ? std::string_view("/") : target.substr(slash);
  }
  if (target.empty() || target.front() != '/')
    return Refuse(400, "the request's target is not a path");
  const size_t question = target.find('?');
  request_.method = method;
  request_.path = UrlDecode(target.substr(0, question), false);
  if (question != std::string_view::npos) request_.query = target.substr(question + 1);
  return Ok{};
}

Result<> Http1Parser::ParseHeaderLine(std::string_view line) {
  const size_t colon = line.find(':');
  // Folded lines and spaces before the colon are how requests are smuggled past proxies (RFC
  // 9112, 5.1 and 5.2).
  if (colon == std::string_view::npos || !IsToken(line.substr(0, colon)))
    return Refuse(400, "a header line has no name");
  const std::string_view value = Trim(line.substr(colon + 1));
  if (value.find('\r') != std::string_view::npos || value.find('\0') != std::string_view::npos)
    return Refuse(400, "a header's value has a control character");
  request_.headers.emplace_back(LowerText(line.substr(0, colon)), std::string(value));
  return Ok{};
}

Result<> Http1Parser::PrepareBody() {
  const std::string_view encoding = request_.Header("transfer-encoding");
  bool has_length = false;
  std::string_view length;
  for (const auto& [name, value] : request_.headers) {
    if (name != "content-length") continue;
    if (has_length && value != length) return Refuse(400, "two content lengths disagree");
    has_length = true;
    length = value;
  }
  body_ = Body::kNone;
  if (!encoding.empty()) {
    if (has_length) return Refuse(400, "a request has both a length and a transfer encoding");
    if (LowerText(encoding) != "chunked")
      return Refuse(501, "the only transfer encoding known is chunked");
    body_ = Body::kChunked;
    chunk_trailers_ = false;
  } else if (has_length) {
    const auto [end, error] =
        std::from_chars(length.data(), length.data() + length.size(), length_);
    if (error == std::errc::result_out_of_range)
      return Refuse(413, "the request's body is too long");
    if (error != std::errc() || end != length.data() + length.size())
      return Refuse(400, "the content length is not a number");
    if (length_ > limits_.max_body_bytes) return Refuse(413, "the request's body is too long");
    body_ = Body::kLength;
  }
  expect_continue_ = body_ != Body::kNone && LowerText(request_.Header("expect")) == "100-continue";
  return Ok{};
}

// True when the last chunk and the trailers are in.
Result<bool> Http1Parser::TakeChunks() {
  for (;;) {
    const size_t line_end = buffer_.find('\n');
    if (line_end == std::string::npos) {
      if (buffer_.size() > limits_.max_head_bytes) return Refuse(400, "a chunk has no size");
      return false;
    }
    std::string_view rest = buffer_;
    std::string_view line = TakeLine(rest);
    if (chunk_trailers_) {
      buffer_.erase(0, line_end + 1);
      if (buffer_.empty() && !line.empty()) return false;
      if (line_end <= 1) return true;
      continue;
    }
    line = Trim(line.substr(0, line.find(';')));
    size_t size = 0;
    const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), size, 16);
    if (line.empty() || error != std::errc() || end != line.data() + line.size())
      return Refuse(400, "a chunk has no size");
    if (size > limits_.max_body_bytes - request_.body.size())
      return Refuse(413, "the request's body is too long");
    if (size == 0) {
      buffer_.erase(0, line_end + 1);
      chunk_trailers_ = true;
      continue;
    }
    if (rest.size() < size + 2) return false;
    if (rest.substr(size, 2) != "\r\n") return Refuse(400, "a chunk is longer than its size");
    request_.body.append(rest.substr(0, size));
    buffer_.erase(0, line_end + 1 + size + 2);
  }
}

std::string FormatHttp1(const Response& response, bool close, bool head_only) {
  std::string out = fmt::format("HTTP/1.1 {} {}\r\nContent-Type: {}\r\n", response.status,
                                Reason(response.status), response.content_type);
  if (!response.stream) out += fmt::format("Content-Length: {}\r\n", response.body.size());
  for (const auto& [name, value] : response.headers) {
    // A value made from a request must not open a header of its own.
    if (value.find_first_of("\r\n") != std::string::npos || !IsToken(name)) continue;
    out.append(name).append(": ").append(value).append("\r\n");
  }
  out.append(close ? "Connection: close\r\n\r\n" : "\r\n");
  if (!head_only && !response.stream) out.append(response.body);
  return out;
}

namespace {

Response RefusalOf(const Error& error) {
  int status = 400;
  std::from_chars(error.message().data(), error.message().data() + error.message().size(), status);
  return Response::Status(status, error.message() + "\n");
}

// A body in pieces: chunks for HTTP/1.1, the bytes alone for HTTP/1.0, where the end of the
// connection is the body's.
class PieceWriter final : public BodyWriter {
 public:
  PieceWriter(runtime::Stream& stream, bool chunked) : stream_(stream), chunked_(chunked) {}

  Task<Result<>> Write(const Context& ctx, std::string_view bytes) override {
    if (bytes.empty()) co_return Ok{};  // an empty chunk would be the last
    if (!chunked_) {
      co_return co_await stream_.WriteAll(ctx, bytes);
    }
    const std::string size = fmt::format("{:x}\r\n", bytes.size());
    const std::string_view parts[] = {size, bytes, "\r\n"};
    co_return co_await stream_.Write(ctx, std::span<const std::string_view>(parts));
  }

 private:
  runtime::Stream& stream_;
  const bool chunked_;
};

// Ends `body` when the client hangs up. What else it sends is not listened to.
Task<> AwaitHangUp(const Context& ctx, runtime::Stream& stream, const Context& body) {
  char buffer[512];
  for (;;) {
    const Result<size_t> count = co_await stream.Read(ctx, std::span<char>(buffer));
    if (count.ok() && *count != 0) continue;
    body.Cancel();
    co_return;
  }
}

Task<Result<>> SendPieces(const Context& ctx, runtime::Stream& stream, Response response,
                          bool chunked) {
  if (chunked) response.headers.emplace_back("Transfer-Encoding", "chunked");
  const std::string head = FormatHttp1(response, true, false);
  CO_TRY_OK(co_await stream.WriteAll(ctx, head));
  const Context body = ctx.WithCancel();
  runtime::TaskGroup listening(ctx);
  listening.Start(AwaitHangUp(listening.context(), stream, body));
  PieceWriter writer(stream, chunked);
  Result<> written = co_await response.stream(body, writer);
  [[maybe_unused]] const Result<> heard = co_await listening.CancelAndJoin();
  if (!written.ok() || !chunked) co_return written;
  co_return co_await stream.WriteAll(ctx, "0\r\n\r\n");
}

// Whether more requests may follow on the connection.
Task<Result<bool>> Answer(const Context& ctx, runtime::Stream& stream, const Router& router,
                          const Request& request, const Http1Parser& parser) {
  Response response;
  const Handler* handler = router.Find(request.path);
  if (handler == nullptr) {
    response = Response::Status(404, "404 Not Found: no page at " + request.path + "\n");
  } else {
    response = co_await (*handler)(ctx, request);
  }
  const bool head_only = request.method == "HEAD";
  if (response.stream && !head_only) {
    CO_TRY_OK(co_await SendPieces(ctx, stream, std::move(response), !parser.http10()));
    co_return false;
  }
  const std::string bytes = FormatHttp1(response, parser.close(), head_only);
  CO_TRY_OK(co_await stream.WriteAll(ctx, bytes));
  co_return !parser.close();
}

}  // namespace

Task<Result<>> ServeHttp1(const Context& ctx, runtime::Stream& stream, std::string received,
                          const Router& router, const Http1Limits& limits, bool encrypted) {
  Http1Parser parser(limits);
  parser.Feed(received);
  const auto buffer = std::make_unique_for_overwrite<char[]>(kReadSize);
  for (;;) {
    Result<std::optional<Request>> request = parser.Next();
    if (!request.ok()) {
      const std::string refusal = FormatHttp1(RefusalOf(request.error()), true, false);
      CO_TRY_OK(co_await stream.WriteAll(ctx, refusal));
      co_return request.error();
    }
    if (*request) {
      (*request)->peer = stream.peer();
      (*request)->encrypted = encrypted;
      const Request& asked = **request;
      CO_TRY(const bool more, co_await Answer(ctx, stream, router, asked, parser));
      if (!more) co_return Ok{};
      continue;
    }
    if (parser.TakeExpectContinue()) {
      CO_TRY_OK(co_await stream.WriteAll(ctx, "HTTP/1.1 100 Continue\r\n\r\n"));
    }
    const Context read_ctx = ctx.WithTimeout(limits.idle_timeout);
    CO_TRY(const size_t count,
           co_await stream.Read(read_ctx, std::span<char>(buffer.get(), kReadSize)));
    if (count == 0) co_return Ok{};
    parser.Feed(std::string_view(buffer.get(), count));
  }
}

Task<Result<Sniffed>> SniffProtocol(const Context& ctx, runtime::Stream& stream,
                                    std::string received) {
  Sniffed sniffed;
  sniffed.received = std::move(received);
  char buffer[4096];
  for (;;) {
    const size_t compared = std::min(sniffed.received.size(), kPreface.size());
    sniffed.tls = compared > 0 && sniffed.received.front() == kTlsHandshake;
    if (sniffed.received.compare(0, compared, kPreface.substr(0, compared)) != 0) co_return sniffed;
    if (compared == kPreface.size()) {
      sniffed.http2 = true;
      co_return sniffed;
    }
    CO_TRY(const size_t count, co_await stream.Read(ctx, std::span<char>(buffer)));
    if (count == 0)
      co_return Errorf(Code::kUnavailable, "{} closed the connection before it spoke",
                       stream.peer());
    sniffed.received.append(buffer, count);
  }
}

}  // namespace tessera::http
