// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "mysqlconn/handler.h"

namespace tessera::mysqlconn {

namespace {

Error Unsupported(std::string_view command) {
  return Errorf(Code::kUnimplemented, "{} is not supported here", command).WithMysql(1047, "08S01");
}

}  // namespace

Task<Result<>> Handler::Connected(const Context&, Session&) { co_return Ok{}; }

Task<Result<>> Handler::Reset(const Context&, Session&) { co_return Ok{}; }

Task<Result<std::vector<sqltypes::Field>>> Handler::ListFields(const Context&, Session&,
                                                               std::string_view, std::string_view) {
  co_return Unsupported("COM_FIELD_LIST");
}

std::string Handler::Statistics(const Session&) { return "Tessera"; }

Task<Result<bool>> Handler::Relay(const Context&, Session&, std::string_view, ResultWriter&) {
  co_return false;
}

Task<Result<PreparedInfo>> Handler::Prepare(const Context&, Session&, uint32_t, std::string_view,
                                            ResultWriter&) {
  co_return Unsupported("COM_STMT_PREPARE");
}

Task<Result<>> Handler::Execute(const Context&, Session&, uint32_t, std::string_view,
                                std::span<const sqltypes::Value>, ResultWriter&) {
  co_return Unsupported("COM_STMT_EXECUTE");
}

Task<Result<>> Handler::ExecuteBulk(const Context&, Session&, uint32_t, mysqlwire::BulkReader&,
                                    ResultWriter&) {
  co_return Unsupported("COM_STMT_BULK_EXECUTE");
}

void Handler::CloseStatement(Session&, uint32_t) {}

Task<> Handler::Closed(const Context&, Session&) { co_return; }

}  // namespace tessera::mysqlconn
