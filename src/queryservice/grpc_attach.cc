// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// Attached sessions over gRPC, both ends.
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "queryservice/codec.h"
#include "queryservice/grpc_client.h"
#include "queryservice/internal/attach_server.h"
#include "queryservice/internal/call_error.h"
#include "runtime/sync.h"
#include "runtime/task_group.h"

namespace tessera::queryservice {

using internal::FromCall;

namespace {

// Messages have a limit; packets have another.
constexpr size_t kPieceBytes = 1 << 20;
// No client's packet is longer.
constexpr size_t kMaxPacket = 1 << 30;

class GrpcAttachment final : public Attachment {
 public:
  GrpcAttachment(AttachedTo about, std::unique_ptr<rpc::ClientStream> stream)
      : about_(std::move(about)), stream_(std::move(stream)) {}

  const AttachedTo& about() const override { return about_; }

  Task<Result<>> Send(const Context& ctx, std::string_view packet) override {
    AttachedCommand command;
    do {
      command.bytes = packet.substr(0, kPieceBytes);
      packet.remove_prefix(command.bytes.size());
      command.continues = !packet.empty();
      CO_TRY_OK(co_await Write(ctx, command));
    } while (command.continues);
    co_return Ok{};
  }

  Task<Result<std::string>> Receive(const Context& ctx) override {
    Result<std::optional<std::string>> message = co_await stream_->Next(ctx);
    if (!message.ok()) co_return FromCall(message.error());
    if (!message->has_value()) co_return Error(Code::kUnavailable, "the tablet ended the session");
    co_return *std::move(*message);
  }

  Task<Result<>> Interrupt(const Context& ctx) override {
    AttachedCommand command;
    command.interrupt = true;
    co_return co_await Write(ctx, command);
  }

 private:
  Task<Result<>> Write(const Context& ctx, const AttachedCommand& command) {
    std::string message = EncodeAttachedCommand(command);
    const Result<> written = co_await stream_->Write(ctx, std::move(message));
    if (written.ok()) co_return Ok{};
    // The call has ended; why is known to Next.
    const Result<std::optional<std::string>> end = co_await stream_->Next(ctx);
    co_return FromCall(end.ok() ? written.error() : end.error());
  }

  AttachedTo about_;
  std::unique_ptr<rpc::ClientStream> stream_;
};

// The tablet's end: one coroutine takes the client's messages, since it may want a command ended
// while the answer is under way; the other sends commands and answers.
class AttachedCall {
 public:
  AttachedCall(const Context& ctx, Attachment& attachment, rpc::ServerReader& reader,
               rpc::ServerWriter& writer)
      : attachment_(attachment), reader_(reader), writer_(writer), tasks_(ctx) {}

  Task<Result<>> Run() {
    tasks_.Start(TakeMessages(tasks_.context()));
    const Result<> served = co_await Serve(tasks_.context());
    const Result<> joined = co_await tasks_.CancelAndJoin();
    if (busy_) {
      // Nobody waits for the command any more.
      const Context brief = Context::Background().WithTimeout(std::chrono::seconds(5));
      const Result<> ended = co_await attachment_.Interrupt(brief);
      static_cast<void>(ended.ok());
    }
    co_return gone_ ? Result<>() : served;
  }

 private:
  Task<Result<>> TakeMessages(const Context& ctx) {
    const Result<> taken = co_await TakeAll(ctx);
    gone_ = taken.ok();
    packets_.Close();
    co_return taken.ok() ? Error(Code::kCancelled, "the client has left") : taken.error();
  }

  Task<Result<>> TakeAll(const Context& ctx) {
    std::string packet;
    while (true) {
      CO_TRY(const std::optional<std::string> message, co_await reader_.Next(ctx));
      if (!message) co_return Ok{};
      CO_TRY(const AttachedCommand command, DecodeAttachedCommand(*message));
      if (command.interrupt) {
        // It may come behind the answer's end.
        if (busy_) {
          CO_TRY_OK(co_await attachment_.Interrupt(ctx));
        }
        continue;
      }
      if (packet.size() + command.bytes.size() > kMaxPacket)
        co_return Error(Code::kResourceExhausted, "a command longer than the limit");
      packet += command.bytes;
      if (command.continues) continue;
      CO_TRY_OK(co_await packets_.Push(ctx, std::move(packet)));
      packet.clear();
    }
  }

