// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "reach/page_answer.h"

#include <nlohmann/json.hpp>

namespace tessera::reach {

using nlohmann::json;

namespace {

json SightJson(const Sight& sight) {
  json out = {
      {"failed", StepName(sight.failed)}, {"error", sight.error}, {"connect_us", sight.connect_us},
      {"total_us", sight.total_us},       {"names", sight.names}, {"chain", json::array()}};
  for (const runtime::TlsCertificate& one : sight.chain)
    out["chain"].push_back({{"subject", one.subject},
                            {"issuer", one.issuer},
                            {"not_before", one.not_before},
                            {"not_after", one.not_after}});
  return out;
}

Sight SightOf(const json& from) {
  Sight sight;
  sight.failed = ParseStep(from.at("failed").get<std::string>());
  sight.error = from.at("error").get<std::string>();
  sight.connect_us = from.at("connect_us").get<int64_t>();
  sight.total_us = from.at("total_us").get<int64_t>();
  sight.names = from.at("names").get<std::vector<std::string>>();
  for (const json& one : from.at("chain"))
    sight.chain.push_back({one.at("subject").get<std::string>(),
                           one.at("issuer").get<std::string>(), one.at("not_before").get<int64_t>(),
                           one.at("not_after").get<int64_t>()});
  return sight;
}

}  // namespace

std::string ToJson(const PageAnswer& answer) {
  json out = {{"process", answer.process}, {"unix_us", answer.unix_us}};
  if (answer.seen) out["seen"] = SightJson(*answer.seen);
  return out.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

Result<PageAnswer> PageAnswerFromJson(std::string_view text) {
  PageAnswer answer;
  try {
    const json from = json::parse(text);
    answer.process = from.at("process").get<std::string>();
    answer.unix_us = from.at("unix_us").get<int64_t>();
    if (from.contains("seen")) answer.seen = SightOf(from.at("seen"));
  } catch (const json::exception& broken) {
    return Errorf(Code::kDataLoss, "the answer of /debug/reach cannot be read: {}", broken.what());
  }
  return answer;
}

}  // namespace tessera::reach
