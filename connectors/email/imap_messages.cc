// Searching, fetching and changing mails of the selected folder.
#include <libetpan/libetpan.h>

#include <algorithm>
#include <ctime>

#include "connectors/email/imap_session.h"
#include "connectors/email/imap_stream.h"

namespace signalbox::email {
namespace {

// libetpan takes ownership of what a request is built from and frees it with the request.
struct Set {
    explicit Set(std::span<const std::uint32_t> uids) : set(mailimap_set_new_empty()) {
        for (std::size_t i = 0; i < uids.size();) {
            std::size_t last = i;
            while (last + 1 < uids.size() && uids[last + 1] == uids[last] + 1) ++last;
            mailimap_set_add_interval(set, uids[i], uids[last]);
            i = last + 1;
        }
    }
    Set(std::uint32_t first, std::uint32_t last) : set(mailimap_set_new_interval(first, last)) {}
    ~Set() { mailimap_set_free(set); }
    Set(const Set&) = delete;
    mailimap_set* set;
};

struct Fields {
    Fields(std::initializer_list<mailimap_fetch_att*> attributes)
        : type(mailimap_fetch_type_new_fetch_att_list_empty()) {
        for (mailimap_fetch_att* attribute : attributes)
            mailimap_fetch_type_new_fetch_att_list_add(type, attribute);
    }
    ~Fields() { mailimap_fetch_type_free(type); }
    Fields(const Fields&) = delete;
    mailimap_fetch_type* type;
};

struct FetchResult {
    clist* list = nullptr;
    ~FetchResult() {
        if (list != nullptr) mailimap_fetch_list_free(list);
    }
};

void readFlags(ImapHead& head, const mailimap_msg_att_dynamic& flags) {
    if (flags.att_list == nullptr) return;
    for (clistiter* it = clist_begin(flags.att_list); it != nullptr; it = clist_next(it)) {
        const auto* flag = static_cast<mailimap_flag_fetch*>(clist_content(it));
        if (flag->fl_type != MAILIMAP_FLAG_FETCH_OTHER || flag->fl_flag == nullptr) continue;
        head.is_seen = head.is_seen || flag->fl_flag->fl_type == MAILIMAP_FLAG_SEEN;
        head.is_draft = head.is_draft || flag->fl_flag->fl_type == MAILIMAP_FLAG_DRAFT;
    }
}

// developers.google.com/workspace/gmail/imap/imap-extensions
void readExtension(ImapHead& head, const mailimap_extension_data* data) {
    if (data == nullptr || data->ext_extension != &mailimap_extension_xgmthrid || data->ext_data == nullptr)
        return;
    head.gmail_thread = *static_cast<const std::uint64_t*>(data->ext_data);
}

// INTERNALDATE, with the zone as ±hhmm (RFC 9051, 2.3.3).
std::optional<TimePoint> timeOf(const mailimap_date_time& told) {
    using namespace std::chrono;
    const year_month_day day{year{told.dt_year}, month{static_cast<unsigned>(told.dt_month)},
                             std::chrono::day{static_cast<unsigned>(told.dt_day)}};
    if (!day.ok()) return std::nullopt;
    const minutes zone{told.dt_zone / 100 * 60 + told.dt_zone % 100};
    return TimePoint(sys_days(day)) + hours(told.dt_hour) + minutes(told.dt_min) + seconds(told.dt_sec) -
           zone;
}

struct Message {
    ImapHead head;
    std::string bytes;
    bool has_bytes = false;
};

Message readMessage(const mailimap_msg_att& attributes) {
    Message message;
    for (clistiter* it = clist_begin(attributes.att_list); it != nullptr; it = clist_next(it)) {
        const auto* item = static_cast<mailimap_msg_att_item*>(clist_content(it));
        if (item->att_type == MAILIMAP_MSG_ATT_ITEM_DYNAMIC) readFlags(message.head, *item->att_data.att_dyn);
        if (item->att_type == MAILIMAP_MSG_ATT_ITEM_EXTENSION)
            readExtension(message.head, item->att_data.att_extension_data);
        if (item->att_type != MAILIMAP_MSG_ATT_ITEM_STATIC) continue;
        const mailimap_msg_att_static& fixed = *item->att_data.att_static;
        if (fixed.att_type == MAILIMAP_MSG_ATT_UID) message.head.uid = fixed.att_data.att_uid;
        if (fixed.att_type == MAILIMAP_MSG_ATT_RFC822_SIZE)
            message.head.size = fixed.att_data.att_rfc822_size;
        if (fixed.att_type == MAILIMAP_MSG_ATT_INTERNALDATE && fixed.att_data.att_internal_date != nullptr)
            message.head.arrived_at = timeOf(*fixed.att_data.att_internal_date);
        if (fixed.att_type != MAILIMAP_MSG_ATT_BODY_SECTION) continue;
        const mailimap_msg_att_body_section* section = fixed.att_data.att_body_section;
        message.has_bytes = true;
        if (section->sec_body_part != nullptr)
            message.bytes.append(section->sec_body_part, section->sec_length);
    }
    return message;
}

std::vector<Message> readMessages(clist* list) {
    std::vector<Message> messages;
    for (clistiter* it = clist_begin(list); it != nullptr; it = clist_next(it)) {
        messages.push_back(readMessage(*static_cast<mailimap_msg_att*>(clist_content(it))));
    }
    // A server may speak of other mails in between: without UID, of which nothing can be told.
    std::erase_if(messages, [](const Message& message) { return message.head.uid == 0; });
    std::sort(messages.begin(), messages.end(),
              [](const Message& a, const Message& b) { return a.head.uid < b.head.uid; });
    return messages;
}

std::vector<ImapHead> headsOf(const std::vector<Message>& messages) {
    std::vector<ImapHead> heads;
    for (const Message& message : messages) heads.push_back(message.head);
    return heads;
}

mailimap_date* dayOf(TimePoint time) {
    const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(time));
    return mailimap_date_new(static_cast<int>(static_cast<unsigned>(day.day())),
                             static_cast<int>(static_cast<unsigned>(day.month())),
                             static_cast<int>(day.year()));
}

std::vector<std::uint32_t> takeNumbers(clist* list, std::uint32_t first) {
    std::vector<std::uint32_t> uids;
    for (clistiter* it = clist_begin(list); it != nullptr; it = clist_next(it)) {
        const auto uid = *static_cast<std::uint32_t*>(clist_content(it));
        if (uid >= first) uids.push_back(uid);  // «n:*» names the last mail also when it is below n
    }
    mailimap_search_result_free(list);
    std::sort(uids.begin(), uids.end());
    return uids;
}

}  // namespace

