// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "localcluster/internal/demo_shop.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include <fmt/core.h>

namespace tessera::localcluster {

namespace {

constexpr size_t kRowsAPortion = 500;

constexpr std::string_view kCommerce = R"({
  "sharded": true,
  "vindexes": {"by_hash": {"type": "xxhash"}},
  "tables": {
    "customers": {
      "column_vindexes": [{"column": "id", "name": "by_hash"}],
      "auto_increment": {"column": "id", "sequence": "catalog.customer_seq"}
    },
    "orders": {
      "column_vindexes": [{"column": "customer_id", "name": "by_hash"}],
      "auto_increment": {"column": "id", "sequence": "catalog.order_seq"}
    },
    "order_lines": {"column_vindexes": [{"column": "customer_id", "name": "by_hash"}]},
    "products": {"type": "reference"}
  }
})";

constexpr std::string_view kCatalog = R"({
  "tables": {"customer_seq": {"type": "sequence"}, "order_seq": {"type": "sequence"}}
})";

constexpr std::array<std::string_view, 12> kFirst = {"Ada",  "Bram", "Chloe", "Dmitri",
                                                     "Eva",  "Femi", "Grace", "Hiro",
                                                     "Ines", "Jan",  "Kira",  "Luis"};
constexpr std::array<std::string_view, 10> kLast = {"Abe",   "Berg",  "Costa", "Dubois", "Eriksen",
                                                    "Fabre", "Gupta", "Haas",  "Ito",    "Jones"};
constexpr std::array<std::string_view, 6> kCities = {"Lisbon", "Osaka", "Lagos",
                                                     "Oslo",   "Quito", "Pune"};
constexpr std::array<std::string_view, 8> kThings = {"lamp", "chair", "kettle", "rug",
                                                     "desk", "clock", "shelf",  "mirror"};

// A number from a number, well mixed: the finisher of splitmix64 (Steele, Lea, Flood 2014).
uint64_t Mix(uint64_t value) {
  value += 0x9e3779b97f4a7c15;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

// Ids count from 1, orders belong to customers and lines to orders by arithmetic alone.
size_t CustomerOf(size_t order) { return Mix(order) % kCustomers + 1; }
size_t OrderOf(size_t line) { return line <= kOrders ? line : Mix(line * 3) % kOrders + 1; }

std::string CustomerRow(size_t id) {
  const uint64_t mix = Mix(id * 7);
  return fmt::format("({},'{} {}','c{}@example.com','{}')", id, kFirst[mix % kFirst.size()],
                     kLast[(mix >> 8) % kLast.size()], id, kCities[(mix >> 16) % kCities.size()]);
}
std::string ProductRow(size_t id) {
  const uint64_t mix = Mix(id * 11);
  return fmt::format("({},'{} no. {}',{}.{:02})", id, kThings[mix % kThings.size()], id,
                     1 + (mix >> 8) % 200, (mix >> 20) % 100);
}
std::string OrderRow(size_t id) {
  const uint64_t mix = Mix(id * 13);
  return fmt::format("({},{},'2026-{:02}-{:02}')", id, CustomerOf(id), 1 + mix % 12,
                     1 + (mix >> 8) % 28);
}
std::string LineRow(size_t id) {
  const uint64_t mix = Mix(id * 17);
  const size_t order = OrderOf(id);
  return fmt::format("({},{},{},{},{})", id, order, CustomerOf(order), 1 + mix % kProducts,
                     1 + (mix >> 12) % 5);
}

struct TableData {
  std::string_view insert;
  size_t rows;
  std::string (*row)(size_t id);
  size_t portions() const { return (rows + kRowsAPortion - 1) / kRowsAPortion; }
};

constexpr std::array<TableData, 4> kTables = {{
    {"insert ignore into products(id, name, price) values ", kProducts, ProductRow},
    {"insert ignore into customers(id, name, email, city) values ", kCustomers, CustomerRow},
    {"insert ignore into orders(id, customer_id, ordered_on) values ", kOrders, OrderRow},
    {"insert ignore into order_lines(id, order_id, customer_id, product_id, quantity) values ",
     kOrderLines, LineRow},
}};

}  // namespace

