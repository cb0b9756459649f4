#include "hub/search/indexer.h"

#include <algorithm>

#include "base/json.h"
#include "base/log.h"
#include "base/own_json.h"

namespace signalbox::search {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kConsumer = "search";
constexpr std::size_t kBatch = 256, kRebuildBatch = 1'000;
constexpr std::chrono::milliseconds kGiveWay = 50ms, kLongestGiveWay = 1s;
constexpr std::size_t kBusyQueue = 32;  // writes that wait
constexpr std::string_view kMessagesAfter = "SELECT id FROM messages WHERE id > $1 ORDER BY id LIMIT $2";
constexpr std::string_view kFilesAfter = "SELECT id FROM files WHERE id > $1 ORDER BY id LIMIT $2";
constexpr std::string_view kPeopleAfter = "SELECT id FROM people WHERE id > $1 ORDER BY id LIMIT $2";

void addId(std::vector<Touched>& touched, Touched::Kind kind, std::string_view prefix, const Json& value) {
    if (!value.is_string()) return;
    if (const auto id = parseId(prefix, value.get_ref<const std::string&>())) touched.push_back({kind, *id});
}

void addNamed(std::vector<Touched>& touched, const Json& payload) {
    addId(touched, Touched::Kind::Message, kMessageId, memberAt(payload, "message_id"));
    addId(touched, Touched::Kind::Person, kPersonId, memberAt(payload, "person_id"));
    addId(touched, Touched::Kind::File, kFileId, memberAt(payload, "file_id"));
}

// After these the messages of a conversation stand somewhere else.
bool movesMessages(std::string_view type) {
    return type.ends_with("merged") || type.ends_with("split");
}

}  // namespace

void addTouched(Reader& reader, const LogRecord& record, std::vector<Touched>& touched) {
    const auto payload = parseJson(record.payload, kOwnJson);
    if (!payload || !payload->is_object()) return;
    addNamed(touched, *payload);
    for (const char* part : {"message", "person", "file"}) {
        const Json& inner = memberAt(*payload, part);
        addNamed(touched, inner);
        const Json& id = memberAt(inner, "id");
        addId(touched, Touched::Kind::Message, kMessageId, id);
        addId(touched, Touched::Kind::Person, kPersonId, id);
        addId(touched, Touched::Kind::File, kFileId, id);
    }
    if (!movesMessages(record.type)) return;
    for (const char* key : {"from", "into", "source", "target", "merged", "conversation_id", "merged_id"}) {
        const Json& value = memberAt(*payload, key);
        if (!value.is_string()) continue;
        const auto person = parseId(kPersonId, value.get_ref<const std::string&>());
        const auto conversation = parseId(kConversationId, value.get_ref<const std::string&>());
        if (person) touched.push_back({Touched::Kind::Person, *person});
        if (!person && !conversation) continue;
        for (const Row& row :
             person ? reader.query("SELECT id FROM messages WHERE person = $1", {*person})
                    : reader.query("SELECT id FROM messages WHERE conversation = $1", {*conversation}))
            touched.push_back({Touched::Kind::Message, row.integer(0)});
        if (!conversation) continue;
        for (const Row& row : reader.query("SELECT id FROM search_documents WHERE conversation = $1 AND "
                                           "conversation <> 0 AND kind = 'message'",
                                           {*conversation}))
            touched.push_back({Touched::Kind::Message, row.integer(0)});
    }
}

Indexer::Indexer(Store& store, Clock& clock, EventLog& log)
    : store_(store),
      clock_(clock),
      log_(log),
      index_(store),
      consumer_({store, clock, log}, kConsumer, LogConsumer::First::Oldest) {}

void Indexer::start() {
    consumer_.start([this](const std::stop_token& stop) {
        giveWay(stop);
        return step() ? LogConsumer::Rest::None : LogConsumer::Rest::UntilGrowth;
    });
}

// Callbacks come first: while writes queue up, the index falls behind, but for a step a second, and catches
// up later.
void Indexer::giveWay(const std::stop_token& stop) {
    for (auto waited = 0ms; waited < kLongestGiveWay && store_.queued() > kBusyQueue; waited += kGiveWay) {
        if (stop.stop_requested()) return;
        clock_.sleepUntil(clock_.now() + kGiveWay, stop);
    }
}

bool Indexer::step() {
    const auto records = consumer_.next(kBatch);
    if (records.empty()) return false;
    std::vector<Change> changes;
    store_.read([&](Reader& reader) {
        std::vector<Touched> touched;
        for (const auto& record : records) addTouched(reader, *record, touched);
        std::sort(touched.begin(), touched.end());
        touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
        changes = index_.readChanges(reader, touched);
    });
    // When another node was first, what was read here may be older than what it wrote.
    consumer_.commit(records.back()->offset, [&](Tx& tx) {
        for (const Change& change : changes) index_.write(tx, change);
    });
    return true;
}

std::size_t Indexer::rebuild() {
    const std::int64_t head = log_.head();
    const Status cleared = store_.writeAndWait([&](Tx& tx) {
        index_.clear(tx);
        saveCursor(tx, kConsumer, head, clock_.now());
    });
    if (!cleared) throw std::runtime_error(cleared.error().message);
    return rebuildFrom(kPeopleAfter, Touched::Kind::Person) +
           rebuildFrom(kMessagesAfter, Touched::Kind::Message) +
           rebuildFrom(kFilesAfter, Touched::Kind::File);
}

std::size_t Indexer::rebuildFrom(std::string_view ids_after, Touched::Kind kind) {
    std::size_t count = 0;
    for (Id last = 0;;) {
        std::vector<Touched> touched;
        std::vector<Change> changes;
        store_.read([&](Reader& reader) {
            for (const Row& row : reader.query(ids_after, {last, static_cast<std::int64_t>(kRebuildBatch)}))
                touched.push_back({kind, row.integer(0)});
            changes = index_.readChanges(reader, touched);
        });
        if (touched.empty()) return count;
        const Status written = store_.writeAndWait([&](Tx& tx) {
            for (const Change& change : changes) index_.write(tx, change);
        });
        if (!written) throw std::runtime_error(written.error().message);
        count += changes.size();
        last = touched.back().id;
    }
}

}  // namespace signalbox::search
