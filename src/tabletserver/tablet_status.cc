// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "tabletserver/tablet_status.h"

#include <algorithm>

namespace tessera::tabletserver {

namespace {

PoolStatus StatusOfPool(const mysqlconn::Pool& pool) {
  PoolStatus out;
  out.name = pool.options().name;
  out.size = pool.size();
  out.in_use = pool.in_use();
  out.idle = pool.idle();
  out.waiting = pool.waiting();
  out.gets = pool.stats().gets;
  out.waits = pool.stats().waits;
  out.timeouts = pool.stats().timeouts;
  out.closed_idle = pool.stats().closed_idle;
  out.wait_time = pool.stats().wait_time;
  return out;
}

}  // namespace

TabletStatus StatusOf(const TabletServer& server) {
  TabletStatus out;
  out.health = server.health();
  out.stats = server.stats();
  out.consolidated = server.consolidated();
  out.hot_rows = server.hot_rows().stats();
  out.transactions_open = server.stateful().transactions();
  out.held = server.stateful().size();
  out.plans = server.plans().size();
  out.plan_hits = server.plans().hits();
  out.plan_misses = server.plans().misses();
  out.tables = server.schema().schema().size();
  for (const mysqlconn::Pool* const pool : server.pools()) out.pools.push_back(StatusOfPool(*pool));
  return out;
}

void TabletStatus::Add(const TabletStatus& other) {
  if (health.serving && !other.health.serving) {
    health.serving = false;
    health.health_error = other.health.health_error;
  }
  health.qps += other.health.qps;
  stats.queries += other.stats.queries;
  stats.errors += other.stats.errors;
  stats.transactions += other.stats.transactions;
  stats.killed_transactions += other.stats.killed_transactions;
  stats.guard.refused_by_rules += other.stats.guard.refused_by_rules;
  stats.guard.buffered_by_rules += other.stats.guard.buffered_by_rules;
  stats.guard.acl_denied += other.stats.guard.acl_denied;
  stats.guard.acl_pseudo_denied += other.stats.guard.acl_pseudo_denied;
  stats.guard.acl_exempt += other.stats.guard.acl_exempt;
  consolidated += other.consolidated;
  hot_rows.Add(other.hot_rows);
  transactions_open += other.transactions_open;
  held += other.held;
  plans += other.plans;
  plan_hits += other.plan_hits;
  plan_misses += other.plan_misses;
  tables = std::max(tables, other.tables);
  for (size_t i = 0; i < std::min(pools.size(), other.pools.size()); ++i) {
    PoolStatus& pool = pools[i];
    const PoolStatus& more = other.pools[i];
    pool.size += more.size;
    pool.in_use += more.in_use;
    pool.idle += more.idle;
    pool.waiting += more.waiting;
    pool.gets += more.gets;
    pool.waits += more.waits;
    pool.timeouts += more.timeouts;
    pool.closed_idle += more.closed_idle;
    pool.wait_time += more.wait_time;
  }
}

}  // namespace tessera::tabletserver
