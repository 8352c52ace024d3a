// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "flags/flag_set.h"
#include "tabletserver/config.h"
#include "tabletserver/guard.h"

namespace tessera::tabletserver {

// Where rules and table ACL come from. Names are Vitess's.
struct ProtectionFlags {
  template <class T>
  using Flag = flags::Flag<T>;

  Flag<std::string> rules{"filecustomrules", "", "JSON file of query rules."};
  Flag<bool> rules_watch{"filecustomrules-watch", true,
                         "Read the rules again when their file changes (Vitess: off by default)."};
  Flag<std::string> acl{"table-acl-config", "", "JSON file of the table ACL; read at SIGHUP, too."};
  Flag<std::chrono::nanoseconds> acl_interval{"table-acl-config-reload-interval",
                                              std::chrono::nanoseconds::zero(),
                                              "How often the table ACL is read again; 0 is never."};
  Flag<bool> acl_enforce{"enforce-tableacl-config", false,
                         "Do not start without a valid table ACL."};
  Flag<bool> acl_strict{"queryserver-config-strict-table-acl", false,
                        "Refuse what the table ACL does not allow."};
  Flag<bool> acl_dry_run{"queryserver-config-enable-table-acl-dry-run", false,
                         "Count what the table ACL would refuse, and let it pass."};
  Flag<std::string> acl_exempt{"queryserver-config-acl-exempt-acl", "",
                               "A user or group that the table ACL does not ask."};

  void Register(flags::FlagSet& set);
  void Fill(Config& config) const;
};

// Reads the files of the flags, and reads them again when there is reason. What cannot be read
// leaves what was there, and the log says why. Of one loop.
class ProtectionFiles {
 public:
  // Hands what holds from now on to the tablet servers.
  using Apply = std::function<Task<>(const Protection&)>;

  explicit ProtectionFiles(const ProtectionFlags& flags) : flags_(flags) {}

  // At the start, before a loop runs: files that cannot be read or understood are errors that name
  // them; the table ACL's only where it is enforced.
  Result<Protection> Load();
  // Looks at the rules' file each second and at the table ACL's at its interval, until ctx ends.
  Task<> Watch(const Context& ctx, const Apply& apply);
  // Reads both at every SIGHUP (runtime::BlockReloadSignal was called), until ctx ends, and then
  // has `others` read theirs: only one task can wait for the signal.
  Task<> WatchSignal(const Context& ctx, const Apply& apply, const std::function<Task<>()>& others);

 private:
  Task<> WatchRules(const Context& ctx, const Apply& apply);
  Task<> WatchAcl(const Context& ctx, const Apply& apply);
  Task<> ReloadRules(const Apply& apply);
  Task<> ReloadAcl(const Apply& apply);

  const ProtectionFlags& flags_;
  Protection protection_;
  std::string rules_text_;  // as last read
  std::string acl_text_;
};

}  // namespace tessera::tabletserver
