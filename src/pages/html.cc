// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "pages/html.h"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

namespace tessera::pages {

namespace {

constexpr std::string_view kStyle = R"(
:root { color-scheme: light dark;
  --line: #d7d7d2; --soft: #6a6a66; --wash: #f4f4f0; --link: #175ea8; }
@media (prefers-color-scheme: dark) { :root {
  --line: #3a3a3c; --soft: #a0a0a0; --wash: #232325; --link: #7db7f0; } }
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem;
  padding: 0 1rem; }
h1 { font-size: 1.35rem; margin: 0 0 .2rem; } h2 { font-size: 1.05rem; margin: 1.8rem 0 .4rem; }
a { color: var(--link); } p { margin: .3rem 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .92em; }
th { text-align: left; font-weight: 600; color: var(--soft); }
th, td { padding: .22rem .9rem .22rem 0; border-bottom: 1px solid var(--line);
  vertical-align: top; }
td.n { text-align: right; font-variant-numeric: tabular-nums; }
pre { background: var(--wash); padding: .6rem; overflow-x: auto; }
)";

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsNumber(std::string_view text) {
  return text.find_first_not_of("0123456789.,%-") == std::string_view::npos &&
         std::any_of(text.begin(), text.end(), &IsDigit);
}

}  // namespace

std::string Escape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out.push_back(c);
    }
  }
  return out;
}

Html& Html::Heading(std::string_view text) {
  text_ += fmt::format("<h2>{}</h2>\n", Escape(text));
  return *this;
}

Html& Html::Paragraph(std::string_view text) {
  text_ += fmt::format("<p>{}</p>\n", Escape(text));
  return *this;
}

Html& Html::Link(std::string_view href, std::string_view text) {
  text_ += fmt::format("<p><a href=\"{}\">{}</a></p>\n", Escape(href), Escape(text));
  return *this;
}

Html& Html::Table(const Row& head, const std::vector<Row>& rows, std::string_view empty) {
  if (rows.empty()) return empty.empty() ? *this : Paragraph(empty);
  text_ += "<div class=\"scroll\"><table>\n<tr>";
  for (const std::string& cell : head) text_ += fmt::format("<th>{}</th>", Escape(cell));
  text_ += "</tr>\n";
  for (const Row& row : rows) {
    text_ += "<tr>";
    for (const std::string& cell : row)
      text_ += fmt::format("<td{}>{}</td>", IsNumber(cell) ? " class=\"n\"" : "", Escape(cell));
    text_ += "</tr>\n";
  }
  text_ += "</table></div>\n";
  return *this;
}

Html& Html::Facts(const std::vector<std::pair<std::string, std::string>>& facts) {
  text_ += "<div class=\"scroll\"><table>\n";
  for (const auto& [name, value] : facts)
    text_ += fmt::format("<tr><th>{}</th><td>{}</td></tr>\n", Escape(name), Escape(value));
  text_ += "</table></div>\n";
  return *this;
}

Html& Html::Code(std::string_view text) {
  text_ += fmt::format("<pre>{}</pre>\n", Escape(text));
  return *this;
}

Html& Html::Append(const Html& other) {
  text_ += other.text_;
  return *this;
}

std::string Document(std::string_view title, const Html& body) {
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width\">"
      "<title>{0}</title><style>{1}</style></head>\n<body><h1>{0}</h1>\n{2}</body></html>\n",
      Escape(title), kStyle, body.text());
}

}  // namespace tessera::pages
