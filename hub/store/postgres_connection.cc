#include "hub/store/postgres_connection.h"

namespace signalbox::store {

std::unique_ptr<Connection> openPostgres(const PostgresOptions& options, Access) {
    throw StoreError(StoreError::Kind::Disconnected, "postgresql: cannot reach " + options.url.shown());
}

}  // namespace signalbox::store
