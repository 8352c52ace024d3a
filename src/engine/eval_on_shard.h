// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/primitive.h"

namespace tessera::engine {

// One column of the outcome: a column of the input, or a computed one.
struct EvalColumn {
  int input = -1;    // negative: computed
  std::string sql;   // over columns c0, c1, ... of the input
  std::string name;  // of a computed column
};

// Lets a back end compute expressions over merged rows, and drop rows by one of them (HAVING), so
// that they come out exactly as MySQL has them. The rows travel there in batches.
class EvalOnShard final : public Primitive {
 public:
  EvalOnShard(PrimitivePtr input, std::string keyspace, bool sharded,
              std::vector<EvalColumn> columns, std::string filter)
      : input_(std::move(input)),
        keyspace_(std::move(keyspace)),
        sharded_(sharded),
        columns_(std::move(columns)),
        filter_(std::move(filter)) {}
  Task<Result<sqltypes::ResultSet>> Execute(const Context& ctx, Exec& exec,
                                            const sqltypes::BindVars& vars) const override;
  PlanDescription Describe() const override;

 private:
  std::string BatchSql(const sqltypes::ResultSet& rows, size_t begin, size_t end) const;

  PrimitivePtr input_;
  std::string keyspace_;
  bool sharded_;
  std::vector<EvalColumn> columns_;
  std::string filter_;
};

}  // namespace tessera::engine
