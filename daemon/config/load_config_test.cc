#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "daemon/config/config.h"
#include "daemon/config/schema.h"
#include "tests/support/temp_folder.h"

namespace signalbox::config {
namespace {

// A connector like those that exist, so that this test does not change with them.
constexpr const char* kChatSchema = R"({
  "type": "object", "additionalProperties": false, "required": ["bot_token"],
  "properties": {
    "bot_token": {"type": "string", "minLength": 1, "x-secret": true, "description": "Token of the bot."},
    "base_url": {"type": "string", "pattern": "^https?://[^/?#\\s]+$", "default": "https://api.example.org",
                 "description": "The provider's API, without a path."},
    "request_timeout_s": {"type": "integer", "minimum": 1, "maximum": 120, "default": 15},
    "mode": {"type": "string", "enum": ["poll", "webhook"], "default": "webhook"},
    "notify": {"type": ["boolean", "string"], "default": true},
    "verifier": {"type": "object", "additionalProperties": false, "default": {},
                 "properties": {"secret": {"type": "string", "x-secret": true, "default": ""},
                                "kind": {"type": "string", "default": "none"}}},
    "either": {"oneOf": [{"type": "string", "maxLength": 3}, {"type": "integer"}]}
  }})";

const ConnectorSchemas kSchemas = {{"chat", kChatSchema}, {"http", R"({"type": "object"})"}};

struct Folder : TempFolder {
    std::filesystem::path write(const std::string& name, const std::string& text) const {
        std::ofstream(file(name), std::ios::binary) << text;
        return file(name);
    }
};

Config good(const std::string& yaml, const std::filesystem::path& data = {}) {
    const Folder folder;
    auto config = loadConfig(folder.write("signalbox.yaml", yaml), kSchemas, data);
    if (!config) BOOST_FAIL(config.error().message);
    return *std::move(config);
}

// The message without the folder, which has another name each time.
std::string faults(const std::string& yaml, const Folder& folder = {}) {
    const auto config = loadConfig(folder.write("signalbox.yaml", yaml), kSchemas);
    BOOST_REQUIRE(!config.ok());
    BOOST_TEST(toString(config.error().kind) == "invalid");
    std::string text = config.error().message;
    const std::string prefix = folder.path().string() + '/';
    for (auto at = text.find(prefix); at != std::string::npos; at = text.find(prefix))
        text.erase(at, prefix.size());
    return text;
}

}  // namespace

BOOST_AUTO_TEST_CASE(an_empty_file_is_a_configuration_with_every_default) {
    const Folder folder;

    const auto config = loadConfig(folder.write("signalbox.yaml", ""), kSchemas);

    BOOST_REQUIRE(config.ok());
    BOOST_TEST(config->server.host == "127.0.0.1");
    BOOST_TEST(config->server.port == 8080);
    BOOST_TEST(config->server.max_body_bytes == 4u * 1024 * 1024);
    BOOST_TEST(config->server.tls_key_file.empty());
    BOOST_TEST(config->data == folder.path() / "data");
    BOOST_TEST(config->database.url.reveal() == "sqlite://" + (folder.path() / "data/signalbox.db").string());
    BOOST_TEST(config->workers.lua >= 1u);
    BOOST_TEST(config->outbox_retention.count() == 30 * 24);
    BOOST_TEST(config->request_retention.count() == 0);
    BOOST_TEST(config->event_retention.count() == 0);
    BOOST_TEST(config->accounts.empty());
}

