// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// Any bytes as any of etcd's answers: an error or a value, never more.
#include <cstdint>
#include <string_view>

#include "topo_etcd/internal/etcd_codec.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tessera::topo_etcd;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  (void)DecodeRange(bytes).ok();
  (void)DecodePut(bytes).ok();
  (void)DecodeDelete(bytes).ok();
  (void)DecodeGuardedWrite(bytes).ok();
  (void)DecodeLeaseGrant(bytes).ok();
  (void)DecodeLeaseKeepAlive(bytes).ok();
  (void)DecodeWatch(bytes).ok();
  (void)DecodeAuthenticate(bytes).ok();
  return 0;
}
