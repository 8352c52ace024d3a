// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "tabletserver/protection_files.h"

#include <fstream>
#include <iterator>
#include <utility>

#include "base/waiter.h"
#include "log/log.h"
#include "runtime/loop.h"
#include "runtime/signals.h"
#include "runtime/task_group.h"

namespace tessera::tabletserver {

namespace {

constexpr size_t kLongestFile = 64 << 20;

Result<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Errorf(Code::kNotFound, "'{}' cannot be read", path);
  std::string text;
  char part[65536];
  while (file.read(part, sizeof(part)) || file.gcount() > 0) {
    text.append(part, static_cast<size_t>(file.gcount()));
    if (text.size() > kLongestFile) return Errorf(Code::kOutOfRange, "'{}' is too long", path);
  }
  if (file.bad()) return Errorf(Code::kUnavailable, "'{}' cannot be read", path);
  return text;
}

Task<Result<std::string>> ReadFileAside(std::string path) {
  const auto read = [path] { return ReadFile(path); };
  co_return co_await runtime::RunBlocking(read);
}

}  // namespace

void ProtectionFlags::Register(flags::FlagSet& set) {
  set.Add(rules, rules_watch, acl, acl_interval, acl_enforce);
  set.Add(acl_strict, acl_dry_run, acl_exempt);
}

void ProtectionFlags::Fill(Config& config) const {
  config.acl.strict = *acl_strict;
  config.acl.dry_run = *acl_dry_run;
  config.acl.exempt = *acl_exempt;
}

Result<Protection> ProtectionFiles::Load() {
  if (!flags_.rules->empty()) {
    TRY(rules_text_, ReadFile(*flags_.rules).Wrap("--filecustomrules"));
    TRY(protection_.rules, QueryRules::Parse(rules_text_).Wrap(*flags_.rules));
    LOG(kInfo, "{}: {} query rules hold", *flags_.rules, protection_.rules->size());
  }
  if (flags_.acl->empty()) {
    if (*flags_.acl_enforce)
      return Error(Code::kInvalidArgument, "--enforce-tableacl-config needs a table ACL")
          .WithHint("Give --table-acl-config");
    if (*flags_.acl_strict)
      LOG(kWarn,
          "--queryserver-config-strict-table-acl without --table-acl-config: nobody may "
          "use any table");
    return protection_;
  }
  Result<std::string> text = ReadFile(*flags_.acl);
  Result<std::shared_ptr<const TableAcl>> acl = std::shared_ptr<const TableAcl>();
  if (text.ok()) {
    acl = TableAcl::Parse(*text);
  } else {
    acl = text.error();
  }
  if (!acl.ok()) {
    const Error problem = std::move(acl).error().Wrap("--table-acl-config " + *flags_.acl);
    if (*flags_.acl_enforce) return problem;
    LOG(kError, "{}; there is no table ACL until the file is right", problem.ToString());
    return protection_;
  }
  acl_text_ = *std::move(text);
  protection_.acl = *std::move(acl);
  LOG(kInfo, "{}: a table ACL of {} groups holds", *flags_.acl, protection_.acl->size());
  return protection_;
}

Task<> ProtectionFiles::ReloadRules(const Apply& apply) {
  if (flags_.rules->empty()) co_return;
  Result<std::string> text = co_await ReadFileAside(*flags_.rules);
  // A file that is just being put in place of another is there at the next look.
  if (!text.ok() || *text == rules_text_) co_return;
  rules_text_ = *std::move(text);
  Result<std::shared_ptr<const QueryRules>> rules = QueryRules::Parse(rules_text_);
  if (!rules.ok()) {
    LOG(kError, "{}: the query rules stay as they were: {}", *flags_.rules,
        rules.error().ToString());
    co_return;
  }
  protection_.rules = *std::move(rules);
  LOG(kInfo, "{}: {} query rules hold", *flags_.rules, protection_.rules->size());
  const Protection now = protection_;
  co_await apply(now);
}

Task<> ProtectionFiles::ReloadAcl(const Apply& apply) {
  if (flags_.acl->empty()) co_return;
  Result<std::string> text = co_await ReadFileAside(*flags_.acl);
  if (!text.ok()) {
    LOG(kError, "the table ACL stays as it was: {}", text.error().ToString());
    co_return;
  }
  if (*text == acl_text_) co_return;
  acl_text_ = *std::move(text);
  Result<std::shared_ptr<const TableAcl>> acl = TableAcl::Parse(acl_text_);
  if (!acl.ok()) {
    LOG(kError, "{}: the table ACL stays as it was: {}", *flags_.acl, acl.error().ToString());
    co_return;
  }
  protection_.acl = *std::move(acl);
  LOG(kInfo, "{}: a table ACL of {} groups holds", *flags_.acl, protection_.acl->size());
  const Protection now = protection_;
  co_await apply(now);
}

Task<> ProtectionFiles::WatchSignal(const Context& ctx, const Apply& apply,
                                    const std::function<Task<>()>& others) {
  while (true) {
    const Result<> signal = co_await runtime::WaitForReloadSignal(ctx);
    if (!signal.ok()) co_return;
    co_await ReloadRules(apply);
    co_await ReloadAcl(apply);
    co_await others();
  }
}

Task<> ProtectionFiles::WatchRules(const Context& ctx, const Apply& apply) {
  if (flags_.rules->empty() || !*flags_.rules_watch) co_return;
  while (true) {
    const Result<> slept = co_await Sleep(ctx, std::chrono::seconds(1));
    if (!slept.ok()) co_return;
    co_await ReloadRules(apply);
  }
}

Task<> ProtectionFiles::WatchAcl(const Context& ctx, const Apply& apply) {
  if (flags_.acl->empty() || *flags_.acl_interval <= Duration::zero()) co_return;
  while (true) {
    const Result<> slept = co_await Sleep(ctx, *flags_.acl_interval);
    if (!slept.ok()) co_return;
    co_await ReloadAcl(apply);
  }
}

Task<> ProtectionFiles::Watch(const Context& ctx, const Apply& apply) {
  runtime::TaskGroup group(ctx);
  group.Start(WatchRules(group.context(), apply));
  group.Start(WatchAcl(group.context(), apply));
  const Result<> ended = co_await group.Join();
  static_cast<void>(ended.ok());
}

}  // namespace tessera::tabletserver
