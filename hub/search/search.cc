#include "hub/search/search.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "hub/search/highlight.h"
#include "hub/search/ranking.h"

namespace signalbox::search {
namespace {

constexpr std::string_view kCursor = "src";
constexpr std::size_t kMaxLookedAt = 20'000, kMaxRanked = 1'000;

constexpr std::string_view kMessage =
    "SELECT m.text, m.type, m.direction, m.account, m.person, m.conversation, m.created_at, c.channel, "
    "c.subject,"
    " c.status, p.display_name FROM messages m JOIN conversations c ON c.id = m.conversation"
    " LEFT JOIN people p ON p.id = m.person WHERE m.id = $1 AND m.org = $2";
constexpr std::string_view kFileNames =
    "SELECT filename FROM attachments WHERE message = $1 AND filename <> '' ORDER BY ordinal";
constexpr std::string_view kPerson = "SELECT display_name, created_at FROM people WHERE id = $1 AND org = $2";
constexpr std::string_view kFile =
    "SELECT name, mime, size, created_at, text FROM files WHERE id = $1 AND org = $2 AND deleted_at IS NULL";
constexpr std::string_view kIdentities =
    "SELECT kind, value FROM identities WHERE org = $1 AND person = $2 ORDER BY kind, value";

struct Match {
    Id id = 0;
    std::string kind;
    std::string terms;  // for ranking only
};

// A SELECT over candidates with the conditions on what changes, and its values.
struct Statement {
    std::string sql;
    std::vector<Cell> values;

    std::string bind(Cell value) {
        values.push_back(std::move(value));
        return '$' + std::to_string(values.size());
    }
    Rows run(Reader& reader) const {
        std::vector<Value> bound;
        for (const Cell& cell : values) {
            std::visit(
                [&](const auto& value) {
                    if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::string>) {
                        bound.emplace_back(std::string_view(value));
                    } else {
                        bound.emplace_back(value);
                    }
                },
                cell);
        }
        return reader.query(sql, std::span<const Value>(bound));
    }
};

bool asksOfConversations(const Filters& filters) {
    return !filters.status.empty() || !filters.priority.empty() || !filters.tag.empty() || filters.agent ||
           filters.is_unread;
}

constexpr std::size_t kSeenAtMost = 200;      // conversations that are asked of the index itself
constexpr std::size_t kOthersAtMost = 2'000;  // accounts that the index leaves out: 50 ms for so many

// A tag of the conversation or of the message.
std::string isTagged(Statement& statement, Id org, const std::string& tag) {
    return "(SELECT 1 FROM taggings g JOIN tags t ON t.id = g.tag WHERE t.org = " + statement.bind(org) +
           " AND t.name = " + statement.bind(tag) +
           " AND ((g.object_kind = 'conversation' AND g.object = d.conversation)"
           " OR (g.object_kind = 'message' AND g.object = d.id)))";
}

std::string isUnread(Statement& statement, Id reader) {
    return "(SELECT 1 FROM messages u WHERE u.id = d.id AND u.direction = 'in' AND u.seq > COALESCE((SELECT"
           " MAX(k.seq) FROM read_marks k WHERE k.conversation = u.conversation AND k.reader IN (0, " +
           statement.bind(reader) + ")), 0))";
}

// What changes about conversations and messages.
void whereOfConversations(Statement& statement, Id org, const SearchRequest& request) {
    const Filters& filters = request.query.filters;
    std::string& sql = statement.sql;
    if (!filters.status.empty()) sql += " AND c.status = " + statement.bind(filters.status);
    if (!filters.priority.empty()) sql += " AND c.priority = " + statement.bind(filters.priority);
    if (filters.agent && *filters.agent == 0) sql += " AND c.assignee IS NULL";
    if (filters.agent && *filters.agent != 0) sql += " AND c.assignee = " + statement.bind(*filters.agent);
    if (!filters.tag.empty()) sql += " AND EXISTS " + isTagged(statement, org, filters.tag);
    if (filters.is_unread)
        sql +=
            (*filters.is_unread ? " AND EXISTS " : " AND NOT EXISTS ") + isUnread(statement, request.reader);
}

// The caller's view, each kind of thing by its own rule.
void whereSeen(Statement& statement, const Visibility& view, bool is_sieved) {
    if (!is_sieved) return;
    const auto rule = [&](const auto& make) {
        std::vector<Value> values(statement.values.size());
        const std::string sql = make(values);
        for (std::size_t i = statement.values.size(); i < values.size(); ++i)
            statement.values.push_back(std::visit(
                [](const auto& value) -> Cell {
                    if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::string_view>) {
                        return std::string(value);
                    } else if constexpr (std::is_constructible_v<Cell, decltype(value)>) {
                        return value;
                    } else {
                        throw std::logic_error("search: a view binds no blobs");
                    }
                },
                values[i]));
        return sql;
    };
    statement.sql +=
        " AND ((d.kind = 'message' AND EXISTS (SELECT 1 FROM messages vm JOIN conversations vc"
        " ON vc.id = vm.conversation WHERE vm.id = d.id AND " +
        rule([&](auto& values) { return view.messages("vm", "vc", values); }) + "))";
    statement.sql += " OR (d.kind = 'person' AND EXISTS (SELECT 1 FROM people vp WHERE vp.id = d.id AND " +
                     rule([&](auto& values) { return view.people("vp", values); }) + "))";
    statement.sql += " OR (d.kind = 'file' AND EXISTS (SELECT 1 FROM files vf WHERE vf.id = d.id AND " +
                     rule([&](auto& values) { return view.files("vf", values); }) + ")))";
}

