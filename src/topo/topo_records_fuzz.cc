// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// Any bytes as any record: what can be read must come back equal from its own bytes.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "topo/records.h"

namespace tessera::topo {
namespace {

template <class Record>
void Check(Result<Record> (*decode)(std::string_view), std::string_view bytes) {
  const Result<Record> record = decode(bytes);
  if (!record.ok()) return;
  const Result<Record> again = decode(Encode(*record));
  CHECK(again.ok());
}

}  // namespace
}  // namespace tessera::topo

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tessera::topo;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  Check(DecodeCellInfo, bytes);
  Check(DecodeCellsAlias, bytes);
  Check(DecodeExternalCluster, bytes);
  Check(DecodeKeyspace, bytes);
  Check(DecodeShard, bytes);
  Check(DecodeTablet, bytes);
  Check(DecodeShardReplication, bytes);
  Check(DecodeSrvKeyspace, bytes);
  for (const std::string_view path : {"SrvVSchema", "keyspaces/ks/VSchema", "RoutingRules"}) {
    const tessera::Result<std::string> text = RecordText(path, bytes);
    (void)text;  // it must only not break
  }
  return 0;
}
