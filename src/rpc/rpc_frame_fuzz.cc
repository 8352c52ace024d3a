// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// Bytes of a hostile peer: the first byte chooses who reads them, the rest is what it reads.
// Whatever comes, the outcome is an answer or an error.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "http/http1.h"
#include "http/http2_session.h"
#include "rpc/internal/health.h"
#include "rpc/internal/message_assembler.h"
#include "rpc/internal/server_call.h"
#include "rpc/internal/trace_parent.h"
#include "rpc/internal/wire_metadata.h"
#include "rpc/status.h"
#include "rpc/testing/echo_service.h"
#include "runtime/loop_pool.h"

namespace tessera::rpc {
namespace {

// A connection that brings these bytes in pieces, then ends, and forgets what is written to it.
class ScriptedStream final : public runtime::Stream {
 public:
  ScriptedStream(std::string_view bytes, size_t step) : bytes_(bytes), step_(step) {}
  Task<Result<size_t>> Read(const Context& ctx, std::span<char> into) override {
    co_await Yield();
    CO_TRY_OK(ctx.Check());
    if (shut_) co_return Error(Code::kUnavailable, "shut down");
    const size_t count = std::min({step_, bytes_.size(), into.size()});
    std::memcpy(into.data(), bytes_.data(), count);
    bytes_.remove_prefix(count);
    co_return count;
  }
  Task<Result<>> Write(const Context&, std::span<const std::string_view>) override {
    co_return Ok{};
  }
  Result<size_t> TryWrite(std::span<const std::string_view> parts) override {
    size_t total = 0;
    for (const std::string_view part : parts) total += part.size();
    return total;
  }
  void Shutdown() override { shut_ = true; }
  std::string peer() const override { return "fuzz"; }

 private:
  std::string_view bytes_;
  size_t step_;
  bool shut_ = false;
};

Task<int> Serve(const Context& ctx, std::string_view bytes, size_t step) {
  const ServerOptions options;
  MethodTable methods;
  MethodEntry unary;
  unary.handler = UnaryHandler(
      [](const Context&, ServerCall&, std::string_view request) { return testing::Echo(request); });
  methods.emplace(std::string(testing::kUnary), std::move(unary));
  MethodEntry chat;
  chat.handler =
      BidiHandler([](const Context& call, ServerCall&, ServerReader& reader, ServerWriter& writer) {
        return testing::Chat(call, reader, writer);
      });
  methods.emplace(std::string(testing::kChat), std::move(chat));
  ServerConnection connection(options, methods);
  const Context draining = ctx.WithCancel();
  co_await connection.Run(ctx, draining, std::make_unique<ScriptedStream>(bytes, step),
                          std::string_view());
  co_return 0;
}

Task<int> Call(const Context& ctx, std::string_view bytes, size_t step) {
  http::Http2Session session(std::make_unique<ScriptedStream>(bytes, step), http::Http2Options(),
                             nullptr);
  [[maybe_unused]] const Result<> ended = co_await session.Run(ctx, std::string_view());
  co_return 0;
}

void ParsePieces(std::string_view bytes) {
  MessageQueue queue;
  MessageAssembler assembler(1 << 20);
  [[maybe_unused]] const Result<> fed = assembler.Feed(bytes, queue);
  [[maybe_unused]] const Result<std::string> health = ParseHealthRequest(bytes);
  std::string decoded;
  [[maybe_unused]] const bool base64 = Base64Decode(bytes, decoded);
  [[maybe_unused]] const auto timeout = ParseTimeout(bytes);
  [[maybe_unused]] const TraceId trace = ParseTraceParent(bytes);
  if (PercentDecode(PercentEncode(bytes)) != bytes) __builtin_trap();
}

void ParseHttp1(std::string_view bytes, size_t step) {
  http::Http1Parser parser{http::Http1Limits()};
  while (!bytes.empty()) {
    parser.Feed(bytes.substr(0, step));
    bytes.remove_prefix(std::min(step, bytes.size()));
    for (;;) {
      const Result<std::optional<http::Request>> request = parser.Next();
      if (!request.ok()) return;
      if (!*request) break;
    }
  }
}

}  // namespace
}  // namespace tessera::rpc

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tessera;  // NOLINT
  if (size < 2) return 0;
  const size_t step = data[0] / 4 * 16 + 1;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  static constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  switch (data[0] % 4) {
    case 0: {
      const std::string whole = std::string(kPreface).append(bytes);
      runtime::RunLoop([&](const Context& ctx) { return rpc::Serve(ctx, whole, step); });
      break;
    }
    case 1:
      runtime::RunLoop([&](const Context& ctx) { return rpc::Call(ctx, bytes, step); });
      break;
    case 2:
      rpc::ParsePieces(bytes);
      break;
    default:
      rpc::ParseHttp1(bytes, step);
      break;
  }
  return 0;
}
