// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "topo_etcd/internal/etcd_codec.h"

#include "proto/etcd.pb.h"

namespace tessera::topo_etcd {
namespace {

namespace pb = ::etcdserverpb;

template <class Message>
Result<Message> Parse(std::string_view bytes, std::string_view kind) {
  Message message;
  if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return Errorf(Code::kDataLoss, "etcd: an answer of {} bytes is no {}", bytes.size(), kind);
  }
  return message;
}

KeyValue FromProto(mvccpb::KeyValue& from) {
  return {std::move(*from.mutable_key()), std::move(*from.mutable_value()), from.mod_revision(),
          from.lease()};
}

// Demands that the key is as at that revision; 0: absent.
void AddCompare(const std::string& key, int64_t revision, pb::TxnRequest& request) {
  pb::Compare& compare = *request.add_compare();
  compare.set_result(pb::Compare::EQUAL);
  compare.set_key(key);
  if (revision == 0) {
    compare.set_target(pb::Compare::VERSION);
    compare.set_version(0);
  } else {
    compare.set_target(pb::Compare::MOD);
    compare.set_mod_revision(revision);
  }
}

void AddLook(const std::string& key, pb::TxnRequest& request) {
  pb::RangeRequest& look = *request.add_failure()->mutable_request_range();
  look.set_key(key);
  look.set_keys_only(true);
}

}  // namespace

std::string PrefixEnd(std::string prefix) {
  while (!prefix.empty()) {
    const auto last = static_cast<unsigned char>(prefix.back());
    if (last != 0xFF) {
      prefix.back() = static_cast<char>(last + 1);
      return prefix;
    }
    prefix.pop_back();
  }
  return std::string(1, '\0');
}

std::string EncodeRange(const RangeQuery& query) {
  pb::RangeRequest request;
  request.set_key(query.key);
  if (query.prefix) request.set_range_end(query.end.empty() ? PrefixEnd(query.key) : query.end);
  request.set_revision(query.revision);
  request.set_keys_only(query.keys_only);
  request.set_limit(query.limit);
  request.set_max_mod_revision(query.max_mod_revision);
  if (query.newest_first) {
    request.set_sort_target(pb::RangeRequest::MOD);
    request.set_sort_order(pb::RangeRequest::DESCEND);
  } else if (query.oldest_first) {
    request.set_sort_target(pb::RangeRequest::MOD);
    request.set_sort_order(pb::RangeRequest::ASCEND);
  } else if (query.prefix) {
    request.set_sort_target(pb::RangeRequest::KEY);
    request.set_sort_order(pb::RangeRequest::ASCEND);
  }
  return request.SerializeAsString();
}

Result<RangeAnswer> DecodeRange(std::string_view bytes) {
  TRY(auto response, Parse<pb::RangeResponse>(bytes, "RangeResponse"));
  RangeAnswer answer;
  answer.revision = response.header().revision();
  answer.more = response.more();
  for (mvccpb::KeyValue& entry : *response.mutable_kvs())
    answer.entries.push_back(FromProto(entry));
  return answer;
}

std::string EncodePut(std::string_view key, std::string_view value) {
  pb::PutRequest request;
  request.set_key(key.data(), key.size());
  request.set_value(value.data(), value.size());
  return request.SerializeAsString();
}

Result<int64_t> DecodePut(std::string_view bytes) {
  TRY(const auto response, Parse<pb::PutResponse>(bytes, "PutResponse"));
  return response.header().revision();
}

std::string EncodeDelete(std::string_view key) {
  pb::DeleteRangeRequest request;
  request.set_key(key.data(), key.size());
  return request.SerializeAsString();
}

Result<int64_t> DecodeDelete(std::string_view bytes) {
  TRY(const auto response, Parse<pb::DeleteRangeResponse>(bytes, "DeleteRangeResponse"));
  return response.deleted();
}