Statement matching(const Index& index, const Visibility& view, const SearchRequest& request,
                   const Index::Range& range, bool is_sieved, std::size_t limit) {
    Statement statement;
    const Query& query = request.query;
    const std::string inner = index.candidates(query, view.org(), range, statement.values);
    statement.sql =
        "SELECT d.id, d.kind, d.terms FROM (" + inner + ") f JOIN search_documents d ON d.id = f.id";
    if (asksOfConversations(query.filters)) statement.sql += " JOIN conversations c ON c.id = d.conversation";
    statement.sql += " WHERE d.org = " + statement.bind(view.org());
    whereOfConversations(statement, view.org(), request);
    whereSeen(statement, view, is_sieved);
    statement.sql += " ORDER BY d.id DESC LIMIT " + std::to_string(limit);
    return statement;
}

// Who sees few conversations is not made to wait for those of everybody: the index is asked for his alone.
std::vector<Id> fewConversations(Reader& reader, const Visibility& view) {
    std::vector<Id> seen;
    if (view.seesAllConversations()) return seen;
    std::vector<Value> values;
    const std::string sql = "SELECT c.id FROM conversations c WHERE " + view.conversations("c", values) +
                            " ORDER BY c.id DESC LIMIT " + std::to_string(kSeenAtMost);
    for (const Row& row : reader.query(sql, std::span<const Value>(values))) seen.push_back(row.integer(0));
    if (seen.empty()) seen.push_back(0);           // no message at all
    if (seen.size() == kSeenAtMost) seen.clear();  // too many: they are sieved
    return seen;
}

// The rooms of users that the caller sees, the newest of them; nothing: all there are.
std::optional<std::vector<Id>> seenRooms(Reader& reader, const Visibility& view) {
    if (!view.seesAllConversations() || !view.hidesRooms()) return std::nullopt;
    std::vector<Value> values;
    // «kind <> 'external'» is the condition of the index conversations_rooms.
    const std::string sql = "SELECT c.id FROM conversations c WHERE c.kind <> 'external' AND " +
                            view.conversations("c", values) + " ORDER BY c.id DESC LIMIT " +
                            std::to_string(kSeenAtMost);
    std::vector<Id> seen;
    for (const Row& row : reader.query(sql, std::span<const Value>(values))) seen.push_back(row.integer(0));
    return seen;
}

// What is somebody else's own: mails of his accounts, people whom only they know, files. The index leaves out
// what it can; the rest is sieved. True when there is any.
bool hideOthers(Reader& reader, const Visibility& view, Filters& filters) {
    std::vector<Value> values{view.org()};
    const std::string files = "SELECT 1 FROM files f WHERE f.access = 'own' AND f.org = $1 AND NOT (" +
                              view.files("f", values) + ") LIMIT 1";
    const bool has_files = !reader.query(files, std::span<const Value>(values)).empty();
    std::vector<Id> others = view.othersAccounts(reader);
    if (others.empty()) return has_files;
    if (!view.seesAllConversations() || others.size() > kOthersAtMost) return true;
    std::vector<Value> granted;
    const std::string sql = "SELECT c.id FROM conversations c WHERE " + view.conversations("c", granted) +
                            " AND " + view.isOfOthersAccount("c.account", granted) +
                            " ORDER BY c.id DESC LIMIT " + std::to_string(kSeenAtMost);
    for (const Row& row : reader.query(sql, std::span<const Value>(granted)))
        filters.granted_conversations.push_back(row.integer(0));
    filters.others_accounts = std::move(others);
    return true;
}

