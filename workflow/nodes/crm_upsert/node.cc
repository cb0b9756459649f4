// Makes or changes a record by the id that its own system gave it. The change happens in the commit of the
// walk (hub/work) and is told as crm.record_changed, unless nothing is new.
#include "workflow/act_node.h"

namespace signalbox::workflow::crm_upsert {

extern const char* const kSchema;

const NodeType& type() {
    static const ActNode instance("crm_upsert", kSchema, "crm.upsert");
    return instance;
}

}  // namespace signalbox::workflow::crm_upsert
