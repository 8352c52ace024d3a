// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "pages/pages.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/waiter.h"

namespace tessera::pages {

using http::Request;
using http::Response;

namespace {

Task<Response> Ready(Response response) { co_return response; }

// The flags in the order of their names.
std::vector<const flags::FlagBase*> Sorted(const flags::FlagSet* set) {
  std::vector<const flags::FlagBase*> out;
  if (set == nullptr) return out;
  out.assign(set->flags().begin(), set->flags().end());
  std::sort(out.begin(), out.end(),
            [](const auto* a, const auto* b) { return a->name() < b->name(); });
  return out;
}

// When a change of the configuration file holds, and what waits for that.
std::string ChangesText(const flags::FlagBase& flag) {
  if (!flag.pending().has_value()) return flag.dynamic() ? "at once" : "at a restart";
  return fmt::format("restart pending: '{}' from {}", flag.Shown(flag.pending()->text),
                     flag.pending()->origin);
}

std::string ConfigJson(const flags::FlagSet* set) {
  nlohmann::ordered_json out = nlohmann::ordered_json::object();
  for (const flags::FlagBase* const flag : Sorted(set)) {
    nlohmann::ordered_json& entry = out[std::string(flag->name())];
    entry = {{"value", flag->ShownText()},
             {"origin", flag->origin()},
             {"default", flag->secret() ? "" : flag->DefaultText()},
             {"dynamic", flag->dynamic()}};
    if (const auto& pending = flag->pending(); pending.has_value())
      entry["after_restart"] = {{"value", flag->Shown(pending->text)}, {"origin", pending->origin}};
  }
  return out.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace

Pages::Pages(Subject subject)
    : subject_(std::move(subject)),
      rates_(subject_.rates, subject_.rate_interval, subject_.rate_samples) {
  Add("/", Role::kDebugging, "",
      [this](const Context&, const Request& request) { return Ready(Index(request)); });
  Add("/healthz", Role::kMonitoring, "ok while the process answers",
      [](const Context&, const Request&) { return Ready(Response::Text("ok")); });
  Add("/debug/health", Role::kMonitoring, "ok, or 500 and why it does not serve",
      [this](const Context&, const Request&) { return Health(); });
  Add("/debug/status", Role::kDebugging, "what it does, for people",
      [this](const Context&, const Request&) { return Status(); });
  Add("/debug/vars", Role::kMonitoring, "variables as JSON, under Vitess's names",
      [this](const Context&, const Request&) { return Vars(); });
  Add("/metrics", Role::kMonitoring, "the same for Prometheus",
      [this](const Context&, const Request&) { return Metrics(); });
  Add("/debug/config", Role::kDebugging,
      "every flag, its value and where that came from; ?format=json",
      [this](const Context&, const Request& request) { return Ready(Config(request)); });
  Add("/debug/flags", Role::kDebugging, "every flag and its value, a line each",
      [this](const Context&, const Request&) { return Ready(FlagLines()); });
}

void Pages::Add(std::string path, Role role, std::string summary, http::Handler handler) {
  if (!summary.empty()) entries_.push_back({path, std::move(summary)});
  const Result<> allowed = Allows(subject_.policy, role);
  if (!allowed.ok()) {
    const std::string refusal = fmt::format("Access denied: {}\n", allowed.error().message());
    handler = [refusal](const Context&, const Request&) {
      return Ready(Response::Status(403, refusal));
    };
  }
  router_.Handle(std::move(path), std::move(handler));
}

Response Pages::Index(const Request& request) const {
  if (request.path != "/")
    return Response::Status(404, fmt::format("404 Not Found: no page at {}\n", request.path));
  std::vector<Entry> entries = entries_;
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.path < b.path; });
  Html body;
  for (const Entry& entry : entries)
    body.Link(entry.path, fmt::format("{}: {}", entry.path, entry.summary));
  return Response::Html(Document(subject_.title, body));
}

Task<Response> Pages::Health() const {
  const std::string trouble = co_await subject_.trouble();
  if (trouble.empty()) co_return Response::Text("ok");
  co_return Response::Status(500, fmt::format("not serving: {}\n", trouble));
}

std::string Pages::UptimeText() const {
  // Days and hours say more than seconds, and seconds do in the first minutes.
  return flags::FormatText(std::chrono::floor<std::chrono::seconds>(Uptime()));
}

Task<Response> Pages::Status() const {
  const std::string trouble = co_await subject_.trouble();
  const Html parts = co_await subject_.status();
  Html body;
  body.Facts({{"State", trouble.empty() ? "serving" : "not serving: " + trouble},
              {"Version", subject_.version},
              {"Up", UptimeText()},
              {"Configuration", subject_.flags == nullptr || subject_.flags->config_file().empty()
                                    ? "command line and environment"
                                    : subject_.flags->config_file()}});
  body.Append(parts);
  body.Link("/", "All pages");
  co_return Response::Html(Document(subject_.title, body));
}

Task<> Pages::FollowRates(const Context& ctx) {
  if (rates_.empty()) co_return;
  while (!ctx.cancelled()) {
    const stats::Families now = co_await subject_.counters();
    rates_.Take(now);
    const Result<> slept = co_await Sleep(ctx, rates_.interval());
    if (!slept.ok()) co_return;
  }
}

Task<stats::Families> Pages::AllFamilies() const {
  stats::Families all;
  all.push_back(stats::Text("BuildVersion", TESSERA_VERSION));
  stats::Families own = co_await subject_.families();
  const stats::Families process = stats::ProcessFamilies(Uptime());
  all.insert(all.end(), own.begin(), own.end());
  all.insert(all.end(), process.begin(), process.end());
  const stats::Families rates = rates_.Tell();
  all.insert(all.end(), rates.begin(), rates.end());
  co_return all;
}

Task<Response> Pages::Vars() const {
  const stats::Families families = co_await AllFamilies();
  co_return Response::Json(stats::ToVars(families));
}

Task<Response> Pages::Metrics() const {
  const stats::Families families = co_await AllFamilies();
  Response response = Response::Text(stats::ToPrometheus(families, subject_.program));
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  co_return response;
}

Response Pages::Config(const Request& request) const {
  if (request.Parameter("format") == "json") return Response::Json(ConfigJson(subject_.flags));
  std::vector<Html::Row> rows;
  for (const flags::FlagBase* const flag : Sorted(subject_.flags)) {
    rows.push_back({std::string(flag->name()), flag->ShownText(), flag->origin(),
                    flag->secret() ? std::string() : flag->DefaultText(), ChangesText(*flag),
                    std::string(flag->help())});
  }
  Html body;
  if (subject_.flags != nullptr && !subject_.flags->config_trouble().empty())
    body.Facts({{"Not taken over", subject_.flags->config_trouble()}});
  body.Table({"Flag", "Value", "From", "Default", "Changes", "Meaning"}, rows,
             "This program has no flags.");
  return Response::Html(Document(subject_.title + ": configuration", body));
}

Response Pages::FlagLines() const {
  std::string out;
  for (const flags::FlagBase* const flag : Sorted(subject_.flags))
    out += fmt::format("--{}={}\n", flag->name(), flag->ShownText());
  return Response::Text(std::move(out));
}

}  // namespace tessera::pages
