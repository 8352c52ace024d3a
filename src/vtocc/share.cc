// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtocc/share.h"

#include <algorithm>

namespace tessera::vtocc {

tabletserver::Config ShareOf(tabletserver::Config whole, size_t index, size_t count) {
  const auto part = [index, count](size_t size) {
    const size_t more = index < size % count ? 1 : 0;
    return std::max<size_t>(1, size / count + more);
  };
  whole.oltp_pool_size = part(whole.oltp_pool_size);
  whole.olap_pool_size = part(whole.olap_pool_size);
  whole.transaction_pool_size = part(whole.transaction_pool_size);
  whole.alias.uid = static_cast<uint32_t>(index + 1);
  return whole;
}

}  // namespace tessera::vtocc
