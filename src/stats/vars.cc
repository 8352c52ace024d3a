// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

#include "stats/family.h"

namespace tessera::stats {

namespace {

using Json = nlohmann::ordered_json;

// Whole numbers as such: readers of Vitess's variables expect integers.
Json NumberOf(double value) {
  if (std::floor(value) == value && std::abs(value) < 9e15) return static_cast<int64_t>(value);
  return value;
}

// "ks.-80.primary": the values of all labels, in which Vitess leaves no dots.
std::string Key(const std::vector<std::string>& labels) {
  std::string key;
  for (size_t i = 0; i < labels.size(); ++i) {
    if (i > 0) key.push_back('.');
    std::string part = labels[i];
    if (labels.size() > 1) std::replace(part.begin(), part.end(), '.', '_');
    key += part;
  }
  return key;
}

// Each count has those below it, as in Vitess.
Json Histogram(const Timings& timings) {
  Json out = Json::object();
  uint64_t below = 0;
  for (size_t i = 0; i < Timings::kBounds.size(); ++i) {
    below += timings.bucket(i);
    out[std::to_string(Timings::kBounds[i])] = below;
  }
  out["inf"] = timings.count();
  out["Count"] = timings.count();
  out["Time"] = timings.total().count();
  return out;
}

Json TimingsOf(const Family& family) {
  Timings total;
  Json histograms = Json::object();
  for (const Sample& sample : family.samples) {
    total.Merge(sample.timings);
    histograms[Key(sample.labels)] = Histogram(sample.timings);
  }
  Json out = Json::object();
  out["TotalCount"] = total.count();
  out["TotalTime"] = total.total().count();
  out["Histograms"] = std::move(histograms);
  return out;
}

Json ValueOf(const Family& family) {
  if (family.kind == Kind::kTimings) return TimingsOf(family);
  if (family.labels.empty() && family.samples.empty()) return 0;
  if (family.kind == Kind::kText) return family.samples.front().text;
  if (family.labels.empty()) return NumberOf(family.samples.front().value);
  Json out = Json::object();
  for (const Sample& sample : family.samples) {
    Json& value = out[Key(sample.labels)];
    if (family.kind != Kind::kRates) {
      value = NumberOf(sample.value);
      continue;
    }
    value = Json::array();
    for (const double rate : sample.rates) value.push_back(NumberOf(rate));
  }
  return out;
}

}  // namespace

std::string ToVars(const Families& families) {
  Json out = Json::object();
  for (const Family& family : families) {
    if (!family.plain) out[family.name] = ValueOf(family);
  }
  return out.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace tessera::stats