std::vector<Match> readMatches(const Rows& rows) {
    std::vector<Match> matches;
    for (const Row& row : rows) matches.push_back({row.integer(0), row.text(1), row.text(2)});
    return matches;
}

// The text with a hit is the one to show; without any, the first that says something.
Json shown(const std::vector<std::string>& texts, const Query& query) {
    const std::string* first = nullptr;
    for (const std::string& text : texts) {
        if (text.empty()) continue;
        if (first == nullptr) first = &text;
        const auto hits = findHits(text, query);
        if (!hits.empty()) return highlight(text, hits);
    }
    return first == nullptr ? Json::array() : highlight(*first, {});
}

std::optional<Json> messageItem(Reader& reader, const Accounts& accounts, Id org, const Match& match,
                                const Query& query) {
    const Rows rows = reader.query(kMessage, {match.id, org});
    if (rows.empty()) return std::nullopt;
    const Row& row = rows[0];
    const auto account = accounts.byId(row.integer(3));
    std::vector<std::string> texts{row.text(0), row.text(8)};
    for (const Row& file : reader.query(kFileNames, {match.id})) texts.push_back(file.text(0));
    return Json{{"type", "message"},
                {"id", idText(kMessageId, match.id)},
                {"conversation_id", idText(kConversationId, row.integer(5))},
                {"conversation_status", row.text(9)},
                {"person_id", idText(kPersonId, row.integer(4))},
                {"person_name", row.text(10)},
                {"account", account ? account->name : ""},
                {"channel", row.text(7)},
                {"direction", row.text(2)},
                {"message_type", row.text(1)},
                {"created_at", toRfc3339(fromMicros(row.integer(6)))},
                {"highlight", shown(texts, query)}};
}

std::optional<Json> personItem(Reader& reader, Id org, const Match& match, const Query& query) {
    const Rows rows = reader.query(kPerson, {match.id, org});
    if (rows.empty()) return std::nullopt;
    std::vector<std::string> texts{rows[0].text(0)};
    Json identities = Json::array();
    for (const Row& row : reader.query(kIdentities, {org, match.id})) {
        texts.push_back(row.text(1));
        identities.push_back({{"kind", row.text(0)}, {"value", row.text(1)}});
    }
    return Json{{"type", "person"},
                {"id", idText(kPersonId, match.id)},
                {"name", rows[0].text(0)},
                {"identities", identities},
                {"created_at", toRfc3339(fromMicros(rows[0].integer(1)))},
                {"highlight", shown(texts, query)}};
}

std::optional<Json> fileItem(Reader& reader, Id org, const Match& match, const Query& query) {
    const Rows rows = reader.query(kFile, {match.id, org});
    if (rows.empty()) return std::nullopt;
    const Row& row = rows[0];
    return Json{{"type", "file"},
                {"id", idText(kFileId, match.id)},
                {"name", row.text(0)},
                {"mime", row.text(1)},
                {"size", row.integer(2)},
                {"created_at", toRfc3339(fromMicros(row.integer(3)))},
                {"highlight", shown({row.text(0), row.text(4)}, query)}};
}

Error badCursor() {
    return {ErrorKind::Invalid, "cursor: use the `next` of the page before as it is"};
}

// «src_ID» of newest first, «src_ID.OFFSET» of best first: ID is where the search began.
struct Cursor {
    Id id = std::numeric_limits<Id>::max();
    std::size_t offset = 0;
};

Result<Cursor> readCursorText(const std::string& text) {
    Cursor cursor;
    if (text.empty()) return cursor;
    const auto dot = std::min(text.find('.'), text.size());
    const auto id = parseId(kCursor, text.substr(0, dot));
    if (!id) return badCursor();
    cursor.id = *id;
    if (dot == text.size()) return cursor;
    const char* end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data() + dot + 1, end, cursor.offset);
    if (error != std::errc() || at != end || cursor.offset > kMaxRanked) return badCursor();
    return cursor;
}

class Finder {
public:
    Finder(Reader& reader, const Accounts& accounts, const Index& index, const Visibility& view,
           const SearchRequest& request, bool hides_others)
        : reader_(reader),
          accounts_(accounts),
          index_(index),
          view_(view),
          org_(view.org()),
          request_(request),
          hides_others_(hides_others || !view.isEverything()) {}

