// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// Prints the tables that a statement names, and its fingerprint.
#include <cstdio>
#include <string>

#include "sqlparser/ast_nodes.h"
#include "sqlparser/fingerprint.h"
#include "sqlparser/parser.h"
#include "sqlparser/visitor.h"

using namespace tessera::sqlparser;

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: tables STATEMENT\n");
    return 2;
  }
  tessera::Arena arena;
  ErrorPlace place;
  const auto statement = Parse(arena, argv[1], {}, &place);
  if (!statement.ok()) {
    std::fprintf(stderr, "%s\n%s", statement.error().ToString().c_str(),
                 CaretForm(argv[1], place).c_str());
    return 1;
  }
  Walk(*statement, [](const Node& node) {
    if (const TableName* table = node.As<TableName>())
      std::printf("table %s\n", std::string(table->name).c_str());
    return Visit::kContinue;
  });
  Fingerprint fingerprint;
  if (fingerprint.Scan(argv[1]).ok())
    std::printf("fingerprint %s\n", std::string(fingerprint.text).c_str());
  return 0;
}
