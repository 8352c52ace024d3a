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

namespace tessera::http {

// A request, read completely.
struct Request {
  std::string method;
  std::string path;                                          // decoded, without the query
  std::string query;                                         // what follows '?', as it came
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;
  std::string peer;
  bool encrypted = false;  // it came over TLS

  // The first header of that (lower-case) name, or "".
  std::string_view Header(std::string_view name) const;
  // The decoded value of a query parameter.
  std::optional<std::string> Parameter(std::string_view name) const;
};

// Takes a body that is written as it comes.
class BodyWriter {
 public:
  // Returns when the kernel has the bytes; an error when the client does not take them.
  virtual Task<Result<>> Write(const Context& ctx, std::string_view bytes) = 0;

 protected:
  ~BodyWriter() = default;
};

// Writes a body until it is complete. ctx ends when the client hangs up and when the server stops.
// An error breaks the connection off, so that the client can tell that something is missing.
using BodyStream = std::function<Task<Result<>>(const Context&, BodyWriter&)>;

struct Response {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  BodyStream stream;  // when there is one, it makes the body; `body` is not sent

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
