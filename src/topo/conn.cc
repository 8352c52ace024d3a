// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "topo/conn.h"

namespace tessera::topo {

namespace {
Error Lacks(std::string_view what) {
  return Errorf(Code::kUnimplemented, "this kind of topology server has no {}", what);
}

const Guards kUnguarded;
}  // namespace

Task<Result<Version>> Conn::Create(const Context& ctx, std::string_view path,
                                   std::string_view contents) {
  return Create(ctx, path, contents, kUnguarded);
}

Task<Result<Version>> Conn::Update(const Context& ctx, std::string_view path,
                                   std::string_view contents, std::optional<Version> version) {
  return Update(ctx, path, contents, version, kUnguarded);
}

Task<Result<>> Conn::Delete(const Context& ctx, std::string_view path,
                            std::optional<Version> version) {
  return Delete(ctx, path, version, kUnguarded);
}

Task<Result<std::unique_ptr<TreeWatcher>>> Conn::WatchTree(const Context&, std::string_view) {
  co_return Lacks("recursive watches");
}

Task<Result<std::unique_ptr<LockHandle>>> Conn::LockName(const Context&, std::string_view,
                                                         std::string_view) {
  co_return Lacks("named locks");
}

Task<Result<std::unique_ptr<LockHandle>>> Conn::Lead(const Context&, std::string_view,
                                                     std::string_view) {
  co_return Lacks("elections");
}

Task<Result<std::string>> Conn::Leader(const Context&, std::string_view) {
  co_return Lacks("elections");
}

}  // namespace tessera::topo
