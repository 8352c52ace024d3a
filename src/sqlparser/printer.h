// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sqlparser/ast.h"

namespace tessera::sqlparser {

class Printer;

// A place in a printed query where a bind variable's value goes.
struct BindPlace {
  uint32_t offset = 0;  // of the ':' in the text
  uint32_t length = 0;  // of ":name" or "::name"
  bool is_list = false;
  std::string_view name;  // points into the tree
};

// kCanonical is Vitess's text. kServer is what MariaDB and MySQL take: it differs where the
// canonical text is not theirs (nothing is lost: DO, DELETE targets, UNION ... INTO, partial DDL as
// written).
enum class Dialect : uint8_t { kCanonical, kServer };

struct PrintOptions {
  Dialect dialect = Dialect::kCanonical;
  bool quote_all = false;  // every identifier in backquotes
  bool upper_case_keywords = false;
  bool qualify_tables = true;  // false: database qualifiers of tables and columns are left out
  // Gives every top-level select item without an alias the name MySQL takes from its text, when the
  // printed text would lead to another one: `a+b` prints as a + b as `a+b`.
  bool name_columns = false;
  // The bind variables v1, v2, ... as the question marks that they were parsed from: for a text
  // that a server prepares.
  bool question_marks = false;
  // Called for every node before it is printed; true means the hook has printed it.
  bool (*hook)(void* context, const Node& node, Printer& printer) = nullptr;
  void* hook_context = nullptr;
  // Where bind variables were printed; not cleared first.
  std::vector<BindPlace>* bind_places = nullptr;
};

// Appends SQL to a string. Single use: make one per text, or keep it and print several nodes.
class Printer {
 public:
  explicit Printer(std::string& out, PrintOptions options = {}) : out_(out), options_(options) {}

  const PrintOptions& options() const { return options_; }
  std::string& out() { return out_; }
  bool server() const { return options_.dialect == Dialect::kServer; }

  // The node as SQL. Null prints nothing.
  void Print(const Node* node);
  // The same past the hook: for hooks that print a node with changes around it.
  void PrintUnhooked(const Node* node);

  // Literal text; keywords go through here, so that upper_case_keywords can work.
  Printer& Text(std::string_view text);
  // Text that is never changed.
  Printer& Raw(std::string_view text) {
    out_.append(text);
    return *this;
  }
  // An identifier, in backquotes where it needs them.
  Printer& Id(std::string_view name);
  Printer& Id(const Ident& name) { return Id(name.text); }
  // What stands before a name of a table's: "database.table.", as far as it is there.
  Printer& Qualifier(std::string_view database, std::string_view table);
  // A string literal.
  Printer& Quoted(std::string_view value);
  // ":name", or "::name" for a list, remembered in bind_places.
  Printer& Bind(std::string_view name, bool is_list);

  // How deep the select being printed is: 0 outside, 1 in the outermost.
  int select_depth = 0;

 private:
  std::string& out_;
  PrintOptions options_;
};

// The node's canonical text.
std::string ToString(const Node* node);
std::string ToString(const Node* node, const PrintOptions& options);

// The name a client sees for this select item: its alias, its column's name, or what MySQL takes
// from the text ("count(*)"), cut to 255 bytes.
std::string_view ColumnName(const Node& select_item, std::string& scratch);

// True when name must be quoted to be read as an identifier again (or is a keyword of Vitess).
bool NeedsQuotes(std::string_view name);
// True when a name that is no identifier of the user's (an engine, an algorithm) reads as itself
// without quotes; keywords do that are not reserved.
bool ReadsPlain(std::string_view name);

// Appends value as a string literal with its quotes, escaped so that MySQL reads the same bytes.
void AppendQuoted(std::string& out, std::string_view value);
// Appends name, in backquotes where needed.
void AppendIdentifier(std::string& out, std::string_view name);

}  // namespace tessera::sqlparser
