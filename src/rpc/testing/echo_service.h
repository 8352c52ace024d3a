// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <charconv>
#include <string>
#include <string_view>

#include "base/waiter.h"
#include "rpc/server.h"

// A service for this library's tests: every form of call, with payloads that show what arrived.
namespace tessera::rpc::testing {

inline constexpr std::string_view kUnary = "/test.Echo/Unary";  // the request
inline constexpr std::string_view kFail =
    "/test.Echo/Fail";  // "17 text": an error of that code and text
inline constexpr std::string_view kCount =
    "/test.Echo/Count";  // "n size": n messages of that many bytes, "i....."
inline constexpr std::string_view kSum =
    "/test.Echo/Sum";  // the number of messages and of their bytes
inline constexpr std::string_view kChat = "/test.Echo/Chat";  // every message back
inline constexpr std::string_view kHang = "/test.Echo/Hang";  // nothing, until the context ends
inline constexpr std::string_view kMeta =
    "/test.Echo/Meta";  // metadata back as headers and trailers
inline constexpr std::string_view kFailLate = "/test.Echo/FailLate";  // two messages, then an error

// Calls of kHang under way and ended; tests wait for them.
struct EchoProbe {
  int hanging = 0;
  int hung_up = 0;
  Code hung_up_code = Code::kOk;
};

inline std::string Payload(size_t index, size_t size) {
  std::string bytes = std::to_string(index);
  bytes.resize(std::max(size, bytes.size()), static_cast<char>('a' + index % 26));
  return bytes;
}

inline std::pair<size_t, size_t> TwoNumbers(std::string_view text) {
  std::pair<size_t, size_t> numbers{0, 0};
  const char* const end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, numbers.first);
  if (first.ptr < end) std::from_chars(first.ptr + 1, end, numbers.second);
  return numbers;
}

inline Task<Result<std::string>> Echo(std::string_view request) { co_return std::string(request); }

inline Task<Result<std::string>> Fail(std::string_view request) {
  const size_t space = request.find(' ');
  co_return Error(static_cast<Code>(TwoNumbers(request).first),
                  std::string(request.substr(space + 1)));
}

inline Task<Result<>> Count(const Context& ctx, std::string_view request, ServerWriter& writer) {
  const auto [count, size] = TwoNumbers(request);
  for (size_t i = 0; i < count; ++i) {
    CO_TRY_OK(co_await writer.Write(ctx, Payload(i, size)));
  }
  co_return Ok{};
}

inline Task<Result<std::string>> Sum(const Context& ctx, ServerReader& reader) {
  size_t count = 0;
  size_t bytes = 0;
  for (;;) {
    CO_TRY(const std::optional<std::string> message, co_await reader.Next(ctx));
    if (!message) break;
    ++count;
    bytes += message->size();
  }
  co_return fmt::format("{} {}", count, bytes);
}

inline Task<Result<>> Chat(const Context& ctx, ServerReader& reader, ServerWriter& writer) {
  for (;;) {
    CO_TRY(std::optional<std::string> message, co_await reader.Next(ctx));
    if (!message) co_return Ok{};
    CO_TRY_OK(co_await writer.Write(ctx, std::move(*message)));
  }
}

inline Task<Result<std::string>> Hang(const Context& ctx, EchoProbe* probe) {
  ++probe->hanging;
  const Result<> ended = co_await Sleep(ctx, std::chrono::hours(1));
  ++probe->hung_up;
  if (ended.ok()) co_return std::string("nobody came");
  probe->hung_up_code = ended.error().code();
  co_return ended.error();
}

inline Task<Result<std::string>> Meta(ServerCall& call) {
  for (const auto& [name, value] : call.metadata()) {
    call.AddHeader("head-" + name, value);
    call.AddTrailer("tail-" + name, value);
  }
  co_return std::string(call.path());
}

inline Task<Result<>> FailLate(const Context& ctx, ServerWriter& writer) {
  CO_TRY_OK(co_await writer.Write(ctx, "one"));
  CO_TRY_OK(co_await writer.Write(ctx, "two"));
  co_return Error(Code::kClusterEvent, "operation not allowed in state NOT_SERVING");
}

inline void RegisterEcho(Server& server, EchoProbe& probe) {
  server.Unary(std::string(kUnary),
               [](const Context&, ServerCall&, std::string_view request) { return Echo(request); });
  server.Unary(std::string(kFail),
               [](const Context&, ServerCall&, std::string_view request) { return Fail(request); });
  server.ServerStream(std::string(kCount),
                      [](const Context& ctx, ServerCall&, std::string_view request,
                         ServerWriter& writer) { return Count(ctx, request, writer); });
  server.ClientStream(std::string(kSum), [](const Context& ctx, ServerCall&, ServerReader& reader) {
    return Sum(ctx, reader);
  });
  server.Bidi(std::string(kChat), [](const Context& ctx, ServerCall&, ServerReader& reader,
                                     ServerWriter& writer) { return Chat(ctx, reader, writer); });
  EchoProbe* const seen = &probe;
  server.Unary(std::string(kHang), [seen](const Context& ctx, ServerCall&, std::string_view) {
    return Hang(ctx, seen);
  });
  server.Unary(std::string(kMeta),
               [](const Context&, ServerCall& call, std::string_view) { return Meta(call); });
  server.ServerStream(std::string(kFailLate),
                      [](const Context& ctx, ServerCall&, std::string_view, ServerWriter& writer) {
                        return FailLate(ctx, writer);
                      });
}

}  // namespace tessera::rpc::testing
