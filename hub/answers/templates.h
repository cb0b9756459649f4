// Prepared texts of a team: shared ones and each user's own, in categories and languages. The only writer of
// the table templates. Reading on any thread, changes inside Writes. (What a provider has approved,
// WhatsApp's templates, is sent by its name: hub/outbox.)
#pragma once

#include <optional>
#include <string>

#include "base/json.h"
#include "base/result.h"
#include "hub/inbox/inbox_queries.h"
#include "hub/model/actor.h"
#include "hub/store/store.h"

namespace signalbox {

inline constexpr std::string_view kTemplateId = "tpl";

struct Template {
    Id id = 0, org = 0;
    Id owner = 0;                                   // 0: everybody's; else the user who alone sees it
    std::string name, category, language, channel;  // language, channel: empty: any
    std::string subject, text, html;                // html, subject: for mail
    std::int64_t revision = 1;
};

struct TemplateFilter {
    std::string category, language, channel, text;
    bool own_only = false;
};

// Invalid: a text that is not well-formed, names the field.
Status checkTemplate(const Template& wanted);

// Conflict «template_exists» for a name that this owner has in this language already.
Status addTemplate(Tx& tx, const Actor& by, const Template& wanted, TimePoint now);
// NotFound; Conflict «changed_meanwhile» when `revision` is over.
Status changeTemplate(Tx& tx, const Actor& by, const Template& wanted, std::optional<std::int64_t> revision,
                      TimePoint now);
bool removeTemplate(Tx& tx, Id org, Id user, Id wanted);

// Those that the user sees: shared ones and his own (0: shared ones only).
std::optional<Template> findTemplate(Reader& reader, Id org, Id user, Id wanted);
// A shared one by its name; the language that fits best: the one asked for, its main part (de of de-AT), any.
std::optional<Template> findTemplateByName(Reader& reader, Id org, const std::string& name,
                                           const std::string& language);
PageOfItems listTemplates(Store& store, Id org, Id user, const TemplateFilter& filter,
                          const PageRequest& page);
// With its variables.
Json templateJson(const Template& shown);

// What variables mean in a conversation: person.name, person.first_name, person.custom fields,
// conversation.subject, conversation.channel, user.name, user.email, organization.name, today.
Json templateValues(Reader& reader, Id org, Id conversation, Id user, TimePoint now);

struct RenderedTemplate {
    std::string subject, text, html;
    std::vector<std::string> missing;
};
// Values are escaped in the HTML; a line break in a value does not break the subject.
RenderedTemplate render(const Template& wanted, const Json& values);

}  // namespace signalbox