std::string_view CommerceVSchema() { return kCommerce; }
std::string_view CatalogVSchema() { return kCatalog; }

std::vector<std::string> ShopTables() {
  return {
      "create table if not exists customers (id bigint primary key, name varchar(60) not null, "
      "email varchar(80) not null, city varchar(30) not null, key (email))",
      "create table if not exists products (id bigint primary key, name varchar(60) not null, "
      "price decimal(10,2) not null)",
      "create table if not exists orders (id bigint primary key, customer_id bigint not null, "
      "ordered_on date not null, key (customer_id))",
      "create table if not exists order_lines (id bigint primary key, order_id bigint not null, "
      "customer_id bigint not null, product_id bigint not null, quantity int not null, "
      "key (order_id), key (customer_id))",
      "create table if not exists catalog.customer_seq (id int primary key, next_id bigint, "
      "cache bigint) comment 'vitess_sequence'",
      "create table if not exists catalog.order_seq (id int primary key, next_id bigint, "
      "cache bigint) comment 'vitess_sequence'",
      "insert ignore into catalog.customer_seq(id, next_id, cache) values (0, 100001, 100)",
      "insert ignore into catalog.order_seq(id, next_id, cache) values (0, 1000001, 100)"};
}

size_t PortionCount() {
  size_t out = 0;
  for (const TableData& table : kTables) out += table.portions();
  return out;
}

Portion MakePortion(size_t number) {
  const TableData* table = kTables.data();
  while (number >= table->portions()) number -= (table++)->portions();
  const size_t first = number * kRowsAPortion + 1;
  const size_t last = std::min(first + kRowsAPortion - 1, table->rows);
  Portion out;
  out.sql = table->insert;
  for (size_t id = first; id <= last; ++id) {
    if (id != first) out.sql += ',';
    out.sql += table->row(id);
  }
  out.rows = last - first + 1;
  return out;
}

const std::vector<Stop>& TourStops() {
  static const std::vector<Stop> stops = {
      {"One customer: the vindex on id names the one shard that can have it.",
       "select id, name, city from customers where id = 4711"},
      {"Four customers: the list is cut up, each shard is asked for its own.",
       "select id, name from customers where id in (3, 8, 14, 19) order by id"},
      {"No sharding column in the condition: every shard is asked, the answers are put together.",
       "select id, name, city from customers where email = 'c12345@example.com'"},
      {"A customer's orders lie on the customer's shard: the join runs there.",
       "select c.name, o.id, o.ordered_on from customers c join orders o on o.customer_id = c.id "
       "where c.id = 4711 order by o.ordered_on"},
      {"Products are on every shard, so this join is local as well, and only sums travel.",
       "select p.name, sum(l.quantity) as sold, sum(l.quantity * p.price) as turnover from "
       "order_lines l join products p on p.id = l.product_id group by p.name "
       "order by turnover desc limit 5"},
      {"Each shard counts, the gate adds up.",
       "select city, count(*) as customers from customers group by city order by customers desc, "
       "city"},
      {"A page in the middle of an order over all shards.",
       "select id, customer_id, ordered_on from orders order by ordered_on desc, id limit 5 "
       "offset 1000"},
      {"A new customer: the id comes from a sequence in the unsharded keyspace, and decides the "
       "shard.",
       "insert into customers(name, email, city) values ('Noor Visser', 'noor@example.com', "
       "'Oslo')"},
      {"An update of rows on several shards is one transaction over all of them.",
       "update customers set city = 'Oslo' where id in (7, 8, 9, 10)"}};
  return stops;
}

}  // namespace tessera::localcluster
