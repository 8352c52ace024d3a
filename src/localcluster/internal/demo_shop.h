// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// The data of the demo: a shop. `commerce` is sharded by customer, so that a customer's orders and
// their lines lie where the customer does; products are on every shard; `catalog` is unsharded and
// gives out ids.
namespace tessera::localcluster {

inline constexpr size_t kCustomers = 20'000;
inline constexpr size_t kProducts = 1'000;
inline constexpr size_t kOrders = 60'000;
inline constexpr size_t kOrderLines = 119'000;
inline constexpr size_t kDemoRows = kCustomers + kProducts + kOrders + kOrderLines;

std::string_view CommerceVSchema();
std::string_view CatalogVSchema();
// Statements that make the tables; each may run again.
std::vector<std::string> ShopTables();

// One INSERT of some hundred rows. The same number always gives the same text.
struct Portion {
  std::string sql;
  size_t rows = 0;
};
size_t PortionCount();
Portion MakePortion(size_t number);

// What the tour shows, in order.
struct Stop {
  std::string_view title;
  std::string_view sql;
};
const std::vector<Stop>& TourStops();

}  // namespace tessera::localcluster
