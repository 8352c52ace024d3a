// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "rpc/channel.h"
#include "rpc/server.h"

// Calls typed by protobuf messages. Includes no protobuf header: a message type is anything with
// ParseFromArray and SerializeToString.
namespace tessera::rpc {

template <class Message>
Result<Message> ParseProto(std::string_view bytes) {
  Message message;
  if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return Errorf(Code::kInternal,
                  "grpc: failed to unmarshal the received message: {} bytes are no {}",
                  bytes.size(), message.GetTypeName());
  }
  return message;
}

template <class Message>
Result<std::string> SerializeProto(const Message& message) {
  std::string bytes;
  if (!message.SerializeToString(&bytes))
    return Errorf(Code::kInternal, "grpc: error while marshaling a {}", message.GetTypeName());
  return bytes;
}

// The path of the method that takes this request, where a service names methods so: PingRequest of
// "/package.Service/" gives "/package.Service/Ping".
template <class Request>
std::string ProtoPath(std::string_view service) {
  constexpr std::string_view kSuffix = "Request";
  std::string_view name = Request::descriptor()->name();
  if (name.ends_with(kSuffix)) name.remove_suffix(kSuffix.size());
  return std::string(service).append(name);
}

template <class Response, class Request>
Task<Result<Response>> CallProto(Channel& channel, const Context& ctx, std::string_view path,
                                 const Request& request, const CallOptions* options = nullptr) {
  CO_TRY(std::string bytes, SerializeProto(request));
  CO_TRY(const std::string answer, co_await channel.Call(ctx, path, std::move(bytes), options));
  co_return ParseProto<Response>(answer);
}

// A ClientStream of typed messages.
template <class Request, class Response>
class ProtoStream {
 public:
  explicit ProtoStream(std::unique_ptr<ClientStream> stream) : stream_(std::move(stream)) {}
  Task<Result<>> Write(const Context& ctx, const Request& request) {
    CO_TRY(std::string bytes, SerializeProto(request));
    co_return co_await stream_->Write(ctx, std::move(bytes));
  }
  void CloseWrites() { stream_->CloseWrites(); }
  Task<Result<std::optional<Response>>> Next(const Context& ctx) {
    CO_TRY(std::optional<std::string> bytes, co_await stream_->Next(ctx));
    if (!bytes) co_return std::optional<Response>();
    CO_TRY(Response response, ParseProto<Response>(*bytes));
    co_return std::optional<Response>(std::move(response));
  }
  ClientStream& bytes() { return *stream_; }

 private:
  std::unique_ptr<ClientStream> stream_;
};

// `ProtoStream<Request, Response>` of a call that is open both ways.
template <class Request, class Response>
Task<Result<ProtoStream<Request, Response>>> OpenProto(Channel& channel, const Context& ctx,
                                                       std::string_view path,
                                                       const CallOptions* options = nullptr) {
  CO_TRY(std::unique_ptr<ClientStream> stream, co_await channel.Open(ctx, path, options));
  co_return ProtoStream<Request, Response>(std::move(stream));
}

// `ProtoStream<Request, Response>` of a call with this one request.
template <class Response, class Request>
Task<Result<ProtoStream<Request, Response>>> ServerStreamProto(
    Channel& channel, const Context& ctx, std::string_view path, const Request& request,
    const CallOptions* options = nullptr) {
  CO_TRY(std::string bytes, SerializeProto(request));
  CO_TRY(std::unique_ptr<ClientStream> stream,
         co_await channel.ServerStream(ctx, path, std::move(bytes), options));
  co_return ProtoStream<Request, Response>(std::move(stream));
}

// A ServerReader and a ServerWriter of typed messages.
template <class Message>
class ProtoReader {
 public:
  explicit ProtoReader(ServerReader& reader) : reader_(reader) {}
  Task<Result<std::optional<Message>>> Next(const Context& ctx) {
    CO_TRY(std::optional<std::string> bytes, co_await reader_.Next(ctx));
    if (!bytes) co_return std::optional<Message>();
    CO_TRY(Message message, ParseProto<Message>(*bytes));
    co_return std::optional<Message>(std::move(message));
  }

