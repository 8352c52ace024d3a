// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "stats/rates.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace tessera::stats {
namespace {

using nlohmann::json;
using std::chrono::seconds;

Families Api(double shop, double main, double errors) {
  Family queries = Labelled("Api", Kind::kCounter, "Calls.", {"Operation", "Keyspace"});
  if (shop > 0) AddSample(queries, {"Execute", "shop"}, shop);
  AddSample(queries, {"Execute", "main"}, main);
  AddSample(queries, {"Prepare", "main"}, 1);
  return {queries, Counter("Errors", "Errors.", errors)};
}

Rates Three() {
  return Rates({{"QPSByKeyspace", "h", "Api", "Keyspace"},
                {"QPSByAll", "h", "Api", ""},
                {"ErrorRate", "h", "Errors", ""}},
               seconds(10), 3);
}

json Told(const Rates& rates) { return json::parse(ToVars(rates.Tell())); }

TEST(Rates, TellHowCountersGrewInEachInterval) {
  Rates rates = Three();
  EXPECT_EQ(Told(rates)["QPSByKeyspace"], json::object());
  rates.Take(Api(0, 100, 5));
  EXPECT_EQ(Told(rates)["QPSByKeyspace"], json::object());
  rates.Take(Api(0, 105, 5));
  rates.Take(Api(33, 105, 6));  // a keyspace that is new has counted nothing before
  const json told = Told(rates);
  EXPECT_EQ(told["QPSByKeyspace"]["main"], json({0.5, 0}));
  EXPECT_EQ(told["QPSByKeyspace"]["shop"], json({0, 3.3}));
  EXPECT_EQ(told["QPSByKeyspace"]["All"], json({0.5, 3.3}));
  EXPECT_EQ(told["QPSByAll"]["Execute.shop"], json({0, 3.3}));
  EXPECT_EQ(told["ErrorRate"]["All"], json({0, 0.1}));
}

TEST(Rates, ForgetTheOldest) {
  Rates rates = Three();
  for (const double count : {10, 20, 40, 70, 110}) rates.Take(Api(0, count, 0));
  EXPECT_EQ(Told(rates)["QPSByKeyspace"]["main"], json({2, 3, 4}));
}

TEST(Rates, AreNotForPrometheus) {
  Rates rates = Three();
  rates.Take(Api(0, 1, 0));
  rates.Take(Api(0, 2, 0));
  EXPECT_EQ(ToPrometheus(rates.Tell(), "x"), "");
}

}  // namespace
}  // namespace tessera::stats
