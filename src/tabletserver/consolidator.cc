// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "tabletserver/consolidator.h"

#include <utility>

namespace tessera::tabletserver {

using sqltypes::ResultSet;

Result<ResultSet> Consolidator::Finish(Flight& flight, Result<ResultSet> result) {
  // The map's key is a view of flight.sql; the leader holds the flight.
  flights_.erase(flight.sql);
  flight.finished = true;
  if (flight.waiting == 0) return result;
  if (!result.ok() || (!result->encoded() && result->row_count() > 0)) {
    flight.waiters.WakeAll();
    return result;
  }
  flight.result = std::make_shared<const ResultSet>(*std::move(result));
  flight.waiters.WakeAll();
  return Share(flight.result);
}

ResultSet Consolidator::Share(const std::shared_ptr<const ResultSet>& shared) {
  ResultSet copy;
  copy.fields = shared->fields;
  copy.affected_rows = shared->affected_rows;
  copy.insert_id = shared->insert_id;
  copy.info = shared->info;
  copy.session_state_changes = shared->session_state_changes;
  copy.warnings = shared->warnings;
  copy.SetEncodedRows(shared->encoded_rows(), shared->row_count(), shared);
  return copy;
}

}  // namespace tessera::tabletserver
