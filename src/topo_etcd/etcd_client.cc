// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "topo_etcd/internal/etcd_client.h"

#include <fmt/core.h>

namespace tessera::topo_etcd {
namespace {

constexpr size_t kMaxMessage = size_t{64} << 20;

}  // namespace

EtcdClient::EtcdClient(std::vector<runtime::Address> endpoints, Duration request_timeout)
    : request_timeout_(request_timeout) {
  rpc::ChannelOptions options;
  // A listing of all tablets comes as one message.
  options.max_receive_bytes = kMaxMessage;
  options.connect_timeout = std::chrono::seconds(5);
  for (runtime::Address& endpoint : endpoints) {
    channels_.push_back(std::make_unique<rpc::Channel>(std::move(endpoint), options));
  }
}

Task<> EtcdClient::Close() {
  for (const std::unique_ptr<rpc::Channel>& channel : channels_) {
    co_await channel->Close();
  }
}

Error EtcdClient::Explain(Error error, const rpc::Channel& channel) const {
  return std::move(error).Wrap(fmt::format("etcd at {}", channel.target().ToString()));
}

Task<Result<std::string>> EtcdClient::Call(const Context& ctx, std::string_view method,
                                           std::string request) {
  const Context bounded = ctx.WithTimeout(request_timeout_);
  for (size_t attempt = 1;; ++attempt) {
    rpc::Channel& channel = current();
    const bool was_connected = channel.connected();
    Result<std::string> answer = co_await channel.Call(bounded, method, request);
    if (answer.ok()) co_return answer;
    const bool down = answer.error().code() == Code::kUnavailable;
    if (down) current_ = (current_ + 1) % channels_.size();
    // A request that reached a server may have been carried out: it is not sent twice.
    if (!down || was_connected || attempt >= channels_.size()) {
      co_return Explain(std::move(answer).error(), channel);
    }
  }
}

Task<Result<std::unique_ptr<rpc::ClientStream>>> EtcdClient::OpenStream(const Context& ctx,
                                                                        std::string_view method,
                                                                        std::string request) {
  rpc::Channel& channel = current();
  Result<std::unique_ptr<rpc::ClientStream>> stream = co_await channel.Open(ctx, method);
  if (!stream.ok()) {
    current_ = (current_ + 1) % channels_.size();
    co_return Explain(std::move(stream).error(), channel);
  }
  const Result<> sent = co_await (*stream)->Write(ctx, std::move(request));
  if (!sent.ok()) co_return Explain(sent.error(), channel);
  co_return stream;
}

Task<Result<RangeAnswer>> EtcdClient::Range(const Context& ctx, RangeQuery query) {
  CO_TRY(const std::string answer,
         co_await Call(ctx, "/etcdserverpb.KV/Range", EncodeRange(query)));
  co_return DecodeRange(answer);
}

Task<Result<int64_t>> EtcdClient::Put(const Context& ctx, std::string_view key,
                                      std::string_view value) {
  CO_TRY(const std::string answer,
         co_await Call(ctx, "/etcdserverpb.KV/Put", EncodePut(key, value)));
  co_return DecodePut(answer);
}

Task<Result<int64_t>> EtcdClient::Delete(const Context& ctx, std::string_view key) {
  CO_TRY(const std::string answer,
         co_await Call(ctx, "/etcdserverpb.KV/DeleteRange", EncodeDelete(key)));
  co_return DecodeDelete(answer);
}

Task<Result<GuardedAnswer>> EtcdClient::Write(const Context& ctx, GuardedWrite write) {
  CO_TRY(const std::string answer,
         co_await Call(ctx, "/etcdserverpb.KV/Txn", EncodeGuardedWrite(write)));
  co_return DecodeGuardedWrite(answer);
}

Task<Result<int64_t>> EtcdClient::GrantLease(const Context& ctx, int64_t ttl_seconds) {
  CO_TRY(const std::string answer,
         co_await Call(ctx, "/etcdserverpb.Lease/LeaseGrant", EncodeLeaseGrant(ttl_seconds)));
  co_return DecodeLeaseGrant(answer);
}

Task<Result<>> EtcdClient::RevokeLease(const Context& ctx, int64_t lease) {
  CO_TRY_OK(co_await Call(ctx, "/etcdserverpb.Lease/LeaseRevoke", EncodeLeaseRevoke(lease)));
  co_return Ok{};
}

Task<Result<>> EtcdClient::KeepLeaseAlive(const Context& ctx, int64_t lease) {
  const Context bounded = ctx.WithTimeout(request_timeout_);
  CO_TRY(const auto stream, co_await OpenStream(bounded, "/etcdserverpb.Lease/LeaseKeepAlive",
                                                EncodeLeaseKeepAlive(lease)));
  CO_TRY(const std::optional<std::string> answer, co_await stream->Next(bounded));
  if (!answer)
    co_return Error(Code::kUnavailable, "etcd ended a lease's keep-alive without an answer");
  CO_TRY(const int64_t seconds_left, DecodeLeaseKeepAlive(*answer));
  if (seconds_left <= 0) co_return Errorf(Code::kNotFound, "etcd: lease {} has run out", lease);
  co_return Ok{};
}

Task<Result<std::unique_ptr<rpc::ClientStream>>> EtcdClient::Watch(const Context& ctx,
                                                                   std::string_view key,
                                                                   int64_t start_revision) {
  co_return co_await OpenStream(ctx, "/etcdserverpb.Watch/Watch", EncodeWatch(key, start_revision));
}

}  // namespace tessera::topo_etcd
