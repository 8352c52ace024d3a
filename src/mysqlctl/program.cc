// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "mysqlctl/program.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "flags/flag_set.h"
#include "mysqlctl/mysqld.h"
#include "runtime/loop_pool.h"

namespace tessera::mysqlctl {

namespace {

constexpr std::string_view kCommands =
    "Commands:\n"
    "  init            make a server in the tablet's folder and start it\n"
    "  init_config     print the my.cnf that init would write\n"
    "  start           start a server that was made\n"
    "  shutdown        end the server in good order\n"
    "  teardown        remove the server with all its data\n"
    "  reinit_config   write my.cnf anew; counts from the next start\n"
    "  position        print the GTID position of the running server\n";

struct MysqlctlFlags {
  flags::Flag<std::string> tablet_dir{
      "tablet-dir", "", "Folder of the server; empty is vt_<uid> under VTDATAROOT, or here."};
  flags::Flag<uint32_t> tablet_uid{"tablet-uid", 41983, "Uid of the tablet."};
  flags::Flag<int> mysql_port{"mysql-port", 3306, "Port of the server."};
  flags::Flag<std::string> mysql_socket{"mysql-socket", "", "Socket; empty is in the folder."};
  flags::Flag<int> server_id{"mysql-server-id", 0, "Replication id of the server; 0 is the uid."};
  flags::Flag<std::string> buffer_pool{"innodb-buffer-pool-size", "64M", "InnoDB's cache."};
  flags::Flag<bool> durable{"durable", true, "Commits reach the disk before they are answered."};
  flags::Flag<std::string> template_dir{
      "template-dir", "", "Data folder to copy; made when it does not exist. Saves time."};
  flags::Flag<std::string> repl_password{"db-repl-password", "", "Password of vt_repl."};
  flags::Flag<std::chrono::nanoseconds> wait_time{"wait-time", std::chrono::minutes(5),
                                                  "Longest wait for the server."};
  flags::Flag<bool> force{"force", false, "teardown: shut a running server down first."};
  flags::Flag<bool> no_start{"no-start", false, "init: leave the server stopped."};

  void Register(flags::FlagSet& set) {
    set.Add(tablet_dir, tablet_uid, mysql_port, mysql_socket, server_id, buffer_pool, durable);
    set.Add(template_dir, repl_password, wait_time, force, no_start);
  }
  std::string Folder() const {
    namespace fs = std::filesystem;
    const char* const root = std::getenv("VTDATAROOT");
    fs::path path(*tablet_dir);
    if (path.empty()) path = InstanceFolder(*tablet_uid);
    if (path.is_relative() && root != nullptr) path = fs::path(root) / path;
    return fs::absolute(path).lexically_normal().string();
  }
  MyCnf Cnf() const {
    MyCnf cnf;
    cnf.dir = Folder();
    cnf.uid = *tablet_uid;
    cnf.server_id = *server_id != 0 ? static_cast<uint32_t>(*server_id) : *tablet_uid;
    cnf.port = static_cast<uint16_t>(*mysql_port);
    cnf.socket_file = *mysql_socket;
    cnf.buffer_pool = *buffer_pool;
    cnf.durable = *durable;
    return cnf;
  }
};

Task<Result<>> InitServer(const Context& ctx, const MysqlctlFlags& flags) {
  Mysqld mysqld(flags.Cnf());
  InitOptions options;
  options.template_dir = *flags.template_dir;
  options.replication_password = *flags.repl_password;
  if (!options.template_dir.empty()) {
    CO_TRY_OK(co_await MakeTemplate(ctx, options.template_dir, options.replication_password));
  }
  CO_TRY_OK(co_await mysqld.Init(ctx, options));
  if (*flags.no_start) co_return Ok{};
  co_return co_await mysqld.Start(ctx);
}

// The settings that were given on the command line, over those the folder has.
MyCnf Changed(MyCnf cnf, const MysqlctlFlags& flags) {
  const MyCnf asked = flags.Cnf();
  if (flags.tablet_uid.given()) cnf.uid = asked.uid;
  if (flags.mysql_port.given()) cnf.port = asked.port;
  if (flags.mysql_socket.given()) cnf.socket_file = asked.socket_file;
  if (flags.server_id.given()) cnf.server_id = asked.server_id;
  if (flags.buffer_pool.given()) cnf.buffer_pool = asked.buffer_pool;
  if (flags.durable.given()) cnf.durable = asked.durable;
  return cnf;
}

Task<Result<>> RunCommand(const Context& ctx, const MysqlctlFlags& flags, std::string command) {
  const Context bounded = ctx.WithTimeout(*flags.wait_time);
  if (command == "init") {
    co_return co_await InitServer(bounded, flags);
  }
  if (command == "init_config") {
    std::fputs(MariaDb().Config(flags.Cnf()).c_str(), stdout);
    co_return Ok{};
  }
  CO_TRY(Mysqld mysqld, co_await Mysqld::Open(flags.Folder()));
  if (command == "start") {
    co_return co_await mysqld.Start(bounded);
  }
  if (command == "shutdown") {
    co_return co_await mysqld.Shutdown(bounded);
  }
  if (command == "teardown") {
    co_return co_await mysqld.Teardown(bounded, *flags.force);
  }
  if (command == "reinit_config") {
    Mysqld changed(Changed(mysqld.cnf(), flags));
    co_return co_await changed.ReinitConfig(bounded);
  }
  if (command == "position") {
    CO_TRY(const std::string position, co_await mysqld.Position(bounded));
    std::printf("%s\n", position.c_str());
    co_return Ok{};
  }
  co_return Errorf(Code::kInvalidArgument, "there is no command '{}'", command)
      .WithHint("mysqlctl --help lists them");
}

Task<int> Main(const Context& ctx, const MysqlctlFlags& flags, std::string command) {
  const Result<> outcome = co_await RunCommand(ctx, flags, std::move(command));
  if (outcome.ok()) co_return 0;
  std::fprintf(stderr, "mysqlctl: %s\n", outcome.error().ToString().c_str());
  co_return 1;
}

}  // namespace

int RunMysqlctl(int argc, const char* const* argv) {
  MysqlctlFlags flags;
  flags::FlagSet set("mysqlctl", "Makes, starts, stops and removes the MySQL server of a tablet.",
                     "[flags] COMMAND");
  flags.Register(set);
  set.AddConfigFlags();
  const Result<std::vector<std::string>> rest = set.Parse(argc, argv);
  if (set.help_asked()) {
    std::printf("%s\n%s", set.Help().c_str(), std::string(kCommands).c_str());
    return 0;
  }
  if (!rest.ok()) {
    std::fprintf(stderr, "%s\n", rest.error().ToString().c_str());
    return 2;
  }
  for (const std::string& warning : set.warnings())
    std::fprintf(stderr, "mysqlctl: %s\n", warning.c_str());
  if (rest->size() != 1) {
    std::fprintf(stderr, "mysqlctl: exactly one command is needed; mysqlctl --help lists them\n");
    return 2;
  }
  const std::string command = rest->front();
  return runtime::RunLoop(
      [&flags, &command](const Context& ctx) { return Main(ctx, flags, command); });
}

}  // namespace tessera::mysqlctl
