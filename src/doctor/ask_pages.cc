// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "doctor/internal/ask_pages.h"

#include <chrono>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "http/client.h"

namespace tessera::doctor {

using nlohmann::json;

namespace {

Error Unreadable(std::string_view page, const json::exception& broken) {
  return Errorf(Code::kDataLoss, "the answer of {} cannot be read: {}", page, broken.what());
}

// The body of a page that answers with 200.
Task<Result<std::string>> AskPage(const Context& ctx, const runtime::Address& pages,
                                  std::string page) {
  CO_TRY(http::Answer answer, co_await http::Get(ctx, pages, page));
  if (answer.status == 200) co_return std::move(answer.body);
  const Code code = answer.status == 404   ? Code::kNotFound
                    : answer.status == 403 ? Code::kPermissionDenied
                                           : Code::kUnknown;
  std::string why = answer.body.substr(0, answer.body.find('\n')).substr(0, 200);
  co_return Errorf(code, "{} gives {}: {}", page.substr(0, page.find('?')), answer.status, why);
}

std::chrono::microseconds UnixMicroseconds() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::system_clock::now().time_since_epoch());
}

}  // namespace

Result<Vars> VarsFromJson(std::string_view text) {
  Vars out;
  try {
    const json from = json::parse(text);
    for (const auto& [name, value] : from.items()) {
      if (value.is_number()) out.numbers.emplace(name, value.get<double>());
      if (value.is_string()) out.texts.emplace(name, value.get<std::string>());
    }
  } catch (const json::exception& broken) {
    return Unreadable("/debug/vars", broken);
  }
  return out;
}

Result<GateView> GateViewFromJson(std::string_view text) {
  GateView out;
  try {
    const json from = json::parse(text);
    out.cell = from.at("cell").get<std::string>();
    out.keyspaces = from.at("keyspaces").get<std::vector<std::string>>();
    for (const json& tablet : from.at("tablets"))
      out.tablets.push_back({tablet.at("alias").get<std::string>(), tablet.at("usable").get<bool>(),
                             tablet.at("why").get<std::string>()});
  } catch (const json::exception& broken) {
    return Unreadable("/debug/gateway", broken);
  }
  return out;
}

Task<Result<Vars>> AskVars(const Context& ctx, const runtime::Address& pages) {
  CO_TRY(const std::string text, co_await AskPage(ctx, pages, "/debug/vars"));
  co_return VarsFromJson(text);
}

Task<Result<GateView>> AskGateView(const Context& ctx, const runtime::Address& pages) {
  CO_TRY(const std::string text, co_await AskPage(ctx, pages, "/debug/gateway?format=json"));
  co_return GateViewFromJson(text);
}

Task<Result<Clock>> AskClock(const Context& ctx, const runtime::Address& pages) {
  const std::chrono::microseconds before = UnixMicroseconds();
  CO_TRY(const std::string text, co_await AskPage(ctx, pages, "/debug/reach"));
  const std::chrono::microseconds after = UnixMicroseconds();
  CO_TRY(const reach::PageAnswer answer, reach::PageAnswerFromJson(text));
  Clock clock;
  clock.doubt = (after - before) / 2;
  clock.ahead = std::chrono::microseconds(answer.unix_us) - (before + (after - before) / 2);
  co_return clock;
}

Task<Result<reach::Sight>> AskSight(const Context& ctx, const runtime::Address& pages,
                                    std::string address, reach::How how) {
  std::string page =
      fmt::format("/debug/reach?address={}&how={}", http::UrlEncode(address), reach::HowName(how));
  CO_TRY(const std::string text, co_await AskPage(ctx, pages, std::move(page)));
  CO_TRY(reach::PageAnswer answer, reach::PageAnswerFromJson(text));
  if (!answer.seen) co_return Error(Code::kDataLoss, "/debug/reach told nothing of the address");
  co_return std::move(*answer.seen);
}

}  // namespace tessera::doctor
