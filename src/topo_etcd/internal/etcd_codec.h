// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

// etcd's requests and answers as plain values and back to bytes. Bytes that are no answer give
// kDataLoss.
namespace tessera::topo_etcd {

struct KeyValue {
  std::string key;
  std::string value;
  int64_t mod_revision = 0;
  int64_t lease = 0;
};

struct RangeQuery {
  std::string key;
  bool prefix = false;  // all keys that begin with key, in order
  bool keys_only = false;
  int64_t limit = 0;
  int64_t max_mod_revision = 0;  // leaves out keys changed later
  bool newest_first = false;
  bool oldest_first = false;
  std::string end;       // with a prefix: instead of its end, the key to stop before
  int64_t revision = 0;  // as the store was then; 0: as it is
};

struct RangeAnswer {
  int64_t revision = 0;
  std::vector<KeyValue> entries;
  bool more = false;  // the limit left some out
};

// A key as it was written at that revision, and not since.
struct KeyAt {
  std::string key;
  int64_t mod_revision = 0;
};

// A write that happens only if the key is absent (expected_revision 0) or still as it was at that
// revision (nothing: whatever it is), and all of `guards` are as they were.
struct GuardedWrite {
  std::string key;
  std::optional<int64_t> expected_revision = 0;
  std::vector<KeyAt> guards;
  bool remove = false;
  std::string value;
  int64_t lease = 0;
};

struct GuardedAnswer {
  bool succeeded = false;
  int64_t revision = 0;
  int64_t deleted = 0;  // keys
  // When it did not succeed: the key is there; and where the guards are now, 0 for those gone.
  bool exists = false;
  std::vector<int64_t> guards_at;
};

struct WatchAnswer {
  struct Event {
    bool deleted = false;
    KeyValue entry;
  };
  int64_t revision = 0;  // of the store
  bool canceled = false;
  int64_t compact_revision = 0;
  std::string cancel_reason;
  std::vector<Event> events;
};

// The first key after all that begin with prefix; a zero byte means the end of the store.
std::string PrefixEnd(std::string prefix);

std::string EncodeRange(const RangeQuery& query);
Result<RangeAnswer> DecodeRange(std::string_view bytes);
std::string EncodePut(std::string_view key, std::string_view value);
Result<int64_t> DecodePut(std::string_view bytes);  // the revision
std::string EncodeDelete(std::string_view key);
Result<int64_t> DecodeDelete(std::string_view bytes);  // keys deleted
std::string EncodeGuardedWrite(const GuardedWrite& write);
Result<GuardedAnswer> DecodeGuardedWrite(std::string_view bytes);
std::string EncodeLeaseGrant(int64_t ttl_seconds);
Result<int64_t> DecodeLeaseGrant(std::string_view bytes);  // the lease
std::string EncodeLeaseRevoke(int64_t lease);
std::string EncodeLeaseKeepAlive(int64_t lease);
Result<int64_t> DecodeLeaseKeepAlive(std::string_view bytes);  // seconds left; 0: gone
std::string EncodeWatch(const std::string& key, bool prefix, int64_t start_revision);
Result<WatchAnswer> DecodeWatch(std::string_view bytes);
std::string EncodeAuthenticate(std::string_view user, std::string_view password);
Result<std::string> DecodeAuthenticate(std::string_view bytes);  // the token

}  // namespace tessera::topo_etcd
