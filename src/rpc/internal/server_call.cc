// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "rpc/internal/server_call.h"

#include <array>
#include <exception>
#include <utility>

#include "rpc/internal/trace_parent.h"
#include "rpc/internal/window.h"
#include "rpc/internal/wire_metadata.h"
#include "rpc/status.h"

namespace tessera::rpc {

namespace {

using http::HeaderField;
using http::Http2Code;

constexpr auto kPlain = HeaderField::kLiteral;

// "/package.Service/Method" of no method here, as Go's gRPC says it.
Error UnknownMethod(std::string_view path, const MethodTable& methods) {
  const size_t slash = path.rfind('/');
  if (path.size() < 2 || path.front() != '/' || slash == 0)
    return Errorf(Code::kUnimplemented, "malformed method name: \"{}\"", path);
  const std::string_view service = path.substr(1, slash - 1);
  const std::string_view prefix = path.substr(0, slash + 1);
  for (const auto& [known, method] : methods) {
    if (known.starts_with(prefix))
      return Errorf(Code::kUnimplemented, "unknown method {} for service {}",
                    path.substr(slash + 1), service);
  }
  return Errorf(Code::kUnimplemented, "unknown service {}", service);
}

Error GoneError(const std::string_view path) {
  return Errorf(Code::kCancelled, "call {} has ended: the client went away", path);
}

class DrainHook final : public CancelHook {
 public:
  explicit DrainHook(http::Http2Session& session) : session_(session) {}

