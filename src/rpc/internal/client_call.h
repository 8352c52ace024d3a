// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/http2_session.h"
#include "rpc/channel.h"
#include "rpc/internal/message_assembler.h"
#include "rpc/internal/slot_waiter.h"

namespace tessera::rpc {

// One call of a client on one connection. Lives in its user's frame or object; ends its stream when
// it goes.
class ClientCall final : public http::StreamEvents {
 public:
  // `one_answer`: the reader waits for the end of the call, not for each message.
  ClientCall(const ChannelOptions& options, bool one_answer)
      : options_(options), one_answer_(one_answer), assembler_(options.max_receive_bytes) {}
  ClientCall(const ClientCall&) = delete;
  ClientCall& operator=(const ClientCall&) = delete;
  ~ClientCall() { Abandon(); }

  // Sends the head of the request.
  Result<> Start(const Context& ctx, http::Http2Session& session, std::string_view authority,
                 std::string_view path, const Metadata* metadata);
  // Queues a message of at most max_send_bytes.
  Result<> Send(std::string message);
  void SendEnd();
  // Ends the call with this error, unless it has ended.
  void Stop(const Error& error);

  // Waits for the end of the call and gives its only message.
  Task<Result<std::string>> Answer(const Context& ctx);
  Task<Result<std::optional<std::string>>> Next(const Context& ctx);
  Task<Result<>> Write(const Context& ctx, std::string message);

  // After the end: the server never looked at the request, which is this.
  std::optional<std::string> TakeRefused() { return std::move(refused_); }
  Metadata& headers() { return headers_; }
  Metadata& trailers() { return trailers_; }

 private:
  void OnHeader(std::string_view name, std::string_view value) override;
  void OnHeadersEnd() override { head_done_ = true; }
  void OnData(std::string_view bytes) override;
  void OnEnd() override;
  void OnWritable() override { SlotWaiter::WakeAt(writer_); }
  void OnClose(http::Http2Code code, const Error* connection) override;

  void Finish(Result<> outcome);
  Result<> StatusOutcome() const;
  void Abandon();
  void ReturnWindow();

  const ChannelOptions& options_;
  const bool one_answer_;
  http::Http2Stream* stream_ = nullptr;
  std::optional<Result<>> outcome_;  // how the call ended
  bool head_done_ = false;
  bool writes_closed_ = false;
  bool is_grpc_ = false;
  int http_status_ = 0;
  std::optional<Code> status_;
  std::string message_;
  std::string bad_encoding_;
  MessageAssembler assembler_;
  MessageQueue inbox_;
  size_t held_ = 0;
  std::optional<std::string> refused_;
  Metadata headers_;
  Metadata trailers_;
  SlotWaiter* reader_ = nullptr;
  SlotWaiter* writer_ = nullptr;
};

}  // namespace tessera::rpc
