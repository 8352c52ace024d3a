// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Every node there is, for what treats all kinds alike.
#include "sqlparser/ast_account.h"
#include "sqlparser/ast_admin.h"
#include "sqlparser/ast_ddl.h"
#include "sqlparser/ast_dml.h"
#include "sqlparser/ast_expr.h"
#include "sqlparser/ast_program.h"
#include "sqlparser/ast_query.h"
#include "sqlparser/ast_session.h"
