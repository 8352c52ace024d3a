// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "rpc/channel.h"

#include <algorithm>
#include <utility>

#include "base/waiter.h"
#include "http/http2_session.h"
#include "rpc/internal/client_call.h"
#include "runtime/sync.h"
#include "runtime/task_group.h"

namespace tessera::rpc {

namespace {

constexpr Duration kLeastKeepalive = std::chrono::seconds(10);
constexpr double kBackoffGrowth = 1.6;
constexpr double kBackoffJitter = 0.2;
constexpr int kMostRefusals = 3;

// grpc-go's texts end in "connection refused", which callers look for; strerror capitalizes.
std::string LowerReason(std::string text) {
  const size_t colon = text.rfind(": ");
  const size_t start = colon == std::string::npos ? 0 : colon + 2;
  if (start + 1 < text.size() && text[start] >= 'A' && text[start] <= 'Z' && text[start + 1] >= 'a')
    text[start] = static_cast<char>(text[start] - 'A' + 'a');
  return text;
}

}  // namespace

struct Channel::State {
  State(runtime::Address channel_target, ChannelOptions channel_options)
      : target(std::move(channel_target)),
        options(std::move(channel_options)),
        authority(options.authority.empty() ? (target.is_unix() ? "localhost" : target.ToString())
                                            : options.authority) {}

  // The connection that takes new calls, if there is one.
  http::Http2Session* usable() const {
    return current != nullptr && current->takes_requests() ? current : nullptr;
  }
  Task<Result<http::Http2Session*>> Ready(const Context& ctx, bool wait_for_ready);
  Task<Result<>> RunConnection();
  Task<Result<std::unique_ptr<runtime::Stream>>> ConnectStream();
  void Failed(const Error& error);
  http::Http2Options SessionOptions() const;

  const runtime::Address target;
  const ChannelOptions options;
  const std::string authority;
  http::Http2Session* current = nullptr;
  bool connecting = false;
  bool closed = false;
  // Woken when a connect ends, when a server has spoken, and when its connection ends.
  runtime::WaitQueue changed;
  std::optional<Error> last_error;  // of the last connection, while it is the reason to back off
  Duration backoff{};
  Instant retry_at{};
  runtime::TaskGroup tasks{Context::Background()};
};

http::Http2Options Channel::State::SessionOptions() const {
  http::Http2Options http;
  http.stream_window = options.stream_window;
  http.connection_window = options.connection_window;
  http.max_header_bytes = options.max_metadata_bytes;
  if (options.keepalive_time > Duration::zero())
    http.keepalive_time = std::max(options.keepalive_time, kLeastKeepalive);
  http.keepalive_timeout = options.keepalive_timeout;
  http.ping_when_idle = false;
  return http;
}

Task<Result<http::Http2Session*>> Channel::State::Ready(const Context& ctx, bool wait_for_ready) {
  for (;;) {
    if (closed)
      co_return Errorf(Code::kCancelled, "the client connection to {} is closing",
                       target.ToString());
    CO_TRY_OK(ctx.Check());
    http::Http2Session* const session = usable();
    // Who waits for a server waits for its first word, too: behind an open port may be anything.
    if (session != nullptr && (!wait_for_ready || session->established())) co_return session;
    if (session == nullptr && !connecting) {
      const Duration left = last_error ? retry_at - Executor::Current().Now() : Duration::zero();
      if (left > Duration::zero()) {
        if (!wait_for_ready) co_return *last_error;
        CO_TRY_OK(co_await Sleep(ctx, left));
        continue;
      }
      tasks.Start(RunConnection());
      continue;  // it may have ended already
    }
    const Result<> woken = co_await changed.Wait(ctx);
    if (woken.ok()) continue;
    if (ctx.cancelled() || !wait_for_ready) co_return woken.error();
  }
}

Task<Result<std::unique_ptr<runtime::Stream>>> Channel::State::ConnectStream() {
  const Context ctx = tasks.context().WithTimeout(options.connect_timeout);
  CO_TRY(std::unique_ptr<runtime::Stream> stream,
         co_await runtime::Loop::Current().Connect(ctx, target));
  if (options.tls == nullptr) co_return stream;
  CO_TRY(runtime::TlsConnection secret,
         co_await runtime::TlsConnect(ctx, std::move(stream), options.tls, target.host));
  co_return std::move(secret.stream);
}

// One connection from its connect to its end.
Task<Result<>> Channel::State::RunConnection() {
  connecting = true;
  Result<std::unique_ptr<runtime::Stream>> stream = co_await ConnectStream();
  connecting = false;
  if (!stream.ok()) {
    Failed(stream.error());
    changed.WakeAll(*last_error);
    co_return Ok{};
  }
  http::Http2Session session(std::move(stream).value(), SessionOptions(), nullptr);
  current = &session;
  session.OnEstablished([this] { changed.WakeAll(); });
  changed.WakeAll();
  const Result<> ended = co_await session.Run(tasks.context(), std::string_view());
  if (current == &session) current = nullptr;
  if (session.established()) {
    last_error.reset();
    backoff = Duration::zero();
  } else if (!ended.ok()) {
    Failed(ended.error());
  }
  changed.WakeAll();
  co_return Ok{};
}

void Channel::State::Failed(const Error& error) {
  last_error = Error(Code::kUnavailable, "connection error: " + LowerReason(error.message()))
                   .WithHint(error.hint());
  const auto grown =
      Duration(static_cast<int64_t>(static_cast<double>(backoff.count()) * kBackoffGrowth));
  backoff = std::min(std::max(grown, options.backoff_first), options.backoff_most);
  Executor& executor = Executor::Current();
  const double spread = static_cast<double>(executor.Random() % 1000) / 1000 * 2 - 1;
  const double wait = static_cast<double>(backoff.count()) * (1 + kBackoffJitter * spread);
  retry_at = executor.Now() + Duration(static_cast<int64_t>(wait));
}

namespace {

// A streaming call of a channel.
class StreamImpl final : public ClientStream, CancelHook {
 public:
  StreamImpl(const Context& ctx, const ChannelOptions& options)
      : ctx_(ctx), call_(options, false) {}

