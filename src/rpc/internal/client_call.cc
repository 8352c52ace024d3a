// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "rpc/internal/client_call.h"

#include <charconv>
#include <utility>
#include <vector>

#include "rpc/internal/trace_parent.h"
#include "rpc/internal/window.h"
#include "rpc/internal/wire_metadata.h"
#include "rpc/status.h"

namespace tessera::rpc {

namespace {

using http::HeaderField;
using http::Http2Code;

constexpr auto kLiteral = HeaderField::kLiteral;
constexpr std::string_view kUserAgent = "grpc-c++-tessera/0.1";

// A stream ended by its number alone, as gRPC's table of HTTP/2 errors has it.
Error ResetError(Http2Code code) {
  const auto number = static_cast<uint32_t>(code);
  switch (code) {
    case Http2Code::kRefusedStream:
      return Error(Code::kUnavailable,
                   "stream terminated by RST_STREAM with error code: REFUSED_STREAM");
    case Http2Code::kCancel:
      return Error(Code::kCancelled, "stream terminated by RST_STREAM with error code: CANCEL");
    case Http2Code::kEnhanceYourCalm:
      return Error(Code::kResourceExhausted,
                   "stream terminated by RST_STREAM with error code: ENHANCE_YOUR_CALM");
    case Http2Code::kInadequateSecurity:
      return Error(Code::kPermissionDenied,
                   "stream terminated by RST_STREAM with error code: INADEQUATE_SECURITY");
    default:
      return Errorf(Code::kInternal, "stream terminated by RST_STREAM with error code: {}", number);
  }
}

}  // namespace

Result<> ClientCall::Start(const Context& ctx, http::Http2Session& session,
                           std::string_view authority, std::string_view path,
                           const Metadata* metadata) {
  HeaderField plain[9] = {
      HeaderField(":method", "POST", kLiteral),
      HeaderField(":scheme", options_.tls != nullptr ? "https" : "http", kLiteral),
      HeaderField(":path", path),
      HeaderField(":authority", authority),
      HeaderField("te", "trailers", kLiteral),
      HeaderField("content-type", "application/grpc", kLiteral),
      HeaderField("user-agent", kUserAgent, kLiteral),
      HeaderField("", ""),
      HeaderField("", "")};
  size_t count = 7;
  std::string timeout;
  if (const std::optional<Duration> left = ctx.remaining()) {
    timeout = FormatTimeout(*left);
    plain[count++] = HeaderField("grpc-timeout", timeout, HeaderField::kVariable);
  }
  std::string trace_parent;
  if (const TraceId trace = ctx.trace(); trace.high != 0 || trace.low != 0) {
    trace_parent = FormatTraceParent(trace, Executor::Current().Random());
    plain[count++] = HeaderField("traceparent", trace_parent, HeaderField::kVariable);
  }
  if (metadata == nullptr || metadata->empty()) {
    stream_ = &session.Request(std::span<const HeaderField>(plain, count), *this);
    return Ok{};
  }
  std::vector<HeaderField> fields(plain, plain + count);
  MetadataFields extra;
  TRY_OK(extra.Append(*metadata, fields));
  stream_ = &session.Request(fields, *this);
  return Ok{};
}

Result<> ClientCall::Send(std::string message) {
  if (message.size() > options_.max_send_bytes)
    return Errorf(Code::kResourceExhausted,
                  "grpc: trying to send message larger than max ({} vs. {})", message.size(),
                  options_.max_send_bytes);
  if (writes_closed_) return Error(Code::kInternal, "message written after the end of writes");
  if (outcome_ || stream_ == nullptr)
    return Error(Code::kUnavailable, "the call has ended: read its outcome");
  // Made first: arguments may be moved from in any order.
  const MessagePrefix prefix(message.size());
  stream_->Send(prefix.view(), std::move(message));
  return Ok{};
}

void ClientCall::SendEnd() {
  if (std::exchange(writes_closed_, true) || stream_ == nullptr) return;
  stream_->SendEnd();
}

void ClientCall::Stop(const Error& error) {
  Finish(error);
  Abandon();
}

// --- what the server sends ---

void ClientCall::OnHeader(std::string_view name, std::string_view value) {
  if (name == ":status") {
    std::from_chars(value.data(), value.data() + value.size(), http_status_);
  } else if (name == "content-type") {
    is_grpc_ = value.starts_with("application/grpc");
  } else if (name == "grpc-status") {
    status_ = ParseStatus(value);
  } else if (name == "grpc-message") {
    message_ = PercentDecode(value);
  } else if (name == "grpc-encoding") {
    if (value != "identity") bad_encoding_ = value;
  } else {
    AddReceived(name, value, head_done_ ? trailers_ : headers_);
  }
}

void ClientCall::OnData(std::string_view bytes) {
  held_ += bytes.size();
  if (outcome_) return;
  if (http_status_ != 200 || !is_grpc_)
    return;  // a page that says why: OnEnd makes an error of the status
  if (!bad_encoding_.empty()) {
    return Stop(Errorf(Code::kUnimplemented,
                       "grpc: Decompressor is not installed for grpc-encoding \"{}\"",
                       bad_encoding_));
  }
  const Result<> fed = assembler_.Feed(bytes, inbox_);
  if (!fed.ok()) return Stop(fed.error());
  ReturnWindow();
  if (!one_answer_ && !inbox_.empty()) SlotWaiter::WakeAt(reader_);
}

void ClientCall::OnEnd() { Finish(StatusOutcome()); }

Result<> ClientCall::StatusOutcome() const {
  if (status_) {
    if (*status_ != Code::kOk) return Error(*status_, message_);
    if (!assembler_.at_boundary())
      return Error(Code::kInternal, "the server ended the call in the middle of a message");
    return Ok{};
  }
  if (http_status_ != 200)
    return Errorf(CodeOfHttpStatus(http_status_),
                  "unexpected HTTP status code received from server: {}; is there a gRPC server at "
                  "that address?",
                  http_status_);
  if (!is_grpc_)
    return Error(Code::kUnknown, "the server's answer is not gRPC: its content type is another");
  return Error(Code::kInternal, "server closed the stream without sending trailers");
}

void ClientCall::OnClose(Http2Code code, const Error* connection) {
  if (code == Http2Code::kRefusedStream && !head_done_) refused_ = stream_->TakeBack();
  stream_ = nullptr;
  if (outcome_) return;
  if (connection != nullptr) {
    const bool ours = connection->code() == Code::kCancelled;
    return Finish(Errorf(ours ? Code::kCancelled : Code::kUnavailable, "{}{}",
                         ours ? "" : "connection error: ", connection->message()));
  }
  if (code == Http2Code::kNoError) return Finish(StatusOutcome());
  Finish(ResetError(code));
}

void ClientCall::Finish(Result<> outcome) {
  if (outcome_) return;
  outcome_.emplace(std::move(outcome));
  // What came before the first message is all there is of a call without messages.
  SlotWaiter::WakeAt(reader_);
  SlotWaiter::WakeAt(writer_);
}

void ClientCall::Abandon() {
  if (stream_ != nullptr) std::exchange(stream_, nullptr)->Reset(Http2Code::kCancel);
}

void ClientCall::ReturnWindow() {
  if (stream_ == nullptr || held_ < WindowBatch(options_.stream_window)) return;
  if (!one_answer_ && inbox_.bytes() > kInboxLowWater) return;
  stream_->Consumed(std::exchange(held_, 0));
}

// --- what the caller does ---

Task<Result<std::string>> ClientCall::Answer(const Context& ctx) {
  while (!outcome_) {
    SlotWaiter waiter(ctx, reader_);
    const Result<> woken = co_await waiter;
    if (!woken.ok()) co_return woken.error();
  }
  if (!outcome_->ok()) co_return outcome_->error();
  if (inbox_.count() != 1)
    co_return Errorf(Code::kInternal, "the server sent {} messages where one was due",
                     inbox_.count());
  co_return inbox_.Pop();
}

Task<Result<std::optional<std::string>>> ClientCall::Next(const Context& ctx) {
  for (;;) {
    if (!inbox_.empty()) {
      std::string message = inbox_.Pop();
      ReturnWindow();
      co_return std::optional<std::string>(std::move(message));
    }
    if (outcome_) {
      if (!outcome_->ok()) co_return outcome_->error();
      co_return std::optional<std::string>();
    }
    SlotWaiter waiter(ctx, reader_);
    const Result<> woken = co_await waiter;
    if (!woken.ok()) co_return woken.error();
  }
}

Task<Result<>> ClientCall::Write(const Context& ctx, std::string message) {
  while (!outcome_ && stream_ != nullptr &&
         stream_->queued() >= http::Http2Stream::kQueueLowWater) {
    SlotWaiter waiter(ctx, writer_);
    const Result<> woken = co_await waiter;
    if (!woken.ok()) co_return woken.error();
  }
  CO_TRY_OK(ctx.Check());
  co_return Send(std::move(message));
}

}  // namespace tessera::rpc
