// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "pages/query_log_pages.h"

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

namespace tessera::pages {

using http::Request;
using http::Response;
using querylog::Subscription;

namespace {

constexpr int kMostSeconds = 60;
constexpr int kMostLines = 10'000;

std::optional<bool> WantsJson(const Request& request) {
  const std::optional<std::string> format = request.Parameter("format");
  if (!format) return std::nullopt;
  return *format == "json";
}

Task<Result<>> Follow(const Context& ctx, http::BodyWriter& client,
                      std::shared_ptr<Subscription> subscription) {
  for (;;) {
    CO_TRY(const std::string lines, co_await subscription->Next(ctx));
    CO_TRY_OK(co_await client.Write(ctx, lines));
  }
}

Task<Response> Live(querylog::QueryLog& log, std::optional<bool> json) {
  const std::shared_ptr<Subscription> subscription = log.Subscribe(json);
  Response response;
  response.content_type = subscription->json() ? "application/json" : "text/plain; charset=utf-8";
  response.stream = [subscription](const Context& ctx, http::BodyWriter& client) {
    return Follow(ctx, client, subscription);
  };
  co_return response;
}

int NumberOf(const Request& request, std::string_view name, int standard, int most) {
  const std::string text = request.Parameter(name).value_or("");
  int value = standard;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return std::clamp(value, 1, most);
}

// A cell's text from a line's JSON.
std::string CellOf(const nlohmann::ordered_json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

void AddRows(std::string_view lines, Html::Row& head, std::vector<Html::Row>& rows) {
  while (!lines.empty()) {
    const size_t end = std::min(lines.find('\n'), lines.size());
    const auto record = nlohmann::ordered_json::parse(lines.substr(0, end), nullptr, false);
    lines.remove_prefix(std::min(end + 1, lines.size()));
    if (!record.is_object()) continue;
    const bool first = head.empty();
    Html::Row& row = rows.emplace_back();
    for (const auto& [name, value] : record.items()) {
      if (first) head.push_back(name);
      row.push_back(CellOf(value));
    }
  }
}

Task<Response> Table(const Context& parent, querylog::QueryLog& log, int seconds, size_t limit) {
  const std::shared_ptr<Subscription> subscription = log.Subscribe(true);
  const Context ctx = parent.WithTimeout(std::chrono::seconds(seconds));
  Html::Row head;
  std::vector<Html::Row> rows;
  while (rows.size() < limit) {
    const Result<std::string> lines = co_await subscription->Next(ctx);
    if (!lines.ok()) break;
    AddRows(*lines, head, rows);
  }
  if (rows.size() > limit) rows.resize(limit);
  Html body;
  body.Table(head, rows, "No statement came in that time.");
  co_return Response::Html(Document("Statements as they came", body));
}

}  // namespace

void AddQueryLogPages(Pages& pages, querylog::QueryLog& log) {
  pages.Add(
      *log.flags().path, Role::kDebugging, "statements as they end, for as long as you read",
      [&log](const Context&, const Request& request) { return Live(log, WantsJson(request)); });
  pages.Add("/debug/querylogz", Role::kDebugging,
            "those of the next seconds: ?timeout=SECONDS&limit=LINES",
            [&log](const Context& ctx, const Request& request) {
              const int limit = NumberOf(request, "limit", 300, kMostLines);
              return Table(ctx, log, NumberOf(request, "timeout", 10, kMostSeconds),
                           static_cast<size_t>(limit));
            });
}

}  // namespace tessera::pages
