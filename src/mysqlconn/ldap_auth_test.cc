// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "mysqlconn/ldap_auth.h"

#include <gtest/gtest.h>

namespace tessera::mysqlconn {
namespace {

TEST(LdapConfig, TakesVitesssNames) {
  const auto config =
      LdapConfig::Parse(R"({"LdapServer": "ldap.example.com:389", "LdapCA": "ca.pem",
      "UserDnPattern": "uid=%s,ou=people,dc=example", "GroupQuery": "ou=groups,dc=example",
      "User": "cn=search,dc=example", "Password": "p", "RefreshSeconds": 60,
      "LdapTLSMinVersion": "TLSv1.3"})");
  ASSERT_TRUE(config.ok()) << config.error().message();
  EXPECT_EQ(config->uri, "ldap://ldap.example.com:389");
  EXPECT_EQ(config->ca_file, "ca.pem");
  EXPECT_EQ(config->user_dn, "uid=%s,ou=people,dc=example");
  EXPECT_EQ(config->group_base, "ou=groups,dc=example");
  EXPECT_EQ(config->search_user, "cn=search,dc=example");
  EXPECT_TRUE(config->tls13);
}

TEST(LdapConfig, WhatCannotBeIsRefusedByName) {
  const std::pair<const char*, const char*> cases[] = {
      {"[]", "JSON"},
      {"{", "JSON"},
      {"{}", "LdapServer"},
      {R"({"LdapServer": 7})", "LdapServer"},
      {R"({"LdapServer": "http://a"})", "http://a"},
      {R"({"LdapServer": "a:1", "UserDnPattern": "uid=x"})", "UserDnPattern"},
      {R"({"LdapServer": "a:1", "UserDnPattern": "uid=%s,x=%s"})", "UserDnPattern"},
      {R"({"LdapServer": "a:1", "UserDnPattern": "uid=%s", "LdapTLSMinVersion": "SSLv3"})",
       "SSLv3"}};
  for (const auto& [text, named] : cases) {
    const auto config = LdapConfig::Parse(text);
    ASSERT_FALSE(config.ok()) << text;
    EXPECT_NE(config.error().message().find(named), std::string::npos) << text;
  }
}

TEST(LdapNames, MeanNothingInDnsAndFilters) {
  EXPECT_EQ(EscapeDnValue("ada.lovelace-1_2"), "ada.lovelace-1_2");
  EXPECT_EQ(EscapeDnValue("a,ou=x"), "a\\2cou\\3dx");
  EXPECT_EQ(EscapeFilterValue("*)(uid=*"), "\\2a\\29\\28uid\\3d\\2a");
  EXPECT_EQ(EscapeFilterValue("a@b"), "a@b");
  EXPECT_EQ(EscapeFilterValue("\xc3\xa4"), "\\c3\\a4");
}

}  // namespace
}  // namespace tessera::mysqlconn