std::string EncodeGuardedWrite(const GuardedWrite& write) {
  pb::TxnRequest request;
  if (write.expected_revision) AddCompare(write.key, *write.expected_revision, request);
  for (const KeyAt& guard : write.guards) AddCompare(guard.key, guard.mod_revision, request);
  if (write.remove) {
    request.add_success()->mutable_request_delete_range()->set_key(write.key);
  } else {
    pb::PutRequest& put = *request.add_success()->mutable_request_put();
    put.set_key(write.key);
    put.set_value(write.value);
    put.set_lease(write.lease);
  }
  AddLook(write.key, request);
  for (const KeyAt& guard : write.guards) AddLook(guard.key, request);
  return request.SerializeAsString();
}

Result<GuardedAnswer> DecodeGuardedWrite(std::string_view bytes) {
  TRY(const auto response, Parse<pb::TxnResponse>(bytes, "TxnResponse"));
  GuardedAnswer answer;
  answer.succeeded = response.succeeded();
  answer.revision = response.header().revision();
  std::vector<int64_t> found;  // by the looks, in their order
  for (const pb::ResponseOp& op : response.responses()) {
    answer.deleted += op.response_delete_range().deleted();
    const auto& entries = op.response_range().kvs();
    found.push_back(entries.empty() ? 0 : entries[0].mod_revision());
  }
  if (answer.succeeded || found.empty()) return answer;
  answer.exists = found[0] != 0;
  answer.guards_at.assign(found.begin() + 1, found.end());
  return answer;
}

std::string EncodeLeaseGrant(int64_t ttl_seconds) {
  pb::LeaseGrantRequest request;
  request.set_ttl(ttl_seconds);
  return request.SerializeAsString();
}

Result<int64_t> DecodeLeaseGrant(std::string_view bytes) {
  TRY(const auto response, Parse<pb::LeaseGrantResponse>(bytes, "LeaseGrantResponse"));
  if (!response.error().empty())
    return Errorf(Code::kUnavailable, "etcd: no lease: {}", response.error());
  return response.id();
}

std::string EncodeLeaseRevoke(int64_t lease) {
  pb::LeaseRevokeRequest request;
  request.set_id(lease);
  return request.SerializeAsString();
}

std::string EncodeLeaseKeepAlive(int64_t lease) {
  pb::LeaseKeepAliveRequest request;
  request.set_id(lease);
  return request.SerializeAsString();
}

Result<int64_t> DecodeLeaseKeepAlive(std::string_view bytes) {
  TRY(const auto response, Parse<pb::LeaseKeepAliveResponse>(bytes, "LeaseKeepAliveResponse"));
  return response.ttl();
}

std::string EncodeWatch(const std::string& key, bool prefix, int64_t start_revision) {
  pb::WatchRequest request;
  pb::WatchCreateRequest& create = *request.mutable_create_request();
  create.set_key(key);
  if (prefix) create.set_range_end(PrefixEnd(key));
  create.set_start_revision(start_revision);
  create.set_fragment(true);  // many events come as several answers, not as one beyond all limits
  return request.SerializeAsString();
}

Result<WatchAnswer> DecodeWatch(std::string_view bytes) {
  TRY(auto response, Parse<pb::WatchResponse>(bytes, "WatchResponse"));
  WatchAnswer answer;
  answer.revision = response.header().revision();
  answer.canceled = response.canceled();
  answer.compact_revision = response.compact_revision();
  answer.cancel_reason = response.cancel_reason();
  for (mvccpb::Event& event : *response.mutable_events()) {
    answer.events.push_back(
        {event.type() == mvccpb::Event::DELETE, FromProto(*event.mutable_kv())});
  }
  return answer;
}

std::string EncodeAuthenticate(std::string_view user, std::string_view password) {
  pb::AuthenticateRequest request;
  request.set_name(user.data(), user.size());
  request.set_password(password.data(), password.size());
  return request.SerializeAsString();
}

Result<std::string> DecodeAuthenticate(std::string_view bytes) {
  TRY(const auto response, Parse<pb::AuthenticateResponse>(bytes, "AuthenticateResponse"));
  return response.token();
}

}  // namespace tessera::topo_etcd
