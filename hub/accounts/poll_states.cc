#include "hub/accounts/poll_states.h"

namespace signalbox {
namespace {

constexpr std::string_view kRead =
    "SELECT poll_cursor, state, error, failures, done, total, last_ok_at FROM poll_states WHERE account = $1";
constexpr std::string_view kSave =
    "INSERT INTO poll_states (account, poll_cursor, state, error, failures, done, total, last_ok_at, "
    "changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (account) DO UPDATE SET"
    " poll_cursor = $2, state = $3, error = $4, failures = $5, done = $6, total = $7, last_ok_at = $8,"
    " changed_at = $9";

}  // namespace

PollState readPollState(Reader& reader, Id account) {
    const Rows rows = reader.query(kRead, {account});
    PollState state;
    if (rows.empty()) return state;
    const Row& row = rows[0];
    state.cursor = row.text(0);
    state.state = row.text(1);
    state.error = row.text(2);
    state.failures = row.integer(3);
    state.done = row.integer(4);
    state.total = row.integer(5);
    if (!row.isNull(6)) state.last_ok_at = fromMicros(row.integer(6));
    return state;
}

void savePollState(Tx& tx, Id account, const PollState& state, TimePoint now) {
    tx.exec(kSave, {account, state.cursor, state.state, state.error, state.failures, state.done, state.total,
                    state.last_ok_at ? Value(toMicros(*state.last_ok_at)) : Value(nullptr), toMicros(now)});
}

}  // namespace signalbox