 private:
  ServerReader& reader_;
};

template <class Message>
class ProtoWriter {
 public:
  explicit ProtoWriter(ServerWriter& writer) : writer_(writer) {}
  Task<Result<>> Write(const Context& ctx, const Message& message) {
    CO_TRY(std::string bytes, SerializeProto(message));
    co_return co_await writer_.Write(ctx, std::move(bytes));
  }

 private:
  ServerWriter& writer_;
};

namespace internal {

template <class Request, class Handler>
Task<Result<std::string>> RunProtoUnary(const Handler& handler, const Context& ctx,
                                        ServerCall& call, std::string_view bytes) {
  CO_TRY(const Request request, ParseProto<Request>(bytes));
  auto response = co_await handler(ctx, call, request);
  if (!response.ok()) co_return std::move(response).error();
  co_return SerializeProto(*response);
}

template <class Request, class Response, class Handler>
Task<Result<>> RunProtoServerStream(const Handler& handler, const Context& ctx, ServerCall& call,
                                    std::string_view bytes, ServerWriter& out) {
  CO_TRY(const Request request, ParseProto<Request>(bytes));
  ProtoWriter<Response> writer(out);
  co_return co_await handler(ctx, call, request, writer);
}

template <class Request, class Handler>
Task<Result<std::string>> RunProtoClientStream(const Handler& handler, const Context& ctx,
                                               ServerCall& call, ServerReader& in) {
  ProtoReader<Request> reader(in);
  auto response = co_await handler(ctx, call, reader);
  if (!response.ok()) co_return std::move(response).error();
  co_return SerializeProto(*response);
}

template <class Request, class Response, class Handler>
Task<Result<>> RunProtoBidi(const Handler& handler, const Context& ctx, ServerCall& call,
                            ServerReader& in, ServerWriter& out) {
  ProtoReader<Request> reader(in);
  ProtoWriter<Response> writer(out);
  co_return co_await handler(ctx, call, reader, writer);
}

}  // namespace internal

// Handlers of bytes from handlers of messages. `handler` is
//   Task<Result<Response>>(const Context&, ServerCall&, const Request&)
template <class Request, class Handler>
UnaryHandler ProtoUnary(Handler handler) {
  return
      [handler = std::move(handler)](const Context& ctx, ServerCall& call, std::string_view bytes) {
        return internal::RunProtoUnary<Request>(handler, ctx, call, bytes);
      };
}

//   Task<Result<>>(const Context&, ServerCall&, const Request&, ProtoWriter<Response>&)
template <class Request, class Response, class Handler>
ServerStreamHandler ProtoServerStream(Handler handler) {
  return [handler = std::move(handler)](const Context& ctx, ServerCall& call,
                                        std::string_view bytes, ServerWriter& out) {
    return internal::RunProtoServerStream<Request, Response>(handler, ctx, call, bytes, out);
  };
}

//   Task<Result<Response>>(const Context&, ServerCall&, ProtoReader<Request>&)
template <class Request, class Handler>
ClientStreamHandler ProtoClientStream(Handler handler) {
  return [handler = std::move(handler)](const Context& ctx, ServerCall& call, ServerReader& in) {
    return internal::RunProtoClientStream<Request>(handler, ctx, call, in);
  };
}

//   Task<Result<>>(const Context&, ServerCall&, ProtoReader<Request>&, ProtoWriter<Response>&)
template <class Request, class Response, class Handler>
BidiHandler ProtoBidi(Handler handler) {
  return [handler = std::move(handler)](const Context& ctx, ServerCall& call, ServerReader& in,
                                        ServerWriter& out) {
    return internal::RunProtoBidi<Request, Response>(handler, ctx, call, in, out);
  };
}

}  // namespace tessera::rpc
