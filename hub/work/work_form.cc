#include "hub/work/work_form.h"

#include <algorithm>

namespace signalbox {
namespace {

constexpr std::size_t kMaxTitle = 500, kMaxText = 64 * 1024, kMaxWord = 64, kMaxReference = 256,
                      kMaxFields = 64 * 1024;
constexpr std::string_view kPriorities[] = {"low", "normal", "high", "urgent"};

Error fault(std::string_view member, const std::string& what) {
    return {ErrorKind::Invalid, std::string(member) + ": " + what};
}

Result<std::string> textOf(std::string_view member, const Json& value, std::size_t longest) {
    if (!value.is_string()) return fault(member, "must be text");
    const auto& text = value.get_ref<const std::string&>();
    if (text.size() > longest) return fault(member, "at most " + std::to_string(longest) + " bytes");
    return text;
}

// An id of that kind, or null to take the link away.
Result<Id> linkOf(std::string_view member, const Json& value, std::string_view prefix) {
    if (value.is_null()) return Id{0};
    const auto id = value.is_string() ? parseId(prefix, value.get_ref<const std::string&>()) : std::nullopt;
    if (!id) return fault(member, "must be an id (" + std::string(prefix) + "_…) or null");
    return *id;
}

Result<std::optional<TimePoint>> timeOf(std::string_view member, const Json& value) {
    if (value.is_null()) return std::optional<TimePoint>();
    const auto time = value.is_string() ? parseRfc3339(value.get_ref<const std::string&>()) : std::nullopt;
    if (!time) return fault(member, "must be a time such as 2026-11-26T09:00:00Z, or null");
    return std::optional<TimePoint>(*time);
}

Result<std::string> statusOf(const WorkKind& kind, std::string_view member, const Json& value) {
    auto status = textOf(member, value, kMaxWord);
    if (!status) return status;
    if (status->empty()) return fault(member, "must not be empty");
    if (kind.statuses.empty() ||
        std::find(kind.statuses.begin(), kind.statuses.end(), *status) != kind.statuses.end())
        return status;
    std::string words;
    for (const auto word : kind.statuses) words += (words.empty() ? "" : ", ") + std::string(word);
    return fault(member, "one of " + words);
}

Result<std::string> priorityOf(std::string_view member, const Json& value) {
    auto priority = textOf(member, value, kMaxWord);
    if (!priority) return priority;
    if (std::find(std::begin(kPriorities), std::end(kPriorities), *priority) == std::end(kPriorities))
        return fault(member, "one of low, normal, high, urgent");
    return priority;
}

Result<Json> fieldsOf(std::string_view member, const Json& value) {
    if (!value.is_object()) return fault(member, "must be an object");
    if (dumpJson(value).size() > kMaxFields)
        return fault(member, "at most " + std::to_string(kMaxFields) + " bytes");
    return value;
}

// Puts a result where it belongs, or passes its error on.
template <class T, class Member>
Status put(Result<T> result, Member& member) {
    if (!result) return result.error();
    member = std::move(*result);
    return Done{};
}

Status readMember(const WorkKind& kind, const std::string& name, const Json& value, WorkForm& form) {
    if (name == "title") return put(textOf(name, value, kMaxTitle), form.title);
    if (name == "text") return put(textOf(name, value, kMaxText), form.text);
    if (name == "status" || (name == "stage" && kind.name == "lead"))
        return put(statusOf(kind, name, value), form.status);
    if (name == "priority") return put(priorityOf(name, value), form.priority);
    if (name == "assignee_id") return put(linkOf(name, value, kUserId), form.assignee);
    if (name == "person_id") return put(linkOf(name, value, kPersonId), form.person);
    if (name == "conversation_id") return put(linkOf(name, value, kConversationId), form.conversation);
    if (name == "due_at") return put(timeOf(name, value), form.due_at);
    if (name == "source") return put(textOf(name, value, kMaxWord), form.source);
    if (name == "source_reference") return put(textOf(name, value, kMaxReference), form.source_reference);
    if (name == "fields") return put(fieldsOf(name, value), form.fields);
    return fault(name, "is not a member of a " + std::string(kind.name));
}

}  // namespace

Result<WorkForm> readWorkForm(const WorkKind& kind, const Json& json) {
    if (!json.is_object()) return Error{ErrorKind::Invalid, "the body must be a JSON object"};
    WorkForm form;
    for (const auto& [name, value] : json.items()) {
        if (auto read = readMember(kind, name, value, form); !read) return read.error();
    }
    return form;
}

}  // namespace signalbox
