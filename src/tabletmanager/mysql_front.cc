// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "tabletmanager/mysql_front.h"

#include <utility>

#include "vtgate/reload.h"

namespace tessera::tabletmanager {

Result<MysqlFrontOptions> MakeMysqlFront(const vtgate::MysqlFlags& flags) {
  MysqlFrontOptions options;
  TRY(options.server, flags.ToOptions());
  TRY(options.auth, flags.MakeAuth());
  TRY(options.tls, flags.LoadTls());
  if (flags.wanted() && *flags.auth_impl != "none") {
    TRY(options.password_key, flags.MakePasswordKey());
  }
  return options;
}

MysqlFront::MysqlFront(const vtgate::MysqlFlags& flags, const MysqlFrontOptions& options)
    : flags_(flags),
      shared_(options.server, *options.auth, handler_),
      login_log_(*flags.slow_connect, shared_.stats),
      accepting_(Context::Background()) {
  shared_.options.on_login = [this](const mysqlconn::LoginReport& report) {
    login_log_.Note(report);
  };
  shared_.tls.Set(options.tls);
  shared_.password_key = options.password_key;
}

Task<> MysqlFront::Reload() {
  if (flags_.wanted()) co_await vtgate::ReloadFront(flags_, shared_);
}

Task<Result<>> MysqlFront::Open(tabletserver::TabletServer& tablet, keys::TabletType type) {
  if (!flags_.wanted()) co_return Ok{};
  gate_ = std::make_unique<tabletgate::TabletGate>(tablet, type, shared_);
  CO_TRY_OK(co_await gate_->Start());
  CO_TRY(listeners_, flags_.Listen());
  mysqlconn::ServerPlace place;
  place.loop = &runtime::Loop::Current();
  place.server = &gate_->mysql();
  places_.push_back(place);
  accepting_.Start(vtgate::ReloadAtIntervals(accepting_.context(), flags_, shared_));
  accepting_.Start(
      tabletgate::AcceptClients(accepting_.context(), "vttablet", listeners_, places_));
  co_return Ok{};
}

Task<> MysqlFront::Close(Duration grace) {
  const Result<> ended = co_await accepting_.CancelAndJoin();
  static_cast<void>(ended.ok());
  listeners_.clear();
  if (gate_ == nullptr) co_return;
  const Context ctx = Context::Background().WithTimeout(grace);
  co_await gate_->Drain(ctx);
  co_await gate_->Stop();
  gate_.reset();
}

}  // namespace tessera::tabletmanager
