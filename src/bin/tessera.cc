// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "bin/topologies.h"
#include "flags/command_set.h"
#include "localcluster/program.h"
#include "sqltool/sql_command.h"

int main(int argc, char** argv) {
  tessera::Topologies topologies;
  tessera::flags::CommandSet set;
  set.program = "tessera";
  set.summary =
      "A whole cluster on one machine (topology, MariaDB servers, tablets, gates), and tools for "
      "SQL.";
  set.example =
      "A first cluster of two shards:\n"
      "\n"
      "  tessera up --keyspace app --shards 2 --replicas 1\n"
      "  tessera connect app\n";
  set.commands = tessera::localcluster::Commands(topologies.all);
  set.commands.push_back({"sql", "format, fingerprint, redact or take apart SQL statements",
                          tessera::sqltool::RunSql});
  return set.Run(argc, argv);
}