BOOST_AUTO_TEST_CASE(a_good_file_becomes_values_with_the_connectors_defaults) {
    const Config config = good(R"(
listen: {host: 0.0.0.0, port: 0, tls: {certificate_file: cert.pem, key_file: /etc/key.pem}}
database: {url: "sqlite:///var/lib/box/box.db", readers: 2}
organization: {name: Example, region: DE}
egress: {allow_networks: [10.1.0.0/16, "fd00::/8"], any_port: true}
workers: {requests: 8, workflow: 3}
log: {level: warn, format: json}
retention: {outbox_days: 2, requests_days: 90, events_days: 10}
env: {company: Example, year: 2026, open: true}
accounts:
  - name: bot
    type: chat
    bot_token: 123:abc
  - {name: bot-in, type: chat, region: IN, bot_token: t, rate_per_s: 2.5, verifier: {kind: hmac}, notify: http://x}
)");

    BOOST_TEST(config.server.port == 0);
    BOOST_TEST(std::filesystem::path(config.server.tls_certificate_file).is_absolute());
    BOOST_TEST(config.server.tls_key_file == "/etc/key.pem");
    BOOST_TEST(config.database.url.reveal() == "sqlite:///var/lib/box/box.db");
    BOOST_TEST(config.database.readers == 2u);
    BOOST_TEST(config.organization == "Example");
    BOOST_TEST(config.egress.allowed_networks.size() == 2u);
    BOOST_TEST(config.egress.any_port);
    BOOST_TEST(config.workers.workflow == 3u);
    BOOST_CHECK(config.log.level == log::Level::Warn);
    BOOST_CHECK(config.log.format == log::Format::JsonLines);
    BOOST_TEST(config.outbox_retention.count() == 48);
    BOOST_TEST(config.request_retention.count() == 90 * 24);
    BOOST_TEST(config.event_retention.count() == 240);
    BOOST_TEST(config.env.dump() == R"({"company":"Example","open":true,"year":2026})");
    BOOST_REQUIRE(config.accounts.size() == 2u);
    BOOST_TEST(config.accounts[0].region == "DE");
    BOOST_TEST(
        config.accounts[0].connector.dump() ==
        R"({"base_url":"https://api.example.org","bot_token":"123:abc","mode":"webhook","notify":true,)"
        R"("rate_per_s":0,"request_timeout_s":15,"verifier":{"kind":"none","secret":""}})");
    BOOST_TEST(config.accounts[1].region == "IN");
    BOOST_TEST(config.accounts[1].rate_per_s == 2.5);
    BOOST_TEST(config.accounts[1].connector["verifier"].dump() == R"({"kind":"hmac","secret":""})");
}

BOOST_AUTO_TEST_CASE(a_data_folder_of_the_command_line_goes_before_the_files) {
    const Config config = good("data: /srv/a\ndatabase: {url: 'sqlite://b/box.db'}\n", "/srv/c");

    BOOST_TEST(config.data == "/srv/c");
    BOOST_TEST(config.database.url.reveal() == "sqlite:///srv/c/b/box.db");
}

BOOST_AUTO_TEST_CASE(all_faults_are_told_at_once_in_the_order_of_the_file) {
    const std::string text = faults(R"(listen:
    port: 80800
    hots: localhost
accounts:
    - name: bot
      type: chat
      bot_tokn: 123
    - name: bot
      type: chta
    - type: chat
      bot_token: x
      request_timeout_s: soon
log: {level: inof}
)");

    BOOST_TEST(
        text ==
        "signalbox.yaml:2:11 listen.port: must be from 0 to 65535\n"
        "signalbox.yaml:3:5 listen.hots: unknown key (host?)\n"
        "signalbox.yaml:5:7 accounts[0].bot_token: is missing\n"
        "signalbox.yaml:7:7 accounts[0].bot_tokn: unknown key (bot_token?)\n"
        "signalbox.yaml:8:13 accounts[1].name: \"bot\" is the name of accounts[0] already\n"
        "signalbox.yaml:9:13 accounts[1].type: no connector is called that (chat?); there are chat, http\n"
        "signalbox.yaml:10:7 accounts[2].name: is missing\n"
        "signalbox.yaml:12:26 accounts[2].request_timeout_s: must be a whole number, not a text\n"
        "signalbox.yaml:13:14 log.level: must be one of debug, info, warn, error (info?)");
}

BOOST_AUTO_TEST_CASE(each_kind_of_fault_has_words_of_its_own) {
    const std::string account = "accounts: [{name: a, type: chat, bot_token: t, ";

    BOOST_TEST(faults("listen: 8080") ==
               "signalbox.yaml:1:9 listen: must be a map (key: value), not a whole number");
    BOOST_TEST(faults("- a") == "signalbox.yaml:1:1: must be a map (key: value), not a list (- item)");
    BOOST_TEST(faults("listen: {port: '8080'}") ==
               "signalbox.yaml:1:16 listen.port: must be a whole number, not a text (remove the quotes)");
    BOOST_TEST(faults("listen: {port: 80.5}") ==
               "signalbox.yaml:1:16 listen.port: must be a whole number, not a number with a fraction");
    BOOST_TEST(faults("listen: {port:}") ==
               "signalbox.yaml:1:15 listen.port: must be a whole number, not nothing");
    BOOST_TEST(faults("listen: {host: ''}") == "signalbox.yaml:1:16 listen.host: must not be empty");
    BOOST_TEST(faults("listen: {tls: {key_file: a}}") ==
               "signalbox.yaml:1:10 listen.tls.certificate_file: is missing");
    BOOST_TEST(faults("accounts: {name: a}") ==
               "signalbox.yaml:1:11 accounts: must be a list (- item), not a map (key: value)");
    BOOST_TEST(faults("accounts: [a]") ==
               "signalbox.yaml:1:12 accounts[0]: must be a map (key: value), not a text");
    BOOST_TEST(faults("accounts: [{name: 'a b', type: http}]") ==
               "signalbox.yaml:1:19 accounts[0].name: does not fit: Our name for it, in /hooks/<name>, in "
               "the API and in "
               "workflows. Keep it: what was stored is stored under it.");
    BOOST_TEST(faults(account + "base_url: ftp://x}]") ==
               "signalbox.yaml:1:58 accounts[0].base_url: does not fit: The provider's API, without a path.");
    BOOST_TEST(faults(account + "notify: 3, either: [1]}]") ==
               "signalbox.yaml:1:67 accounts[0].either: does not fit the schema: Failed to validate against "
               "any child "
               "schemas allowed by oneOf constraint.");
    BOOST_TEST(faults("egress: {allow_networks: [10.0.0.1]}")
                   .starts_with("signalbox.yaml:1:27 egress.allow_networks[0]: must match ^("));
    BOOST_TEST(faults("env: {a: [1]}") ==
               "signalbox.yaml:1:10 env.a: must be a text or a number or true or false, not a list (- item)");
    BOOST_TEST(faults("zzz: 1") == "signalbox.yaml:1:1 zzz: unknown key");
}

BOOST_AUTO_TEST_CASE(what_is_no_yaml_is_told_with_its_place) {
    BOOST_TEST(faults("listen: {port: 1\nlog: [") ==
               "signalbox.yaml:2:4: not valid YAML: end of map flow not found");
    BOOST_TEST(faults("listen:\n\tport: 1") == "signalbox.yaml:2:6: not valid YAML: illegal map value");
    BOOST_TEST(
        faults("a: 1\nlog: {}\nlog: {}").find("signalbox.yaml:3:1 log: given twice (first in line 2)") !=
        std::string::npos);
    BOOST_TEST(faults("a: &x 1").starts_with("signalbox.yaml:1:4: anchors (&name) are not taken"));
    BOOST_TEST(faults("a: !!python/object x").starts_with("signalbox.yaml:1:4: tags (!name) are not taken"));
    BOOST_TEST(faults("? [a, b]\n: 1").starts_with("signalbox.yaml:1:3: a key must be a text"));
    BOOST_TEST(faults("log: {}\n---\nlog: {}\n") ==
               "signalbox.yaml: holds more than one document; remove the line ---");
    BOOST_TEST(faults(std::string(100'000, '[')).find("signalbox.yaml:1:1") == 0u);
    BOOST_TEST(faults("a: " + std::string(80, '[') + std::string(80, ']')) ==
               "signalbox.yaml:1:67: nested deeper than 64 levels");
}

BOOST_AUTO_TEST_CASE(a_file_that_cannot_be_read_says_why) {
    const Folder folder;

    const auto missing = loadConfig(folder.path() / "none.yaml", kSchemas);
    const auto is_folder = loadConfig(folder.path(), kSchemas);

    BOOST_TEST(missing.error().message ==
               (folder.path() / "none.yaml").string() + ": cannot be read: No such file or directory");
    BOOST_TEST(is_folder.error().message == folder.path().string() + ": is a folder; name the file");
}

BOOST_AUTO_TEST_CASE(references_are_read_from_the_environment_and_from_files) {
    const Folder folder;
    folder.write("token", "from-file\r\n");
    ::setenv("SIGNALBOX_TEST_PORT", "9090", 1);
    ::setenv("SIGNALBOX_TEST_WORD", "word", 1);

    const auto config = loadConfig(folder.write("signalbox.yaml", R"(
listen: {port: "${env:SIGNALBOX_TEST_PORT}"}
env: {greeting: "a ${env:SIGNALBOX_TEST_WORD}, $${kept} and $1"}
accounts: [{name: bot, type: chat, bot_token: "${file:token}", verifier: {secret: plain-secret}}]
)"),
                                   kSchemas);

    BOOST_REQUIRE(config.ok());
    BOOST_TEST(config->server.port == 9090);
    BOOST_TEST(config->env["greeting"] == "a word, ${kept} and $1");
    BOOST_TEST(config->accounts[0].connector["bot_token"] == "from-file");
    std::vector<std::string> secrets;
    for (const Secret& secret : config->secrets) secrets.push_back(secret.reveal());
    for (const char* wanted : {"from-file", "plain-secret", "word"})
        BOOST_TEST((std::find(secrets.begin(), secrets.end(), wanted) != secrets.end()), wanted);
}

BOOST_AUTO_TEST_CASE(a_reference_that_cannot_be_read_is_told_once) {
    const Folder folder;
    ::unsetenv("SIGNALBOX_TEST_NOT_SET");

    const std::string text = faults(R"(listen: {port: "${env:SIGNALBOX_TEST_NOT_SET}"}
accounts:
  - {name: a, type: chat, bot_token: "${file:none}"}
  - {name: b, type: chat, bot_token: "${vault:x}"}
  - {name: c, type: chat, bot_token: "${env:X"}
  - {name: d, type: chat, bot_token: "${file:.}"}
)",
                                    folder);

    BOOST_TEST(
        text ==
        "signalbox.yaml:1:16 listen.port: the environment variable SIGNALBOX_TEST_NOT_SET is not set\n"
        "signalbox.yaml:3:38 accounts[0].bot_token: cannot read none: No such file or directory\n"
        "signalbox.yaml:4:38 accounts[1].bot_token: write ${env:NAME} or ${file:PATH}; $${ stands for ${\n"
        "signalbox.yaml:5:38 accounts[2].bot_token: ${ without }; $${ stands for ${\n"
        "signalbox.yaml:6:38 accounts[3].bot_token: cannot read .: Is a directory");
}

BOOST_AUTO_TEST_CASE(no_message_holds_a_secret) {
    const Folder folder;
    folder.write("long", std::string(5000, 's'));
    ::setenv("SIGNALBOX_TEST_SECRET", "hunter2-secret", 1);

    const std::string text = faults(R"(listen: {port: hunter2-secret}
database: {url: "mysql://hunter2-secret@host/db"}
log: {level: hunter2-secret}
accounts:
  - {name: "hunter2-secret ", type: hunter2-secret, bot_token: "hunter2-secret"}
  - {name: a, type: chat, bot_token: "hunter2-secret", base_url: "${env:SIGNALBOX_TEST_SECRET}", mode: hunter2-secret,
     request_timeout_s: hunter2-secret, either: hunter2-secret}
  - {name: b, type: chat, bot_token: x, base_url: "${file:long}"}
)",
                                    folder);

    BOOST_TEST(text.find("hunter2") == std::string::npos, text);
    BOOST_TEST(text.find("ssss") == std::string::npos);
    BOOST_TEST(text.find("accounts[2].base_url: is longer than 4096 bytes") != std::string::npos, text);
}

BOOST_AUTO_TEST_CASE(a_text_that_looks_like_a_number_needs_no_quotes) {
    const Config config = good(R"(
accounts:
  - {name: 1, type: chat, bot_token: 0015550001234567}
  - {name: b, type: chat, bot_token: 15550001234567, notify: false, verifier: {kind: true, secret: 1e5}}
  - {name: c, type: chat, bot_token: +4915112345678}
)");

    BOOST_TEST(config.accounts[0].name == "1");
    BOOST_TEST(config.accounts[0].connector["bot_token"] == "0015550001234567");
    BOOST_TEST(config.accounts[1].connector["bot_token"] == "15550001234567");
    BOOST_TEST(config.accounts[1].connector["notify"] == false);
    BOOST_TEST(config.accounts[1].connector["verifier"].dump() == R"({"kind":"true","secret":"1e5"})");
    BOOST_TEST(config.accounts[2].connector["bot_token"] == "+4915112345678");
}

BOOST_AUTO_TEST_CASE(secrets_are_masked_wherever_the_schema_names_them) {
    const Json schema = *parseJson(kChatSchema);
    const Json account = {
        {"bot_token", "123:abc"}, {"mode", "poll"}, {"verifier", {{"secret", "s"}, {"kind", "k"}}}};

    BOOST_TEST(maskSecrets(schema, account).dump() ==
               R"({"bot_token":"***","mode":"poll","verifier":{"kind":"k","secret":"***"}})");
}

}  // namespace signalbox::config
