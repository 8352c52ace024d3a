// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtctlweb/bridge.h"

#include <chrono>
#include <memory>
#include <string>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include "log/log.h"
#include "vtctl/effects.h"
#include "vtctl/json.h"
#include "vtctlweb/json_answer.h"

namespace tessera::vtctlweb {

using google::protobuf::Message;

namespace {

// An empty message of a type of vtctldata; nullptr when there is no such type.
std::unique_ptr<Message> NewMessage(std::string_view name) {
  const google::protobuf::Descriptor* const type =
      google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName("vtctldata." +
                                                                                std::string(name));
  if (type == nullptr) return nullptr;
  const Message* const prototype =
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type);
  return std::unique_ptr<Message>(prototype->New());
}

// What a method is called with and what it answers, by the method's name.
struct Types {
  std::unique_ptr<Message> request;
  std::unique_ptr<Message> response;
};

Result<Types> TypesOf(std::string_view method) {
  Types types{NewMessage(std::string(method) + "Request"),
              NewMessage(std::string(method) + "Response")};
  if (types.request != nullptr && types.response != nullptr) return types;
  return Errorf(Code::kUnimplemented, "{} has no JSON form: its messages are not known", method)
      .WithHint("call it over gRPC");
}

Result<> Refusal(const vtctl::Methods& methods, const BridgeOptions& options, std::string_view name,
                 std::string_view json) {
  if (!methods.contains(name)) {
    return Errorf(Code::kNotFound, "vtctld has no method {}", name)
        .WithHint("names are those of vtctldclient's commands");
  }
  if (json.size() > options.max_request_bytes) {
    return Errorf(Code::kResourceExhausted, "the request to {} has {} bytes, the limit is {}", name,
                  json.size(), options.max_request_bytes);
  }
  if (options.read_only && !vtctl::ChangesNothing(name)) {
    return Errorf(Code::kPermissionDenied, "{} changes the cluster, and these pages are read-only",
                  name)
        .WithHint("use vtctldclient, or a vtctld without --web-read-only");
  }
  return Ok{};
}

void LogChange(std::string_view name, std::string_view who, Duration took,
               const Result<std::string>& answer) {
  if (vtctl::ChangesNothing(name) && answer.ok()) return;
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(took).count();
  if (answer.ok())
    LOG(kInfo, "{} by {} (web): done in {} ms", name, who, ms);
  else
    LOG(kWarn, "{} by {} (web): {}", name, who, answer.error().message());
}

Task<Result<std::string>> Call(const Context& ctx, const vtctl::Methods& methods,
                               const BridgeOptions& options, std::string_view name,
                               std::string_view who, std::string_view json) {
  CO_TRY_OK(Refusal(methods, options, name, json));
  CO_TRY(Types types, TypesOf(name));
  CO_TRY_OK(vtctl::FromJson(json, *types.request, vtctl::UnknownFields::kRefuse));
  const std::string bytes = types.request->SerializeAsString();
  const vtctl::Method& method = methods.find(name)->second;
  const Context bounded = ctx.WithTimeout(options.timeout);
  const auto begun = std::chrono::steady_clock::now();
  const Result<std::string> answer = co_await method(bounded, bytes);
  LogChange(name, who, std::chrono::steady_clock::now() - begun, answer);
  if (!answer.ok()) co_return answer.error();
  if (!types.response->ParseFromString(*answer)) {
    co_return Errorf(Code::kInternal, "the answer of {} is no {}: {} bytes", name,
                     types.response->GetTypeName(), answer->size());
  }
  co_return vtctl::JsonText(*types.response);
}

}  // namespace

Task<http::Response> CallMethod(const Context& ctx, const vtctl::Methods& methods,
                                const BridgeOptions& options, std::string_view name,
                                std::string_view who, std::string_view json) {
  Result<std::string> answer = co_await Call(ctx, methods, options, name, who, json);
  if (!answer.ok()) {
    const bool too_big = json.size() > options.max_request_bytes && methods.contains(name);
    co_return too_big ? ErrorAnswer(413, answer.error()) : ErrorAnswer(answer.error());
  }
  co_return http::Response::Json(*std::move(answer));
}

}  // namespace tessera::vtctlweb
