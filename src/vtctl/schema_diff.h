// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

// How the forms of two tables differ.
namespace tessera::vtctl {

// A finding is a line for people. What stands behind this mark in one is for who wants all of it.
inline constexpr std::string_view kWholeText = "\n---\n";

// What is different about a table, part by part, a line each: "column `v` is missing, which is
// int(11)". Both are texts of SHOW CREATE TABLE or SHOW CREATE VIEW; `model` is how it should be.
// Never empty for texts that differ.
std::vector<std::string> SchemaDifferences(std::string_view model, std::string_view other);

}  // namespace tessera::vtctl
