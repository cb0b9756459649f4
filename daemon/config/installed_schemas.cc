#include "connectors/sdk/connector.h"
#include "daemon/config/config.h"

namespace signalbox::config {

ConnectorSchemas installedSchemas() {
    ConnectorSchemas schemas;
    for (const ConnectorType* type : connectorTypes()) schemas.emplace(type->name, type->config_schema);
    return schemas;
}

}  // namespace signalbox::config
