// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "http/router.h"

#include "base/check.h"

namespace tessera::http {

namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string UrlDecode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && HexDigit(text[i + 1]) >= 0 &&
        HexDigit(text[i + 2]) >= 0) {
      out.push_back(static_cast<char>(HexDigit(text[i + 1]) * 16 + HexDigit(text[i + 2])));
      i += 2;
    } else if (text[i] == '+' && plus_is_space) {
      out.push_back(' ');
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

std::string_view Request::Header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

std::optional<std::string> Request::Parameter(std::string_view name) const {
  std::string_view rest = query;
  while (!rest.empty()) {
    const size_t end = rest.find('&');
    const std::string_view pair = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    const size_t equals = pair.find('=');
    if (UrlDecode(pair.substr(0, equals), true) != name) continue;
    return equals == std::string_view::npos ? std::string()
                                            : UrlDecode(pair.substr(equals + 1), true);
  }
  return std::nullopt;
}

void Router::Handle(std::string path, Handler handler) {
  CHECK(!path.empty() && path.front() == '/');
  CHECK(handlers_.emplace(std::move(path), std::move(handler)).second);
}

const Handler* Router::Find(std::string_view path) const {
  if (const auto exact = handlers_.find(path); exact != handlers_.end()) return &exact->second;
  for (size_t slash = path.rfind('/'); slash != std::string_view::npos;
       slash = path.rfind('/', slash - 1)) {
    if (const auto found = handlers_.find(path.substr(0, slash + 1)); found != handlers_.end())
      return &found->second;
    if (slash == 0) break;
  }
  return nullptr;
}

}  // namespace tessera::http