Result<std::vector<std::uint32_t>> ImapSession::search(std::uint32_t first, std::optional<TimePoint> since) {
    mailimap_search_key* key = mailimap_search_key_new_multiple_empty();
    mailimap_search_key_multiple_add(key, mailimap_search_key_new_uid(mailimap_set_new_interval(first, 0)));
    if (since) mailimap_search_key_multiple_add(key, mailimap_search_key_new_since(dayOf(*since)));
    clist* found = nullptr;
    const int code = mailimap_uid_search(imap_, nullptr, key, &found);
    mailimap_search_key_free(key);
    if (code != MAILIMAP_NO_ERROR) return failure("search", code);
    return takeNumbers(found, first);
}

Result<std::vector<ImapHead>> ImapSession::heads(std::span<const std::uint32_t> uids) {
    const Set set(uids);
    const Fields fields{mailimap_fetch_att_new_uid(), mailimap_fetch_att_new_rfc822_size(),
                        mailimap_fetch_att_new_flags(), mailimap_fetch_att_new_internaldate()};
    if (has_gmail_)
        mailimap_fetch_type_new_fetch_att_list_add(fields.type, mailimap_fetch_att_new_xgmthrid());
    FetchResult result;
    const int code = mailimap_uid_fetch(imap_, set.set, fields.type, &result.list);
    if (code != MAILIMAP_NO_ERROR) return failure("fetch", code);
    return headsOf(readMessages(result.list));
}

