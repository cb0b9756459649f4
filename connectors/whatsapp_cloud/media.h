// Fetches a file that WhatsApp keeps: its address is asked for by id, lives five minutes, and wants the
// token.
#pragma once

#include "connectors/sdk/connector.h"
#include "connectors/whatsapp_cloud/graph.h"

namespace signalbox::whatsapp_cloud {

// The bytes, compared with the digest that the callback or Meta's answer promised. Unavailable with code
// "sha256" when they differ; Rejected when the file is larger than 100 MB.
Result<Media> fetchMedia(const Graph& graph, const Attachment& attachment, const std::stop_token& stop);

}  // namespace signalbox::whatsapp_cloud
