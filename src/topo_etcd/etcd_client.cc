// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "topo_etcd/internal/etcd_client.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "base/waiter.h"
#include "rpc/metadata.h"
#include "topo/in_time.h"

namespace tessera::topo_etcd {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// An answer that would be larger is asked for in smaller pieces.
constexpr size_t kMaxMessage = size_t{16} << 20;
// What a page holds at first. A value may have 1.5 MB.
constexpr int64_t kRecordsPerPage = 256;
constexpr int64_t kKeysPerPage = 8192;
// Pages of small records grow to about this: each costs a trip, and a look of etcd at all the keys
// from there to the end.
constexpr int64_t kPageBytes = int64_t{1} << 20;
constexpr int64_t kMostPerPage = 4096;
constexpr int64_t kPageGrowth = 8;
constexpr int kMostPagings = 3;

constexpr Duration kFirstPause = milliseconds(50);
constexpr Duration kLongestPause = seconds(2);
constexpr int kMostPauses = 10;

// etcd has forgotten the token (it restarted, or five minutes went by), or its users have changed.
bool IsStaleToken(const Error& error) {
  const std::string& text = error.message();
  return text.find("invalid auth token") != std::string::npos ||
         text.find("revision in header is old") != std::string::npos ||
         text.find("revision of auth store is old") != std::string::npos;
}

// How many records to ask for after a page that came with these.
int64_t NextLimit(const std::vector<KeyValue>& page, int64_t limit) {
  int64_t bytes = 1;
  for (const KeyValue& entry : page)
    bytes += static_cast<int64_t>(entry.key.size() + entry.value.size());
  const int64_t fitting = static_cast<int64_t>(page.size()) * kPageBytes / bytes;
  return std::clamp(fitting, limit, std::max(limit, std::min(limit * kPageGrowth, kMostPerPage)));
}

}  // namespace

Task<Result<>> Patience::Pause(const Context& ctx, Error why) {
  CO_TRY_OK(ctx.Check());
  if (failures_ >= kMostPauses) co_return why;
  Duration pause = std::min<Duration>(kFirstPause * (1 << failures_), kLongestPause);
  ++failures_;
  // Not all at once, when a thousand clients have lost the same server.
  pause += pause * static_cast<int>(Executor::Current().Random() % 100) / 400;
  CO_TRY_OK(co_await Sleep(ctx, pause));
  co_return Ok{};
}

EtcdClient::EtcdClient(std::vector<Endpoint> endpoints, Login login, Duration request_timeout)
    : login_(std::move(login)), request_timeout_(request_timeout) {
  for (Endpoint& endpoint : endpoints) {
    rpc::ChannelOptions options;
    options.max_receive_bytes = kMaxMessage;
    options.connect_timeout = seconds(5);
    options.backoff_most = seconds(1);
    // A server whose machine has gone says nothing: watches would wait for ever.
    options.keepalive_time = seconds(10);
    options.tls = std::move(endpoint.tls);
    channels_.push_back(
        std::make_unique<rpc::Channel>(std::move(endpoint.address), std::move(options)));
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

Task<Result<>> EtcdClient::LogIn(const Context& ctx) {
  if (login_.user.empty() || !token_.empty()) co_return Ok{};
  Result<std::string> answer = co_await Send(ctx, "/etcdserverpb.Auth/Authenticate",
                                             EncodeAuthenticate(login_.user, login_.password));
  if (!answer.ok()) {
    const bool open_to_all =
        answer.error().message().find("authentication is not enabled") != std::string::npos;
    if (open_to_all) co_return Ok{};
    co_return std::move(answer).error().Wrap(
        fmt::format("login of user {} (--topo-etcd-auth-file)", login_.user));
  }
  CO_TRY(token_, DecodeAuthenticate(*answer));
  co_return Ok{};
}

Task<Result<std::string>> EtcdClient::Call(const Context& ctx, std::string_view method,
                                           std::string request) {
  const Context bounded = topo::InTime(ctx, request_timeout_);
  CO_TRY_OK(co_await LogIn(bounded));
  Result<std::string> answer = co_await Send(bounded, method, request);
  // What etcd refused because of its token it has not carried out.
  if (answer.ok() || token_.empty() || !IsStaleToken(answer.error())) co_return answer;
  ForgetToken();
  CO_TRY_OK(co_await LogIn(bounded));
  co_return co_await Send(bounded, method, std::move(request));
}

Task<Result<std::string>> EtcdClient::Send(const Context& ctx, std::string_view method,
                                           std::string request) {
  rpc::CallOptions options;
  if (!token_.empty()) options.metadata.Add("token", token_);
  for (size_t attempt = 1;; ++attempt) {
    rpc::Channel& channel = current();
    const bool was_connected = channel.connected();
    Result<std::string> answer = co_await channel.Call(ctx, method, request, &options);
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
  CO_TRY_OK(co_await LogIn(ctx));
  rpc::CallOptions options;
  if (!token_.empty()) options.metadata.Add("token", token_);
  rpc::Channel& channel = current();
  Result<std::unique_ptr<rpc::ClientStream>> stream = co_await channel.Open(ctx, method, &options);
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

Task<Result<RangeAnswer>> EtcdClient::RangeAll(const Context& ctx, RangeQuery query) {
  query.limit = query.keys_only ? kKeysPerPage : kRecordsPerPage;
  const std::string begin = query.key;
  query.end = PrefixEnd(begin);
  RangeAnswer all;
  for (int pagings = 1;;) {
    Result<RangeAnswer> page = co_await Range(ctx, query);
    if (!page.ok() && page.error().code() == Code::kResourceExhausted && query.limit > 1) {
      query.limit = std::max<int64_t>(query.limit / 8, 1);
      continue;
    }
    // The revision we are reading at was compacted away meanwhile: from the start, as it is now.
    if (!page.ok() && page.error().code() == Code::kOutOfRange && pagings < kMostPagings) {
      ++pagings;
      all = RangeAnswer();
      query.key = begin;
      query.revision = 0;
      continue;
    }
    if (!page.ok()) co_return page;
    if (query.revision == 0) query.revision = all.revision = page->revision;
    const int64_t next_limit = NextLimit(page->entries, query.limit);
    std::move(page->entries.begin(), page->entries.end(), std::back_inserter(all.entries));
    if (!page->more || page->entries.empty()) co_return all;
    query.limit = next_limit;
    query.key = all.entries.back().key + std::string(1, '\0');
  }
}

Task<Result<RangeAnswer>> EtcdClient::RangePatiently(const Context& ctx, RangeQuery query,
                                                     Patience& patience) {
  for (;;) {
    Result<RangeAnswer> answer(RangeAnswer{});
    if (query.prefix && query.limit == 0) {
      answer = co_await RangeAll(ctx, query);
    } else {
      answer = co_await Range(ctx, query);
    }
    if (answer.ok() || answer.error().code() != Code::kUnavailable) co_return answer;
    CO_TRY_OK(co_await patience.Pause(ctx, answer.error()));
  }
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
                                                                   bool prefix,
                                                                   int64_t start_revision) {
  std::string request = EncodeWatch(std::string(key), prefix, start_revision);
  co_return co_await OpenStream(ctx, "/etcdserverpb.Watch/Watch", std::move(request));
}

}  // namespace tessera::topo_etcd