  Task<Result<>> Serve(const Context& ctx) {
    while (true) {
      CO_TRY(const std::optional<std::string> packet, co_await packets_.Pop(ctx));
      if (!packet) co_return Ok{};
      busy_ = true;
      CO_TRY_OK(co_await attachment_.Send(ctx, *packet));
      CO_TRY_OK(co_await Answer(ctx));
      busy_ = false;
    }
  }

  Task<Result<>> Answer(const Context& ctx) {
    while (true) {
      CO_TRY(const std::string run, co_await attachment_.Receive(ctx));
      if (run.empty()) co_return Ok{};
      std::string_view rest = run;
      while (!rest.empty()) {
        std::string piece(rest.substr(0, kPieceBytes));
        rest.remove_prefix(piece.size());
        CO_TRY_OK(co_await writer_.Write(ctx, std::move(piece)));
      }
    }
  }

  Attachment& attachment_;
  rpc::ServerReader& reader_;
  rpc::ServerWriter& writer_;
  runtime::TaskGroup tasks_;
  runtime::Channel<std::string> packets_{4};
  bool busy_ = false;
  bool gone_ = false;  // the client closed the stream in good order
};

Task<Result<>> ServeAttached(QueryService& service, const Context& ctx, rpc::ServerReader& reader,
                             rpc::ServerWriter& writer) {
  CO_TRY(const std::optional<std::string> first, co_await reader.Next(ctx));
  if (!first) co_return Error(Code::kInvalidArgument, "no request on an attached stream");
  DecodedRequest decoded;
  CO_TRY_OK(decoded.Decode(*first, kAttach.request));
  CO_TRY(const std::unique_ptr<Attachment> attachment,
         co_await service.Attach(ctx, decoded.request()));
  std::string about = EncodeAttachedTo(attachment->about());
  CO_TRY_OK(co_await writer.Write(ctx, std::move(about)));
  AttachedCall call(ctx, *attachment, reader, writer);
  co_return co_await call.Run();
}

Task<Result<std::string>> ServeDescribe(QueryService& service, const Context& ctx,
                                        std::string_view bytes) {
  DecodedRequest decoded;
  CO_TRY_OK(decoded.Decode(bytes, kDescribe.request));
  CO_TRY(const sqltypes::ResultSet result,
         co_await service.DescribeStatement(ctx, decoded.request()));
  co_return EncodeResponse(nullptr, &result, kDescribe.response);
}

}  // namespace

Task<Result<std::unique_ptr<Attachment>>> GrpcClient::Attach(const Context& ctx,
                                                             const Request& request) {
  // The session outlives the statement that opened it: dropping the stream ends it.
  const Context lasting = Context::Background();
  Result<std::unique_ptr<rpc::ClientStream>> opened = co_await channel_.Open(lasting, kAttach.path);
  if (!opened.ok()) co_return FromCall(opened.error());
  std::unique_ptr<rpc::ClientStream> stream = *std::move(opened);
  std::string first = EncodeRequest(request, kAttach.request);
  // A write that fails is explained by what comes next.
  const Result<> written = co_await stream->Write(ctx, std::move(first));
  Result<std::optional<std::string>> answer = co_await stream->Next(ctx);
  if (!answer.ok()) co_return FromCall(answer.error());
  if (!written.ok() || !answer->has_value())
    co_return Error(Code::kUnavailable, "vttablet: the session ended before it began");
  CO_TRY(AttachedTo about, DecodeAttachedTo(**answer));
  co_return std::unique_ptr<Attachment>(
      std::make_unique<GrpcAttachment>(std::move(about), std::move(stream)));
}

Task<Result<sqltypes::ResultSet>> GrpcClient::DescribeStatement(const Context& ctx,
                                                                const Request& request) {
  CO_TRY(DecodedResponse response, co_await Call(ctx, kDescribe, request));
  co_return response.result ? *std::move(response.result) : sqltypes::ResultSet();
}

void internal::RegisterAttach(rpc::Server& server, ServicePicker pick) {
  server.Bidi(
      std::string(kAttach.path),
      [pick](const Context& ctx, rpc::ServerCall&, rpc::ServerReader& reader,
             rpc::ServerWriter& writer) { return ServeAttached(pick(), ctx, reader, writer); });
  server.Unary(std::string(kDescribe.path),
               [pick](const Context& ctx, rpc::ServerCall&, std::string_view bytes) {
                 return ServeDescribe(pick(), ctx, bytes);
               });
}

}  // namespace tessera::queryservice
