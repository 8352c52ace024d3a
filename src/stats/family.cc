// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "stats/family.h"

#include <algorithm>

namespace tessera::stats {

namespace {

Family Single(std::string name, Kind kind, std::string help, double value) {
  Family family = Labelled(std::move(name), kind, std::move(help), {});
  AddSample(family, {}, value);
  return family;
}

void MergeSamples(Family& into, const Family& more) {
  std::map<std::vector<std::string>, size_t> index;
  for (size_t i = 0; i < into.samples.size(); ++i) index[into.samples[i].labels] = i;
  for (const Sample& sample : more.samples) {
    const auto at = index.find(sample.labels);
    if (at == index.end()) {
      into.samples.push_back(sample);
      continue;
    }
    into.samples[at->second].value += sample.value;
    into.samples[at->second].timings.Merge(sample.timings);
  }
}

}  // namespace

Family Counter(std::string name, std::string help, double value) {
  return Single(std::move(name), Kind::kCounter, std::move(help), value);
}

Family Gauge(std::string name, std::string help, double value) {
  return Single(std::move(name), Kind::kGauge, std::move(help), value);
}

Family Text(std::string name, std::string value) {
  Family family = Single(std::move(name), Kind::kText, {}, 0);
  family.samples.front().text = std::move(value);
  return family;
}

Family Labelled(std::string name, Kind kind, std::string help, std::vector<std::string> labels) {
  Family family;
  family.name = std::move(name);
  family.kind = kind;
  family.help = std::move(help);
  family.labels = std::move(labels);
  return family;
}

void AddSample(Family& family, std::vector<std::string> labels, double value) {
  Sample& sample = family.samples.emplace_back();
  sample.labels = std::move(labels);
  sample.value = value;
}

void AddSample(Family& family, std::vector<std::string> labels, const Timings& timings) {
  Sample& sample = family.samples.emplace_back();
  sample.labels = std::move(labels);
  sample.timings = timings;
}

void Merge(Families& into, const Families& more) {
  for (const Family& family : more) {
    const auto at = std::find_if(into.begin(), into.end(), [&family](const Family& have) {
      return have.name == family.name;
    });
    if (at == into.end()) {
      into.push_back(family);
    } else if (at->kind != Kind::kText) {
      MergeSamples(*at, family);
    }
  }
}

}  // namespace tessera::stats
