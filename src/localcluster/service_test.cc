// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "localcluster/service.h"

#include <chrono>
#include <filesystem>

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/waiter.h"
#include "localcluster/layout.h"
#include "runtime/loop_pool.h"

namespace tessera::localcluster {
namespace {

Task<> WaitUntilEnded(const Context& ctx, Service& service) {
  while (true) {
    const int pid = co_await service.Pid();
    if (pid == 0) co_return;
    const Result<> slept = co_await Sleep(ctx, std::chrono::milliseconds(5));
    EXPECT_TRUE(slept.ok());
  }
}

Task<int> HowItEnds(const Context& ctx) {
  Layout layout;
  layout.dir = testing::TempDir() + "/tessera_service_" + std::to_string(getpid());
  for (const char* const part : {"/run", "/log"})
    std::filesystem::create_directories(layout.dir + part);
  const std::unique_ptr<Service> service =
      MakeProgram(layout, "ender", "/bin/sh", {"-c", "exit 78"}, {});
  EXPECT_FALSE(service->exit_status().has_value());
  const Result<> started = co_await service->Start(ctx);
  EXPECT_TRUE(started.ok()) << started.error().ToString();
  co_await WaitUntilEnded(ctx, *service);
  EXPECT_EQ(service->exit_status(), 78);
  // Another supervisor's view of the same process: it is no child, so nothing is known.
  const std::unique_ptr<Service> other =
      MakeProgram(layout, "ender", "/bin/sh", {"-c", "exit 78"}, {});
  co_await WaitUntilEnded(ctx, *other);
  EXPECT_FALSE(other->exit_status().has_value());
  std::filesystem::remove_all(layout.dir);
  co_return 0;
}
TEST(Service, TellsHowItsProgramEnded) { runtime::RunLoop(&HowItEnds); }

}  // namespace
}  // namespace tessera::localcluster
