// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "pages/follow_config.h"

#include <chrono>
#include <string>
#include <utility>

#include "base/waiter.h"
#include "flags/config_file.h"
#include "log/log.h"
#include "runtime/loop.h"

namespace tessera::pages {

namespace {

// A stat would be enough most of the time, but for files that are exchanged by a link.
constexpr std::chrono::milliseconds kInterval(1000);
// A text that is new must still stand there after this: files are not always exchanged at once.
constexpr std::chrono::milliseconds kSettled(100);

void Tell(const std::string& file, const flags::ConfigChange& change) {
  for (const flags::FlagBase* const flag : change.applied)
    LOG(kInfo, "{}: {} is '{}' from now on", file, flag->name(), flag->ShownText());
  for (const flags::FlagBase* const flag : change.pending)
    LOG(kWarn, "{}: {} '{}' needs a restart; '{}' holds until then", file, flag->name(),
        flag->Shown(flag->pending()->text), flag->ShownText());
  for (const flags::FlagBase* const flag : change.withdrawn)
    LOG(kInfo, "{}: {} is '{}' as before; no restart is needed for it", file, flag->name(),
        flag->ShownText());
}

// Whether dynamic flags have other values now.
bool TakeOver(flags::FlagSet& set, const std::string& text) {
  const bool was_wrong = !set.config_trouble().empty();
  const Result<flags::ConfigChange> change = set.TakeConfig(text);
  if (!change.ok()) {
    LOG(kError, "the configuration stays as it was: {}", change.error().ToString());
    return false;
  }
  if (was_wrong && set.config_trouble().empty())
    LOG(kInfo, "{}: the configuration file is right again", set.config_file());
  Tell(set.config_file(), *change);
  return !change->applied.empty();
}

Task<Result<std::string>> ReadAside(std::string path) {
  const auto read = [path] { return flags::ReadConfigFile(path); };
  co_return co_await runtime::RunBlocking(read);
}

}  // namespace

Task<> FollowConfigFile(const Context& ctx, flags::FlagSet& set,
                        const std::function<Task<>()>& apply) {
  if (set.config_file().empty()) co_return;
  bool there = true;
  std::string seen;
  bool settled = true;
  for (;;) {
    const Result<> slept = co_await Sleep(ctx, settled ? kInterval : kSettled);
    if (!slept.ok()) co_return;
    const Result<std::string> text = co_await ReadAside(set.config_file());
    // A file that is just being put in place of another is there at the next look.
    if (there && !text.ok())
      LOG(kWarn, "the configuration stays as it was: {}", text.error().ToString());
    there = text.ok();
    settled = !there || *text == seen;
    if (!settled) seen = *text;
    if (!there || !settled || !TakeOver(set, *text)) continue;
    co_await apply();
  }
}

}  // namespace tessera::pages
