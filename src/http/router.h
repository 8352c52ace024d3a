// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "runtime/stream.h"

namespace tessera::http {

// A request, read completely.
struct Request {
  std::string method;
  std::string path;                                          // decoded, without the query
  std::string query;                                         // what follows '?', as it came
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;
  std::string peer;

  // The first header of that (lower-case) name, or "".
  std::string_view Header(std::string_view name) const;
  // The decoded value of a query parameter.
  std::optional<std::string> Parameter(std::string_view name) const;
};

struct Response {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  // When set, what follows `body` comes as it is made: the function writes to the client until it
  // is done or the context ends, which it also does when the client leaves. The connection closes
  // behind it.
  std::function<Task<Result<>>(const Context&, runtime::Stream&)> stream;

  static Response Text(std::string body) {
    return Of(200, "text/plain; charset=utf-8", std::move(body));
  }
  static Response Html(std::string body) {
    return Of(200, "text/html; charset=utf-8", std::move(body));
  }
  static Response Json(std::string body) { return Of(200, "application/json", std::move(body)); }
  static Response Status(int status, std::string text) {
    return Of(status, "text/plain; charset=utf-8", std::move(text));
  }

 private:
  static Response Of(int status, std::string type, std::string body) {
    Response response;
    response.status = status;
    response.content_type = std::move(type);
    response.body = std::move(body);
    return response;
  }
};

using Handler = std::function<Task<Response>(const Context&, const Request&)>;

// Which handler answers which path. Filled before serving starts and not changed afterwards;
// handlers run on any loop of the server.
class Router {
 public:
  // A path that ends in '/' answers everything below it too; the longest match wins.
  void Handle(std::string path, Handler handler);
  // nullptr when nobody answers.
  const Handler* Find(std::string_view path) const;
  const std::map<std::string, Handler, std::less<>>& handlers() const { return handlers_; }

 private:
  std::map<std::string, Handler, std::less<>> handlers_;
};

// "%41+b" becomes "A b"; broken escapes stay as they are.
std::string UrlDecode(std::string_view text, bool plus_is_space);

}  // namespace tessera::http
