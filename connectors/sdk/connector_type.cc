#include "connectors/sdk/connector.h"

namespace signalbox {

const ConnectorType* findConnectorType(std::string_view name) {
    for (const ConnectorType* type : connectorTypes()) {
        if (type->name == name) return type;
    }
    return nullptr;
}

}  // namespace signalbox
