// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/context.h"
#include "base/executor.h"
#include "base/task.h"
#include "flags/flag_set.h"
#include "http/router.h"
#include "pages/html.h"
#include "pages/policy.h"
#include "stats/family.h"
#include "stats/rates.h"

namespace tessera::pages {

// What a process tells its pages. Everything is called on the loop that serves the page.
struct Subject {
  std::string program;  // "vtgate": the prefix of metrics, too
  std::string title;    // "vtgate of cell zone1"
  std::string version;
  Instant started;
  const flags::FlagSet* flags = nullptr;  // for /debug/config; outlives the pages
  Policy policy = Policy::kAllowAll;
  // Why it does not serve; empty when it does.
  std::function<Task<std::string>()> trouble;
  // Its variables. Those of the process are added.
  std::function<Task<stats::Families>()> families;
  // Rates told in /debug/vars while FollowRates runs, and the variables they are of.
  std::function<Task<stats::Families>()> counters;
  std::vector<stats::RateOf> rates;
  std::chrono::nanoseconds rate_interval = std::chrono::minutes(1);
  size_t rate_samples = 15;
  // The parts of /debug/status below the program's own.
  std::function<Task<Html>()> status;
};

// The pages of a process: /, /healthz, /debug/health, /debug/status, /debug/vars, /metrics,
// /debug/config, /debug/flags, and those that are added. Filled before they are served.
class Pages {
 public:
  explicit Pages(Subject subject);
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;

  // A page with its line in the index. An empty summary keeps it out of there.
  void Add(std::string path, Role role, std::string summary, http::Handler handler);
  const http::Router& router() const { return router_; }

  // Looks at the variables once in each interval until ctx ends. Ends at once when no rates are
  // wanted.
  Task<> FollowRates(const Context& ctx);

 private:
  struct Entry {
    std::string path;
    std::string summary;
  };
  http::Response Index(const http::Request& request) const;
  Task<http::Response> Health() const;
  Task<http::Response> Status() const;
  Task<http::Response> Vars() const;
  Task<http::Response> Metrics() const;
  http::Response Config(const http::Request& request) const;
  http::Response FlagLines() const;
  Task<stats::Families> AllFamilies() const;
  Duration Uptime() const { return Executor::Current().Now() - subject_.started; }
  std::string UptimeText() const;

  const Subject subject_;
  http::Router router_;
  stats::Rates rates_;
  std::vector<Entry> entries_;
};

}  // namespace tessera::pages
