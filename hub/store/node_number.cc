#include "hub/store/node_number.h"

namespace signalbox {
namespace {

constexpr std::string_view kClaim =
    "UPDATE node_numbers SET last = (last + 1) % 1024 WHERE id = 1 RETURNING last";

}  // namespace

Result<unsigned> claimNodeNumber(Store& store) {
    std::int64_t number = 0;
    const auto written = store.writeAndWait([&](Tx& tx) { number = tx.query(kClaim).at(0).integer(0); });
    if (!written) return withContext("node number", written.error());
    return static_cast<unsigned>(number);
}

}  // namespace signalbox
