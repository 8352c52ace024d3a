// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "sqlparser/ast_ddl.h"
#include "vschema/records.h"

// ALTER VSCHEMA: how a statement changes a keyspace's record.
namespace tessera::vschema {

// The keyspace a statement changes: the one it names, or `current`. MySQL 1046 when there is
// neither.
Result<std::string> KeyspaceOfDdl(const sqlparser::AlterVschema& ddl, std::string_view current);

// The record of `keyspace` after the statement. Errors are kInternal, as in Vitess: what the
// statement wants to add is there, what it wants to drop is not or is still used, or the keyspace
// is of the wrong kind. A record that was right and would not be any more is refused, too.
Result<KeyspaceRecord> ApplyDdl(const sqlparser::AlterVschema& ddl, std::string_view keyspace,
                                const KeyspaceRecord& record);

// The same for a text of one or several statements with semicolons between them. Those that name
// another keyspace, or are something else than ALTER VSCHEMA, are kInvalidArgument.
Result<KeyspaceRecord> ApplyDdlText(std::string_view sql, std::string_view keyspace,
                                    KeyspaceRecord record);

}  // namespace tessera::vschema
