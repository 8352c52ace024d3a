// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/sim.h"

#include <gtest/gtest.h>

#include "base/waiter.h"
#include "runtime/task_group.h"

namespace tessera::runtime {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A replicated counter: three stores, and a writer that counts up and calls a number safe once
// enough stores have it. One store dies at a moment of the seed's choosing; a safe number must be
// found on the two that are left.
class Counter {
 public:
  // `quorum` stores must have a number before it is safe: 2 of 3 is right, 1 is the planted bug.
  Counter(uint64_t seed, int quorum) : world_(seed), quorum_(quorum) {
    for (const char* name : {"store0", "store1", "store2"})
      stores_.push_back(&world_.AddMachine(name));
    writer_ = &world_.AddMachine("writer");
  }

  // The trace; `lost` tells whether a safe number was lost.
  std::string Run(bool* lost) {
    for (size_t i = 0; i < stores_.size(); ++i)
      stores_[i]->Start([this, i](const Context& ctx) { return Store(ctx, i); });
    writer_->Start([this](const Context& ctx) { return Write(ctx); });
    const size_t victim = world_.Random(3);
    world_.At(milliseconds(world_.Random(60)), [this, victim] { stores_[victim]->Crash(); });
    const size_t reached = world_.Random(3);
    world_.At(milliseconds(world_.Random(60)), [this, reached] {
      for (size_t i = 0; i < stores_.size(); ++i) {
        if (i != reached) world_.Partition(*writer_, *stores_[i]);
      }
    });
    world_.Run(seconds(60));
    EXPECT_EQ(writer_->finished(), 1u);
    uint64_t left = 0;
    for (size_t i = 0; i < stores_.size(); ++i) {
      if (i != victim) left = std::max(left, number_[i]);
    }
    *lost = left < safe_;
    return world_.trace();
  }

 private:
  Task<Result<>> Serve(const Context& ctx, size_t index, std::unique_ptr<Stream> stream) {
    for (;;) {
      char byte[1];
      CO_TRY(const size_t count, co_await stream->Read(ctx, byte));
      if (count == 0) co_return Ok{};
      number_[index] = std::max<uint64_t>(number_[index], static_cast<uint8_t>(byte[0]));
      CO_TRY_OK(co_await stream->WriteAll(ctx, std::string_view(byte, 1)));
    }
  }

  Task<> Store(const Context& ctx, size_t index) {
    const auto listener = Loop::Current().Listen(Address::Tcp(stores_[index]->name(), 1));
    CHECK(listener.ok());
    auto socket = co_await (*listener)->Accept(ctx);
    if (!socket.ok()) co_return;
    const Result<> served =
        co_await Serve(ctx, index, Loop::Current().Open(std::move(socket).value()));
    world_.Note(*stores_[index], served.ok() ? "writer has gone" : served.error().message());
  }

  // Sends one number to one store and counts its answer.
  Task<Result<>> Send(const Context& ctx, Stream& stream, char number, int* answers) {
    char answer[1];
    const Result<> sent = co_await stream.WriteAll(ctx, std::string_view(&number, 1));
    if (!sent.ok()) co_return Ok{};
    for (;;) {
      const auto count = co_await stream.Read(ctx, answer);
      if (!count.ok() || *count == 0) co_return Ok{};
      // The answer to an earlier number may only arrive now: it does not count.
      if (answer[0] != number) continue;
      ++*answers;
      co_return Ok{};
    }
  }

  Task<> Write(const Context& ctx) {
    std::vector<std::unique_ptr<Stream>> streams;
    for (const SimMachine* store : stores_) {
      const Context brief = ctx.WithTimeout(seconds(1));
      auto stream = co_await Loop::Current().Connect(brief, Address::Tcp(store->name(), 1));
      if (stream.ok()) streams.push_back(std::move(stream).value());
    }
    for (uint64_t number = 1; number <= 10; ++number) {
      int answers = 0;
      const Context brief = ctx.WithTimeout(milliseconds(world_.Random(20)));
      TaskGroup group(brief);
      for (const auto& stream : streams)
        group.Start(Send(group.context(), *stream, static_cast<char>(number), &answers));
      const Result<> joined = co_await group.Join();
      CHECK(joined.ok());
      if (answers >= quorum_) safe_ = number;
    }
  }

  SimWorld world_;
  const int quorum_;
  std::vector<SimMachine*> stores_;
  SimMachine* writer_;
  uint64_t number_[3] = {};
  uint64_t safe_ = 0;
};

TEST(Sim, PlantedBugIsFoundBySeedSearchAndReplayed) {
  bool lost = false;
  uint64_t seed = 0;
  std::string trace;
  while (!lost && seed < 300) trace = Counter(++seed, 1).Run(&lost);
  ASSERT_TRUE(lost) << "no seed found the planted bug";
  bool again = false;
  EXPECT_EQ(trace, Counter(seed, 1).Run(&again)) << "same seed, another trace";
  EXPECT_TRUE(again);
}

TEST(Sim, AMajorityLosesNothingOverManySeeds) {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    bool lost = false;
    const std::string trace = Counter(seed, 2).Run(&lost);
    ASSERT_FALSE(lost) << "seed " << seed << "\n" << trace;
  }
}

Task<> EchoOnce(const Context& ctx) {
  const auto listener = Loop::Current().Listen(Address::Tcp("b", 7));
  CHECK(listener.ok());
  auto socket = co_await (*listener)->Accept(ctx);
  CHECK(socket.ok());
  const auto stream = Loop::Current().Open(std::move(socket).value());
  std::string buffer(4096, '\0');
  for (;;) {
    const auto count = co_await stream->Read(ctx, buffer);
    if (!count.ok() || *count == 0) co_return;
    const Result<> written =
        co_await stream->WriteAll(ctx, std::string_view(buffer).substr(0, *count));
    CHECK(written.ok());
  }
}

Task<Result<>> SendBlock(const Context& ctx, Stream& stream, size_t size) {
  const std::string block(size, 'x');
  co_return co_await stream.WriteAll(ctx, block);
}

Task<> SendMegabyte(const Context& ctx, size_t* echoed) {
  auto stream = co_await Loop::Current().Connect(ctx, Address::Tcp("b", 7));
  CHECK(stream.ok());
  TaskGroup group(ctx);
  group.Start(SendBlock(group.context(), **stream, 1 << 20));
  std::string buffer(4096, '\0');
  while (*echoed < 1 << 20) {
    const auto count = co_await (*stream)->Read(ctx, buffer);
    CHECK(count.ok() && *count > 0);
    *echoed += *count;
  }
  const Result<> sent = co_await group.Join();
  CHECK(sent.ok());
}

TEST(Sim, PartitionDelaysDataButLosesNone) {
  SimWorld world(7);
  SimMachine& a = world.AddMachine("a");
  SimMachine& b = world.AddMachine("b");
  size_t echoed = 0;
  b.Start([](const Context& ctx) { return EchoOnce(ctx); });
  a.Start([&echoed](const Context& ctx) { return SendMegabyte(ctx, &echoed); });
  world.At(milliseconds(30), [&] { world.Partition(a, b); });
  world.At(seconds(5), [&] { world.Heal(a, b); });
  world.Run(seconds(3600));
  EXPECT_EQ(echoed, size_t{1} << 20);
  EXPECT_EQ(a.finished(), 1u);
}

}  // namespace
}  // namespace tessera::runtime