Result<std::vector<ImapHead>> ImapSession::flags(std::uint32_t first, std::uint64_t modseq) {
    const Set set(first, 0);
    const Fields fields{mailimap_fetch_att_new_uid(), mailimap_fetch_att_new_flags()};
    FetchResult result;
    const int code = modseq > 0
                         ? mailimap_uid_fetch_changedsince(imap_, set.set, fields.type, modseq, &result.list)
                         : mailimap_uid_fetch(imap_, set.set, fields.type, &result.list);
    if (code != MAILIMAP_NO_ERROR) return failure("fetch flags", code);
    return headsOf(readMessages(result.list));
}

Result<std::vector<ImapBody>> ImapSession::bodies(std::span<const std::uint32_t> uids) {
    const Set set(uids);
    const Fields fields{mailimap_fetch_att_new_uid(),
                        mailimap_fetch_att_new_body_peek_section(mailimap_section_new(nullptr))};
    FetchResult result;
    const int code = mailimap_uid_fetch(imap_, set.set, fields.type, &result.list);
    if (code != MAILIMAP_NO_ERROR) return failure("fetch mail", code);
    std::vector<ImapBody> bodies;
    for (Message& message : readMessages(result.list)) {
        if (message.has_bytes) bodies.push_back({message.head.uid, std::move(message.bytes)});
    }
    return bodies;
}

Result<std::string> ImapSession::beginning(std::uint32_t uid, std::size_t bytes) {
    const std::uint32_t one[] = {uid};
    const Set set(one);
    std::string whole;
    for (const bool is_head : {true, false}) {
        mailimap_fetch_att* part =
            is_head ? mailimap_fetch_att_new_body_peek_section(mailimap_section_new_header())
                    : mailimap_fetch_att_new_body_peek_section_partial(mailimap_section_new_text(), 0,
                                                                       static_cast<std::uint32_t>(bytes));
        const Fields fields{mailimap_fetch_att_new_uid(), part};
        FetchResult result;
        const int code = mailimap_uid_fetch(imap_, set.set, fields.type, &result.list);
        if (code != MAILIMAP_NO_ERROR) return failure("fetch part", code);
        for (const Message& message : readMessages(result.list)) whole += message.bytes;
    }
    return whole;
}

Result<std::vector<std::uint32_t>> ImapSession::findMessageId(const std::string& message_id) {
    mailimap_search_key* key =
        mailimap_search_key_new_header(strdup("Message-ID"), strdup(message_id.c_str()));
    clist* found = nullptr;
    const int code = mailimap_uid_search(imap_, nullptr, key, &found);
    mailimap_search_key_free(key);
    if (code != MAILIMAP_NO_ERROR) return failure("search", code);
    return takeNumbers(found, 0);
}

Status ImapSession::markSeen(std::span<const std::uint32_t> uids) {
    if (uids.empty()) return Done{};
    const Set set(uids);
    mailimap_flag_list* flags = mailimap_flag_list_new_empty();
    mailimap_flag_list_add(flags, mailimap_flag_new_seen());
    mailimap_store_att_flags* change = mailimap_store_att_flags_new_add_flags_silent(flags);
    const int code = mailimap_uid_store(imap_, set.set, change);
    mailimap_store_att_flags_free(change);
    return code == MAILIMAP_NO_ERROR ? Status(Done{}) : failure("store", code);
}

Status ImapSession::append(const std::string& folder, const std::string& mail) {
    mailimap_flag_list* flags = mailimap_flag_list_new_empty();
    mailimap_flag_list_add(flags, mailimap_flag_new_seen());
    int code = mailimap_append(imap_, folder.c_str(), flags, nullptr, mail.data(), mail.size());
    const bool is_missing = code == MAILIMAP_ERROR_APPEND;
    if (is_missing && mailimap_create(imap_, folder.c_str()) == MAILIMAP_NO_ERROR)
        code = mailimap_append(imap_, folder.c_str(), flags, nullptr, mail.data(), mail.size());
    mailimap_flag_list_free(flags);
    return code == MAILIMAP_NO_ERROR ? Status(Done{}) : failure("append", code);
}

}  // namespace signalbox::email
