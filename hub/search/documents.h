// What search knows of a message, a person or a file: its words and what never changes about it. Always read
// from the rows as they are now, so the consumer of the log and a rebuild come to the same.
#pragma once

#include <optional>
#include <string>

#include "base/ids.h"
#include "hub/store/store.h"

namespace signalbox::search {

struct Document {
    Id id = 0, org = 0;
    std::string kind;  // message, person, file
    Id conversation = 0, message = 0;
    std::string scope, terms;

    bool operator==(const Document&) const = default;
};

// Nothing: there is no such thing (any more), or it is not to be found (deleted, merged).
std::optional<Document> readMessageDocument(Reader& reader, Id message);
std::optional<Document> readPersonDocument(Reader& reader, Id person);
std::optional<Document> readFileDocument(Reader& reader, Id file);

// As a text that PostgreSQL reads as a tsvector: scope without, terms with their positions.
std::string toTsvector(const Document& document);

}  // namespace signalbox::search
