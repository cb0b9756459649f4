// The rows of each group of commands, a file each. Adding a command is adding a row.
#pragma once

#include <vector>

#include "base/http_message.h"
#include "base/json.h"
#include "daemon/client/command.h"

namespace signalbox::client {

std::vector<Command> statusCommands();        // status
std::vector<Command> accountCommands();       // accounts
std::vector<Command> setupCommands();         // credentials, calendars, escalations
std::vector<Command> messageCommands();       // messages, send
std::vector<Command> conversationCommands();  // conversations
std::vector<Command> searchCommands();        // search
std::vector<Command> fileCommands();          // files
std::vector<Command> workflowCommands();      // workflow
std::vector<Command> workflowLifeCommands();  // workflow versions, rollback …
std::vector<Command> workflowSyncCommands();  // workflow pull-all, watch, diff …
std::vector<Command> runCommands();           // runs
std::vector<Command> webhookCommands();       // webhooks
std::vector<Command> quarantineCommands();    // quarantine
std::vector<Command> deadLetterCommands();    // dead-letters
std::vector<Command> tokenCommands();         // token
std::vector<Command> accessCommands();        // login, logout, whoami, users, audit, vault
std::vector<Command> tailCommands();          // tail
std::vector<Command> simulateCommands();      // simulate
std::vector<Command> scheduleCommands();      // cron
std::vector<Command> expressionCommands();    // expr
std::vector<Command> mailSetupCommands();     // mail discover
std::vector<Command> completionCommands();    // completion
std::vector<Command> mailCommands();          // mail

// ---- what they share ----

// --limit and --cursor.
void addPageOptions(std::vector<Option>& options);
Result<std::size_t> readLimit(const Values& values);
// The options that were given as fields of the query: {"--account", "account"} …
FormFields queryFrom(const Values& values, const std::vector<std::pair<const char*, const char*>>& names);

Command sendCommand();  // send, among the messages

// Uploads in pieces. With the options --resume, --access, --project, --tags where the command has them; the
// answer's `file_id` names the file.
Result<Json> uploadFile(Session& session, const Values& values, const std::string& file);

// JSON that stands on the command line, or in a file as @FILE ("@-" is standard input).
Result<Json> readJsonArgument(const std::string& option, const std::string& text);

// A failure of the API ({"code", "message"}) in one line; "" for null.
std::string failureText(const Json& failure);

// A run as people read it, and the exit code that says how it ended.
std::string describeRun(const Json& run);
Exit exitForRun(const Json& run);

}  // namespace signalbox::client
