// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "webauth/access.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"

namespace tessera::webauth {

namespace {

Error Forbidden(std::string message, std::string hint) {
  return Error(Code::kPermissionDenied, std::move(message)).WithHint(std::move(hint));
}

// "http://host:port" or "https://host:port" is of that host.
bool IsOriginOf(std::string_view origin, std::string_view host) {
  const size_t slashes = origin.find("://");
  return slashes != std::string_view::npos && origin.substr(slashes + 3) == host;
}

}  // namespace

std::string HostOf(std::string_view address) {
  std::string_view host = address;
  if (host.starts_with('[')) {
    host = host.substr(
        1, host.find(']') == std::string_view::npos ? std::string_view::npos : host.find(']') - 1);
  } else if (std::count(host.begin(), host.end(), ':') <= 1) {
    host = host.substr(0, host.find(':'));
  }
  return AsciiLower(host);
}

bool IsLoopback(std::string_view host) {
  const bool digits = host.find_first_not_of("0123456789.") == std::string_view::npos;
  return host == "localhost" || host == "::1" || (host.starts_with("127.") && digits);
}

Access::Access(AccessOptions options, std::unique_ptr<Users> users)
    : options_(std::move(options)), users_(std::move(users)) {}

Result<> Access::CheckHost(std::string_view asked) const {
  const std::string host = HostOf(asked);
  const auto& known = options_.hosts;
  if (IsLoopback(host) || std::find(known.begin(), known.end(), host) != known.end()) return Ok{};
  return Forbidden("these pages are not served under the name '" + host + "'",
                   "--web-allowed-hosts names more");
}

Task<Result<std::string>> Access::Admit(const Context& ctx, const http::Request& request) {
  CO_TRY_OK(CheckHost(request.Header("host")));
  const std::string client = HostOf(request.peer);
  const bool local = IsLoopback(client);
  if (users_ == nullptr) {
    if (local) co_return request.peer;
    co_return Forbidden("without users these pages answer this machine only",
                        "--web-auth-file names who may come from elsewhere");
  }
  if (!local && !request.encrypted) {
    co_return Forbidden("a password would cross the network in clear text: use https",
                        "--grpc-cert and --grpc-key turn it on");
  }
  const std::string_view shown = request.Header("authorization");
  co_return co_await users_->Check(ctx, client, shown);
}

Result<> CheckOwnStream(const http::Request& request) {
  const std::string_view site = request.Header("sec-fetch-site");
  if (!site.empty() && site != "same-origin")
    return Forbidden("another site asks", "open the pages of this vtctld");
  const std::string_view origin = request.Header("origin");
  if (!origin.empty() && !IsOriginOf(origin, request.Header("host")))
    return Forbidden("another site asks", "open the pages of this vtctld");
  return Ok{};
}

Result<> CheckOwnCall(const http::Request& request) {
  TRY_OK(CheckOwnStream(request));
  if (request.Header("x-tessera") != "1")
    return Forbidden("the call does not say that it is one of ours", "send X-Tessera: 1");
  return Ok{};
}

void AddSecurityHeaders(http::Response& response) {
  auto& headers = response.headers;
  headers.emplace_back("Content-Security-Policy",
                       "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' "
                       "data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
                       "frame-ancestors 'none'");
  headers.emplace_back("X-Content-Type-Options", "nosniff");
  headers.emplace_back("Referrer-Policy", "no-referrer");
  headers.emplace_back("Cross-Origin-Opener-Policy", "same-origin");
  headers.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
}

}  // namespace tessera::webauth