 private:
  void OnCancel(const Error&) override { session_.Drain(); }
  http::Http2Session& session_;
};

}  // namespace

// --- ServerConnection ---

Task<> ServerConnection::Run(const Context& ctx, const Context& draining,
                             std::unique_ptr<runtime::Stream> stream, std::string_view received) {
  http::Http2Options http;
  http.stream_window = options_.stream_window;
  http.connection_window = options_.connection_window;
  http.max_streams = options_.max_streams;
  http.max_header_bytes = options_.max_metadata_bytes;
  http.keepalive_time = options_.keepalive_time;
  http.keepalive_timeout = options_.keepalive_timeout;
  peer_ = stream->peer();
  runtime::TaskGroup calls(ctx);
  calls_ = &calls;
  http::Http2Session session(std::move(stream), http, this);
  DrainHook drain(session);
  draining.OnCancel(drain);
  // How a connection ended is told to its calls; to nobody else it matters.
  [[maybe_unused]] const Result<> ended = co_await session.Run(ctx, received);
  drain.Remove();
  [[maybe_unused]] const Result<> joined = co_await calls.CancelAndJoin();
}

http::StreamEvents* ServerConnection::OnStream(http::Http2Stream& stream) {
  return new ServerCallImpl(*this, stream);
}

void ServerConnection::OnBatchEnd() {
  // A handler that starts may not add to the list: only received bytes do.
  for (ServerCallImpl* call : ready_) calls_->Start(call->Run(calls_->context()));
  ready_.clear();
}

// --- ServerCallImpl: what comes in ---

ServerCallImpl::~ServerCallImpl() {
  if (stream_ != nullptr) stream_->Reset(Http2Code::kInternalError);
}

void ServerCallImpl::OnHeader(std::string_view name, std::string_view value) {
  if (head_done_) return;  // clients have no trailers in gRPC
  switch (name.front()) {
    case ':':
      if (name == ":path") path_ = value;
      if (name == ":method") is_post_ = value == "POST";
      return;
    case 'c':
      if (name == "content-type") {
        is_grpc_ = value.starts_with("application/grpc") &&
                   (value.size() == 16 || value[16] == '+' || value[16] == ';');
        return;
      }
      break;
    case 'g':
      if (name.starts_with("grpc-")) return OnProtocolHeader(name, value);
      break;
    case 't':
      if (name == "traceparent") trace_ = ParseTraceParent(value);
      break;
    default:
      break;
  }
  AddReceived(name, value, metadata_);
}

void ServerCallImpl::OnProtocolHeader(std::string_view name, std::string_view value) {
  if (name == "grpc-timeout") {
    timeout_ = ParseTimeout(value);
    if (!timeout_) bad_head_ = Errorf(Code::kInternal, "malformed grpc-timeout: \"{}\"", value);
  } else if (name == "grpc-encoding" && value != "identity") {
    bad_head_ = Errorf(
        Code::kUnimplemented,
        "grpc: Decompressor is not installed for grpc-encoding \"{}\"; send uncompressed messages",
        value);
  }
}

Result<> ServerCallImpl::CheckHead() {
  const auto found = connection_.methods_.find(std::string_view(path_));
  if (found == connection_.methods_.end()) return UnknownMethod(path_, connection_.methods_);
  method_ = &found->second;
  if (bad_head_) return *bad_head_;
  return Ok{};
}

void ServerCallImpl::OnHeadersEnd() {
  if (head_done_) return;
  head_done_ = true;
  if (!is_post_ || !is_grpc_) {
    const std::array<HeaderField, 2> answer = {
        HeaderField(":status", is_post_ ? "415" : "405", kPlain),
        HeaderField("allow", "POST", kPlain)};
    stream_->SendHeaders(answer, true);
    stream_->Detach();
    stream_ = nullptr;
    delete this;
    return;
  }
  const Result<> head = CheckHead();
  if (!head.ok()) return Refuse(head.error());
  if (!method_->takes_one()) Schedule();
}

void ServerCallImpl::OnData(std::string_view bytes) {
  held_ += bytes.size();
  if (input_error_) return ReturnWindow();
  Result<> fed = assembler_.Feed(bytes, inbox_);
  if (!fed.ok()) return FailInput(std::move(fed).error());
  if (method_->takes_one() && inbox_.count() > 1)
    return FailInput(
        Errorf(Code::kInternal, "call {} takes one message, the client sent more", path_));
  ReturnWindow();
  if (!inbox_.empty()) SlotWaiter::WakeAt(reader_);
}

void ServerCallImpl::OnEnd() {
  input_ended_ = true;
  if (!assembler_.at_boundary())
    return FailInput(Errorf(Code::kInternal, "call {} ended in the middle of a message", path_));
  if (input_error_) return;
  if (!method_->takes_one()) return SlotWaiter::WakeAt(reader_);
  if (inbox_.empty())
    return FailInput(Errorf(Code::kInternal, "call {} ended without a message", path_));
  Schedule();
}

void ServerCallImpl::FailInput(Error error) {
  if (input_error_) return;
  if (!started_) return Refuse(error);
  input_error_ = std::move(error);
  SlotWaiter::WakeAt(reader_);
}

void ServerCallImpl::OnClose(Http2Code, const Error*) {
  stream_ = nullptr;
  if (!started_) {
    delete this;
    return;
  }
  SlotWaiter::WakeAt(reader_);
  SlotWaiter::WakeAt(writer_);
  if (running_) ctx_.Cancel();  // else Run will see that the stream is gone
}

void ServerCallImpl::Schedule() {
  started_ = true;
  connection_.ready_.push_back(this);
}

void ServerCallImpl::Refuse(const Error& error) {
  FinishError(error);
  delete this;
}

// Window goes back in batches while the reader keeps up; when it does not, the client's sending
// stops.
void ServerCallImpl::ReturnWindow() {
  if (stream_ == nullptr || input_ended_ || held_ < WindowBatch(connection_.options_.stream_window))
    return;
  if (!input_error_ && inbox_.bytes() > kInboxLowWater) return;
  stream_->Consumed(std::exchange(held_, 0));
}

// --- ServerCallImpl: the handler ---

Task<Result<>> ServerCallImpl::Run(const Context& connection_ctx) {
  const std::unique_ptr<ServerCallImpl> self(this);
  if (stream_ == nullptr) co_return Ok{};
  ctx_ = timeout_ ? connection_ctx.WithTimeout(*timeout_) : connection_ctx.WithCancel();
  if (trace_.high != 0 || trace_.low != 0) ctx_ = ctx_.WithTrace(trace_);
  running_ = true;
  Result<> outcome;
  try {
    outcome = co_await Dispatch(ctx_);
  } catch (const std::exception& panic) {
    outcome = Errorf(Code::kInternal, "panic in {}: {}. This is a bug; the call was stopped", path_,
                     panic.what());
  }
  if (stream_ == nullptr) co_return Ok{};
  if (outcome.ok()) {
    FinishOk();
  } else {
    FinishError(outcome.error());
  }
  co_return Ok{};
}

Task<Result<>> ServerCallImpl::Dispatch(const Context& ctx) {
  if (method_->authorized && connection_.options_.authorize) {
    CO_TRY_OK(connection_.options_.authorize(*this));
  }
  switch (method_->handler.index()) {
    case 0: {
      const UnaryHandler& handler = std::get<0>(method_->handler);
      CO_TRY(std::string response, co_await handler(ctx, *this, inbox_.front()));
      co_return QueueMessage(std::move(response));
    }
    case 1: {
      const ServerStreamHandler& handler = std::get<1>(method_->handler);
      co_return co_await handler(ctx, *this, inbox_.front(), *this);
    }
    case 2: {
      const ClientStreamHandler& handler = std::get<2>(method_->handler);
      CO_TRY(std::string response, co_await handler(ctx, *this, *this));
      co_return QueueMessage(std::move(response));
    }
    default: {
      const BidiHandler& handler = std::get<3>(method_->handler);
      co_return co_await handler(ctx, *this, *this, *this);
    }
  }
}

Task<Result<std::optional<std::string>>> ServerCallImpl::Next(const Context& ctx) {
  for (;;) {
    if (!inbox_.empty()) {
      std::string message = inbox_.Pop();
      ReturnWindow();
      co_return std::optional<std::string>(std::move(message));
    }
    if (input_error_) co_return *input_error_;
    if (input_ended_) co_return std::optional<std::string>();
    if (stream_ == nullptr) co_return GoneError(path_);
    SlotWaiter waiter(ctx, reader_);
    const Result<> woken = co_await waiter;
    if (!woken.ok()) co_return woken.error();
  }
}

Task<Result<>> ServerCallImpl::Write(const Context& ctx, std::string message) {
  while (stream_ != nullptr && stream_->queued() >= http::Http2Stream::kQueueLowWater) {
    SlotWaiter waiter(ctx, writer_);
    const Result<> woken = co_await waiter;
    if (!woken.ok()) co_return woken.error();
  }
  CO_TRY_OK(ctx.Check());
  co_return QueueMessage(std::move(message));
}

// --- ServerCallImpl: what goes out ---

Result<> ServerCallImpl::QueueMessage(std::string message) {
  if (stream_ == nullptr) return GoneError(path_);
  if (message.size() > connection_.options_.max_send_bytes)
    return Errorf(Code::kResourceExhausted,
                  "grpc: trying to send message larger than max ({} vs. {})", message.size(),
                  connection_.options_.max_send_bytes);
  SendHeadersOnce();
  // Made first: arguments may be moved from in any order.
  const MessagePrefix prefix(message.size());
  stream_->Send(prefix.view(), std::move(message));
  return Ok{};
}

void ServerCallImpl::SendHeadersOnce() {
  if (std::exchange(headers_sent_, true)) return;
  if (headers_.empty()) {
    const std::array<HeaderField, 2> fields = {
        HeaderField(":status", "200", kPlain),
        HeaderField("content-type", "application/grpc", kPlain)};
    return stream_->SendHeaders(fields, false);
  }
  std::vector<HeaderField> fields = {HeaderField(":status", "200", kPlain),
                                     HeaderField("content-type", "application/grpc", kPlain)};
  MetadataFields extra;
  // A header HTTP/2 cannot carry is a bug of the handler; the call goes on without those after it.
  [[maybe_unused]] const Result<> appended = extra.Append(headers_, fields);
  stream_->SendHeaders(fields, false);
}

void ServerCallImpl::FinishOk() {
  SendHeadersOnce();
  std::vector<HeaderField> fields = {HeaderField("grpc-status", "0", kPlain)};
  MetadataFields extra;
  [[maybe_unused]] const Result<> appended = extra.Append(trailers_, fields);
  stream_->SendTrailers(fields);
  std::exchange(stream_, nullptr)->Detach();
}

void ServerCallImpl::FinishError(const Error& error) {
  if (stream_ == nullptr) return;
  std::vector<HeaderField> fields;
  if (!headers_sent_) {
    fields.emplace_back(":status", "200", kPlain);
    fields.emplace_back("content-type", "application/grpc", kPlain);
  }
  const std::string status = std::to_string(static_cast<int>(error.code()));
  const std::string text = PercentEncode(CutErrorText(error.ToString()));
  fields.emplace_back("grpc-status", status);
  fields.emplace_back("grpc-message", text, HeaderField::kVariable);
  MetadataFields extra;
  [[maybe_unused]] const Result<> appended = extra.Append(trailers_, fields);
  if (headers_sent_) {
    stream_->SendTrailers(fields);
  } else {
    stream_->SendHeaders(fields, true);
  }
  std::exchange(stream_, nullptr)->Detach();
}

}  // namespace tessera::rpc