    SearchPage newest(const Cursor& cursor) {
        const bool is_sieved = asksOfConversations(request_.query.filters) || hides_others_;
        const Index::Range range{from(), before(cursor), is_sieved ? kMaxLookedAt : request_.limit + 1};
        auto matches = readMatches(
            matching(index_, view_, request_, range, hides_others_, request_.limit + 1).run(reader_));
        SearchPage page;
        if (matches.size() > request_.limit) {
            matches.resize(request_.limit);
            page.next = idText(kCursor, matches.back().id);
        } else if (is_sieved) {
            page.next = whereSievingStopped(range);
        }
        addItems(page, matches, 0, matches.size());
        return page;
    }

    SearchPage best(Cursor cursor) {
        const Index::Range range{from(), before(cursor), kMaxRanked};
        auto matches =
            readMatches(matching(index_, view_, request_, range, hides_others_, kMaxRanked).run(reader_));
        if (!matches.empty() && cursor.id == std::numeric_limits<Id>::max())
            cursor.id = matches.front().id + 1;
        sortByScore(matches);
        SearchPage page;
        const std::size_t end = std::min(cursor.offset + request_.limit, matches.size());
        addItems(page, matches, std::min(cursor.offset, end), end);
        if (end < matches.size()) page.next = idText(kCursor, cursor.id) + '.' + std::to_string(end);
        return page;
    }

private:
    Id from() const { return request_.query.filters.from ? firstIdAt(*request_.query.filters.from) : 0; }
    Id before(const Cursor& cursor) const {
        const auto& to = request_.query.filters.to;
        return to ? std::min(cursor.id, firstIdAt(*to)) : cursor.id;
    }

    // When as many were looked at as are allowed, there may be more behind the last of them.
    std::string whereSievingStopped(const Index::Range& range) {
        Statement statement;
        const std::string inner = index_.candidates(request_.query, org_, range, statement.values);
        statement.sql = "SELECT COUNT(*), COALESCE(MIN(f.id), 0) FROM (" + inner + ") f";
        const Rows rows = statement.run(reader_);
        const bool is_cut = static_cast<std::size_t>(rows.at(0).integer(0)) >= range.limit;
        return is_cut ? idText(kCursor, rows[0].integer(1)) : "";
    }

    void sortByScore(std::vector<Match>& matches) const {
        std::vector<std::string_view> texts;
        for (const Match& match : matches) texts.push_back(match.terms);
        const auto points = scores(request_.query, texts);
        std::vector<std::size_t> places(matches.size());
        for (std::size_t i = 0; i < places.size(); ++i) places[i] = i;
        std::stable_sort(places.begin(), places.end(),
                         [&](std::size_t a, std::size_t b) { return points[a] > points[b]; });
        std::vector<Match> sorted;
        for (const std::size_t place : places) sorted.push_back(std::move(matches[place]));
        matches = std::move(sorted);
    }

    void addItems(SearchPage& page, const std::vector<Match>& matches, std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            auto item = itemOf(matches[i]);
            if (item) page.items.push_back(*std::move(item));
        }
    }

    std::optional<Json> itemOf(const Match& match) {
        if (match.kind == "message") return messageItem(reader_, accounts_, org_, match, request_.query);
        if (match.kind == "file") return fileItem(reader_, org_, match, request_.query);
        if (match.kind == "person") return personItem(reader_, org_, match, request_.query);
        return std::nullopt;
    }

    Reader& reader_;
    const Accounts& accounts_;
    const Index& index_;
    const Visibility& view_;
    const Id org_;
    const SearchRequest& request_;
    const bool hides_others_;  // not all that the index finds is for the caller
};

}  // namespace

Result<SearchPage> Search::find(const Visibility& view, const SearchRequest& request) const {
    const auto cursor = readCursorText(request.cursor);
    if (!cursor) return cursor.error();
    SearchPage page;
    store_.read([&](Reader& reader) {
        SearchRequest narrowed = request;
        narrowed.query.filters.seen_conversations = fewConversations(reader, view);
        narrowed.query.filters.seen_rooms = seenRooms(reader, view);
        const bool hides_others = hideOthers(reader, view, narrowed.query.filters);
        Finder finder(reader, accounts_, index_, view, narrowed, hides_others);
        page = request.order == Order::Best ? finder.best(*cursor) : finder.newest(*cursor);
    });
    return page;
}

}  // namespace signalbox::search