  Result<> Start(http::Http2Session& session, std::string_view authority, std::string_view path,
                 const Metadata* metadata) {
    TRY_OK(call_.Start(ctx_, session, authority, path, metadata));
    ctx_.OnCancel(*this);
    return Ok{};
  }
  ClientCall& call() { return call_; }

  Task<Result<>> Write(const Context& ctx, std::string message) override {
    return call_.Write(ctx, std::move(message));
  }
  void CloseWrites() override { call_.SendEnd(); }
  Task<Result<std::optional<std::string>>> Next(const Context& ctx) override {
    return call_.Next(ctx);
  }
  const Metadata& headers() const override { return call_.headers(); }
  const Metadata& trailers() const override { return call_.trailers(); }

 private:
  void OnCancel(const Error& error) override { call_.Stop(error); }

  const Context ctx_;
  mutable ClientCall call_;
};

}  // namespace

Channel::Channel(runtime::Address target, ChannelOptions options)
    : state_(std::make_unique<State>(std::move(target), std::move(options))) {}
Channel::~Channel() = default;

const runtime::Address& Channel::target() const { return state_->target; }
bool Channel::connected() const { return state_->usable() != nullptr; }

Task<Result<std::string>> Channel::Call(const Context& ctx, std::string_view path,
                                        std::string request, const CallOptions* options) {
  State& state = *state_;
  const Metadata* metadata = options != nullptr ? &options->metadata : nullptr;
  for (int refusals = 0;; ++refusals) {
    http::Http2Session* session = state.usable();
    const bool wait_for_ready = options != nullptr && options->wait_for_ready;
    if (session == nullptr || wait_for_ready) {
      CO_TRY(session, co_await state.Ready(ctx, wait_for_ready));
    }
    CO_TRY_OK(ctx.Check());
    ClientCall call(state.options, true);
    CO_TRY_OK(call.Start(ctx, *session, state.authority, path, metadata));
    CO_TRY_OK(call.Send(std::move(request)));
    call.SendEnd();
    Result<std::string> answer = co_await call.Answer(ctx);
    if (!answer.ok() && refusals < kMostRefusals && !ctx.cancelled()) {
      // A server that goes away refuses what it has not looked at: it is safe to ask elsewhere.
      if (std::optional<std::string> refused = call.TakeRefused()) {
        request = std::move(*refused);
        continue;
      }
    }
    if (options != nullptr && options->received_headers != nullptr)
      *options->received_headers = call.headers();
    if (options != nullptr && options->received_trailers != nullptr)
      *options->received_trailers = call.trailers();
    co_return answer;
  }
}

Task<Result<std::unique_ptr<ClientStream>>> Channel::Open(const Context& ctx, std::string_view path,
                                                          const CallOptions* options) {
  State& state = *state_;
  const bool wait_for_ready = options != nullptr && options->wait_for_ready;
  CO_TRY(http::Http2Session * session, co_await state.Ready(ctx, wait_for_ready));
  auto stream = std::make_unique<StreamImpl>(ctx, state.options);
  CO_TRY_OK(stream->Start(*session, state.authority, path,
                          options != nullptr ? &options->metadata : nullptr));
  co_return std::unique_ptr<ClientStream>(std::move(stream));
}

Task<Result<std::unique_ptr<ClientStream>>> Channel::ServerStream(const Context& ctx,
                                                                  std::string_view path,
                                                                  std::string request,
                                                                  const CallOptions* options) {
  CO_TRY(std::unique_ptr<ClientStream> stream, co_await Open(ctx, path, options));
  CO_TRY_OK(static_cast<StreamImpl&>(*stream).call().Send(std::move(request)));
  stream->CloseWrites();
  co_return std::move(stream);
}

Task<Result<>> Channel::Connect(const Context& ctx) {
  if (!state_->connecting) state_->last_error.reset();
  CO_TRY_OK(co_await state_->Ready(ctx, false));
  co_return Ok{};
}

Task<> Channel::Close() {
  state_->closed = true;
  state_->tasks.context().Cancel(Error(Code::kCancelled, "the client connection is closing"));
  // Every child ends with Ok.
  [[maybe_unused]] const Result<> joined = co_await state_->tasks.Join();
}

}  // namespace tessera::rpc
