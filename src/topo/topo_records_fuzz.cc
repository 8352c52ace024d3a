// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// Any bytes as any record: what can be read is the same after it was written back.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "topo/records.h"

namespace tessera::topo {
namespace {

// The path tells RecordText the kind; texts are compared because maps have no order.
template <class Record>
void Check(std::string_view path, Result<Record> (*decode)(std::string_view),
           std::string_view bytes) {
  const Result<Record> record = decode(bytes);
  if (!record.ok()) return;
  const std::string once = Encode(*record);
  const Result<Record> again = decode(once);
  CHECK(again.ok());
  const Result<std::string> first = RecordText(path, once);
  const Result<std::string> second = RecordText(path, Encode(*again));
  CHECK(first.ok() && second.ok() && *first == *second);
}

}  // namespace
}  // namespace tessera::topo

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tessera::topo;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  Check("cells/c/CellInfo", DecodeCellInfo, bytes);
  Check("cells_aliases/a/CellsAlias", DecodeCellsAlias, bytes);
  Check("ExternalClusters/vitess/x", DecodeExternalCluster, bytes);
  Check("keyspaces/ks/Keyspace", DecodeKeyspace, bytes);
  Check("keyspaces/ks/shards/0/Shard", DecodeShard, bytes);
  Check("tablets/c-1/Tablet", DecodeTablet, bytes);
  Check("keyspaces/ks/shards/0/ShardReplication", DecodeShardReplication, bytes);
  Check("keyspaces/ks/SrvKeyspace", DecodeSrvKeyspace, bytes);
  for (const std::string_view path : {"SrvVSchema", "keyspaces/ks/VSchema", "RoutingRules"}) {
    const tessera::Result<std::string> text = RecordText(path, bytes);
    (void)text;  // it must only not break
  }
  return 0;
}
