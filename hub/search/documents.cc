#include "hub/search/documents.h"

#include "hub/search/query.h"
#include "hub/search/tokens.h"

namespace signalbox::search {
namespace {

constexpr std::string_view kMessage =
    "SELECT m.org, m.conversation, m.text, m.account, m.person, m.direction, c.channel, c.subject FROM "
    "messages m"
    " JOIN conversations c ON c.id = m.conversation WHERE m.id = $1 AND m.deleted_at IS NULL";
constexpr std::string_view kAttachments =
    "SELECT filename, kind FROM attachments WHERE message = $1 ORDER BY ordinal";
constexpr std::string_view kPerson =
    "SELECT org, display_name FROM people WHERE id = $1 AND merged_into IS NULL";
constexpr std::string_view kIdentities =
    "SELECT value FROM identities WHERE org = $1 AND person = $2 ORDER BY kind, value";
constexpr std::string_view kFile =
    "SELECT org, name, text, kind, project FROM files WHERE id = $1 AND deleted_at IS NULL AND scan <> "
    "'infected'";
constexpr std::string_view kTags = "SELECT tag FROM file_tags WHERE file = $1 ORDER BY tag";
// Of one message or file: the rest of a longer text is not looked through.
constexpr std::size_t kMaxTextBytes = 256 * 1024;

void add(std::string& out, const std::string& word) {
    if (!out.empty()) out += ' ';
    out += word;
}

void addText(std::string& terms, std::string_view text) {
    const std::string folded = foldedText(text.substr(0, kMaxTextBytes));
    if (!folded.empty()) add(terms, folded);
}

std::string quotedText(std::string_view word) {
    std::string out = "'";
    for (const char c : word) {
        if (c == '\'' || c == '\\') out += c;
        out += c;
    }
    return out + '\'';
}

template <class Visit>
void eachWord(std::string_view text, Visit visit) {
    while (!text.empty()) {
        const auto end = std::min(text.find(' '), text.size());
        visit(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

}  // namespace

std::optional<Document> readMessageDocument(Reader& reader, Id message) {
    const Rows rows = reader.query(kMessage, {message});
    if (rows.empty()) return std::nullopt;
    const Row& row = rows[0];
    Document document{message, row.integer(0), "message", row.integer(1), message, "", ""};
    for (const std::string& word :
         {scopeWord('o', document.org), scopeWord('k', "message"), scopeWord('c', document.conversation),
          scopeWord('a', row.integer(3)), scopeWord('p', row.integer(4)), scopeWord('d', row.text(5)),
          scopeWord('h', row.text(6))})
        add(document.scope, word);
    addText(document.terms, row.text(2));
    addText(document.terms, row.text(7));
    for (const Row& file : reader.query(kAttachments, {message})) {
        addText(document.terms, file.text(0));
        add(document.scope, scopeWord('f', file.text(1)));
    }
    return document;
}

std::optional<Document> readPersonDocument(Reader& reader, Id person) {
    const Rows rows = reader.query(kPerson, {person});
    if (rows.empty()) return std::nullopt;
    Document document{person, rows[0].integer(0), "person", 0, 0, "", ""};
    for (const std::string& word :
         {scopeWord('o', document.org), scopeWord('k', "person"), scopeWord('p', person)})
        add(document.scope, word);
    addText(document.terms, rows[0].text(1));
    for (const Row& identity : reader.query(kIdentities, {document.org, person}))
        addText(document.terms, identity.text(0));
    return document;
}

std::optional<Document> readFileDocument(Reader& reader, Id file) {
    const Rows rows = reader.query(kFile, {file});
    if (rows.empty()) return std::nullopt;
    const Row& row = rows[0];
    Document document{file, row.integer(0), "file", 0, 0, "", ""};
    for (const std::string& word :
         {scopeWord('o', document.org), scopeWord('k', "file"), scopeWord('f', row.text(3))})
        add(document.scope, word);
    addText(document.terms, row.text(1));
    addText(document.terms, row.text(4));
    for (const Row& tag : reader.query(kTags, {file})) addText(document.terms, tag.text(0));
    addText(document.terms, row.text(2));
    return document;
}

std::string toTsvector(const Document& document) {
    std::string out;
    eachWord(document.scope,
             [&](std::string_view word) { out += quotedText('=' + std::string(word)) + ' '; });
    std::size_t position = 0;
    eachWord(document.terms, [&](std::string_view word) {
        out += quotedText(word) + ':' + std::to_string(++position) + ' ';
    });
    return out;
}

}  // namespace signalbox::search
