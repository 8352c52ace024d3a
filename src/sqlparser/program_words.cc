// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/internal/program_words.h"

#include <algorithm>

namespace tessera::sqlparser {
namespace {

// MariaDB's answers to each word it knows, in order.
constexpr std::string_view kReservedByServer[] = {"accessible",
                                                  "asensitive",
                                                  "delete_domain_id",
                                                  "do_domain_ids",
                                                  "ignore_domain_ids",
                                                  "master_demote_to_replica",
                                                  "master_demote_to_slave",
                                                  "master_ssl_verify_server_cert",
                                                  "page_checksum",
                                                  "parse_vcol_expr",
                                                  "portion",
                                                  "ref_system_id",
                                                  "row_number",
                                                  "stats_auto_recalc",
                                                  "stats_persistent",
                                                  "stats_sample_pages"};
constexpr std::string_view kFreeOnServer[] = {"database", "escape", "lateral", "schema"};
constexpr std::string_view kNoLabels[] = {
    "ascii",         "backup",        "begin",      "binlog",    "byte",       "cache",
    "charset",       "checkpoint",    "checksum",   "close",     "column_add", "column_check",
    "column_create", "column_delete", "column_get", "comment",   "commit",     "compressed",
    "contains",      "deallocate",    "do",         "end",       "examined",   "exclude",
    "execute",       "flush",         "following",  "follows",   "format",     "get",
    "handler",       "host",          "install",    "language",  "no",         "open",
    "option",        "options",       "others",     "owner",     "parser",     "period",
    "port",          "precedes",      "preceding",  "prepare",   "remove",     "repair",
    "replica",       "replicas",      "reset",      "restore",   "rollback",   "savepoint",
    "security",      "server",        "shutdown",   "signed",    "slave",      "slaves",
    "socket",        "soname",        "start",      "stop",      "stored",     "ties",
    "truncate",      "unbounded",     "unicode",    "uninstall", "upgrade",    "window",
    "within",        "wrapper",       "xa"};
constexpr std::string_view kCalledWithoutBlank[] = {"bit_and",
                                                    "bit_or",
                                                    "bit_xor",
                                                    "cast",
                                                    "count",
                                                    "cume_dist",
                                                    "curdate",
                                                    "curtime",
                                                    "date_add",
                                                    "date_sub",
                                                    "dense_rank",
                                                    "extract",
                                                    "first_value",
                                                    "group_concat",
                                                    "json_arrayagg",
                                                    "json_objectagg",
                                                    "lag",
                                                    "lead",
                                                    "max",
                                                    "median",
                                                    "mid",
                                                    "min",
                                                    "now",
                                                    "nth_value",
                                                    "ntile",
                                                    "percent_rank",
                                                    "percentile_cont",
                                                    "percentile_disc",
                                                    "position",
                                                    "rank",
                                                    "std",
                                                    "stddev",
                                                    "stddev_pop",
                                                    "stddev_samp",
                                                    "substr",
                                                    "substring",
                                                    "sum",
                                                    "trim",
                                                    "var_pop",
                                                    "var_samp",
                                                    "variance"};

char FoldedChar(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

bool IsBefore(std::string_view a, std::string_view b) {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                      [](char x, char y) { return FoldedChar(x) < FoldedChar(y); });
}

template <size_t N>
bool IsOneOf(std::string_view word, const std::string_view (&words)[N]) {
  return std::binary_search(std::begin(words), std::end(words), word, IsBefore);
}

}  // namespace

bool IsReservedByServer(std::string_view word, bool reserved) {
  return reserved ? !IsOneOf(word, kFreeOnServer) : IsOneOf(word, kReservedByServer);
}

bool IsNoLabel(std::string_view word) { return IsOneOf(word, kNoLabels); }

bool IsCalledWithoutBlank(std::string_view word) { return IsOneOf(word, kCalledWithoutBlank); }

}  // namespace tessera::sqlparser
