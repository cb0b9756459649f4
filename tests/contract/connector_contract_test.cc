// What every connector promises, whatever its provider. A connector that is added is tested here without a
// line being written; where an expectation does not fit its provider, its cases/account.yaml says so
// (`expect: {garbage: receipt}`).
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <stdexcept>

#include "tests/build_places.h"
#include "tests/support/connector_cases.h"
#include "tests/support/fake_clock.h"
#include "tests/support/scripted_http.h"
#include "tests/support/yaml_json.h"

namespace signalbox {
namespace {

namespace fs = std::filesystem;

fs::path folderOf(const ConnectorType& type) {
    return fs::path(SIGNALBOX_SOURCE_DIR) / "connectors" / type.name;
}

std::string textOf(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

Json schemaOf(const ConnectorType& type) {
    auto schema = parseJson(type.config_schema, {.refuse_duplicate_keys = true});
    BOOST_REQUIRE_MESSAGE(schema.ok(), type.name + "/config.schema.json is not JSON");
    return *schema;
}

void forEachType(const std::function<void(const ConnectorType&)>& check) {
    for (const ConnectorType* type : connectorTypes()) {
        BOOST_TEST_CONTEXT("connector " << type->name) {
            try {
                check(*type);
            } catch (const std::exception& fault) {  // a missing file must not hide the next connector
                BOOST_ERROR(fault.what());
            }
        }
    }
}

void forEachCase(const ConnectorType& type, const char* having,
                 const std::function<void(const ConnectorCase&)>& check) {
    for (const auto& test_case : loadConnectorCases(folderOf(type))) {
        BOOST_TEST_CONTEXT("case " << test_case.name) {
            if (test_case.json.contains(having)) check(test_case);
        }
    }
}

// A connector with the config of a case, and the HTTP it speaks to.
struct Bench {
    Bench(const ConnectorType& type, const ConnectorCase& test_case)
        : clock(caseNow(test_case)), config(caseConfig(type, test_case)) {
        auto made = type.create({"contract", config, http, clock});
        BOOST_REQUIRE_MESSAGE(made.ok(), (made ? std::string() : made.error().message));
        connector = std::move(*made);
    }

    ScriptedHttp http;
    FakeClock clock;
    Json config;
    std::unique_ptr<Connector> connector;
};

void checkProperties(const Json& schema, const std::string& place) {
    BOOST_TEST(memberAt(schema, "additionalProperties") == Json(false),
               place << ": unknown keys must be an error");
    for (const auto& [name, property] : memberAt(schema, "properties").items()) {
        const std::string where = place + '.' + name;
        BOOST_TEST(!textAt(property, "description").empty(), where << ": has no description");
        const bool sounds_secret =
            name.ends_with("secret") || name.ends_with("token") || name.ends_with("password");
        BOOST_TEST((!sounds_secret || flagAt(property, "x-secret")), where << ": must be marked x-secret");
        if (property.contains("properties")) checkProperties(property, where);
    }
}

// The first case of sending that the provider takes.
std::optional<ConnectorCase> acceptedSend(const ConnectorType& type) {
    for (auto& test_case : loadConnectorCases(folderOf(type))) {
        if (test_case.json.contains("message") && test_case.json.contains("receipt")) return test_case;
    }
    return std::nullopt;
}

std::string sendWith(const ConnectorType& type, const ConnectorCase& test_case, Result<HttpResponse> answer) {
    Bench bench(type, test_case);
    bench.http.willAnswer(std::move(answer));
    const auto receipt = bench.connector->sender()->send(caseMessage(test_case.json["message"]), {});
    if (receipt) return "receipt";
    const Json schema = schemaOf(type);
    for (const auto& [name, property] : schema["properties"].items()) {
        const std::string secret = textAt(bench.config, name);
        const bool is_secret = flagAt(property, "x-secret") && !secret.empty();
        BOOST_TEST((!is_secret || receipt.error().message.find(secret) == std::string::npos),
                   "the error message holds " << name);
    }
    std::string kind = toString(receipt.error().kind);
    if (receipt.error().retry_after) kind += " after " + std::to_string(receipt.error().retry_after->count());
    return kind;
}

void expectOneOf(const ConnectorType& type, const ConnectorCase& test_case, const std::string& situation,
                 Result<HttpResponse> answer, std::set<std::string> kinds) {
    const std::string special = textAt(memberAt(test_case.account, "expect"), situation);
    if (!special.empty()) kinds = {special};
    const std::string kind = sendWith(type, test_case, std::move(answer));
    BOOST_TEST(kinds.contains(kind), "a provider that answers " << situation << " must not become " << kind);
}

BOOST_AUTO_TEST_CASE(a_folder_holds_the_files_that_people_look_for) {
    forEachType([](const ConnectorType& type) {
        for (const char* file : {"config.schema.json", "normalize.cc", "connector.cc", "example.yaml",
                                 "README.md", "cases/account.yaml"})
            BOOST_TEST(fs::exists(folderOf(type) / file), file << " is missing");
        // Cases are HTTP calls; mail is tested against real servers instead.
        BOOST_TEST((type.channel == "email" || !loadConnectorCases(folderOf(type)).empty()));
        BOOST_TEST(findConnectorType(type.name) == &type);
        BOOST_TEST(!type.channel.empty());
    });
}

BOOST_AUTO_TEST_CASE(the_schema_describes_each_field_and_marks_secrets) {
    forEachType([](const ConnectorType& type) { checkProperties(schemaOf(type), type.name); });
}

BOOST_AUTO_TEST_CASE(the_example_is_complete_and_makes_a_connector) {
    forEachType([](const ConnectorType& type) {
        const Json schema = schemaOf(type);
        const Json example = readYaml(folderOf(type) / "example.yaml").at(0);
        for (const auto& [name, value] : example.items())
            BOOST_TEST(schema["properties"].contains(name), "example.yaml: the schema has no " << name);
        for (const Json& name : memberAt(schema, "required"))
            BOOST_TEST(example.contains(name.get<std::string>()), "example.yaml: " << name << " is required");

        Bench bench(type, {"example.yaml", {{"config", example}}, Json::object()});
    });
}

BOOST_AUTO_TEST_CASE(the_readme_names_each_field) {
    forEachType([](const ConnectorType& type) {
        const std::string readme = textOf(folderOf(type) / "README.md");
        const Json schema = schemaOf(type);
        for (const auto& [name, property] : schema["properties"].items())
            BOOST_TEST(readme.find('`' + name + '`') != std::string::npos,
                       "README.md does not name `" << name << '`');
    });
}

BOOST_AUTO_TEST_CASE(cases_hold) {
    forEachType([](const ConnectorType& type) {
        for (const auto& test_case : loadConnectorCases(folderOf(type))) {
            for (const auto& line : runConnectorCase(type, test_case))
                BOOST_ERROR(test_case.name << ": " << line);
        }
    });
}

BOOST_AUTO_TEST_CASE(a_callback_without_its_right_signature_is_refused) {
    forEachType([](const ConnectorType& type) {
        forEachCase(type, "envelopes", [&](ConnectorCase test_case) {
            if (textAt(test_case.account, "sign", "none") == "none") return;
            Bench bench(type, test_case);
            for (const char* signature : {"none", "wrong"}) {
                test_case.json["webhook"]["signature"] = signature;

                const auto received = bench.connector->receiver()->receive(
                    caseWebhook(test_case, bench.config), bench.clock.now());

                BOOST_REQUIRE_MESSAGE(!received.ok(), "accepted with signature: " << signature);
                BOOST_TEST(toString(received.error().kind) == "unauthorized");
            }
        });
    });
}

BOOST_AUTO_TEST_CASE(a_callback_that_is_delivered_again_has_the_same_dedup_keys) {
    forEachType([](const ConnectorType& type) {
        forEachCase(type, "envelopes", [&](const ConnectorCase& test_case) {
            Bench bench(type, test_case);
            const auto request = caseWebhook(test_case, bench.config);

            const auto first = bench.connector->receiver()->receive(request, bench.clock.now());
            const auto again =
                bench.connector->receiver()->receive(request, bench.clock.now() + std::chrono::hours(20));

            BOOST_REQUIRE((first.ok() && again.ok()));
            BOOST_REQUIRE(first->envelopes.size() == again->envelopes.size());
            for (std::size_t i = 0; i < first->envelopes.size(); ++i) {
                BOOST_TEST(!first->envelopes[i].dedup_key.empty());
                BOOST_TEST(first->envelopes[i].dedup_key == again->envelopes[i].dedup_key);
            }
        });
    });
}

BOOST_AUTO_TEST_CASE(an_envelope_says_all_that_the_hub_needs_to_file_it) {
    forEachType([](const ConnectorType& type) {
        forEachCase(type, "envelopes", [&](const ConnectorCase& test_case) {
            Bench bench(type, test_case);
            const auto received =
                bench.connector->receiver()->receive(caseWebhook(test_case, bench.config), bench.clock.now());
            BOOST_REQUIRE(received.ok());
            for (const auto& envelope : received->envelopes) {
                BOOST_TEST(!envelope.channel.empty());
                const bool is_line = envelope.kind == EnvelopeKind::Message;
                BOOST_TEST((!is_line || !envelope.thread_key.empty()));
                BOOST_TEST((!is_line || !envelope.from.identities.empty()));
                BOOST_TEST((!is_line || !envelope.type.empty()));
                const bool has_target =
                    envelope.kind == EnvelopeKind::Status || envelope.kind == EnvelopeKind::Reaction ||
                    envelope.kind == EnvelopeKind::Edit || envelope.kind == EnvelopeKind::Delete;
                BOOST_TEST((!has_target || !envelope.target.empty()));
                BOOST_TEST((envelope.kind != EnvelopeKind::Event || !envelope.event_type.empty()));
            }
        });
    });
}

BOOST_AUTO_TEST_CASE(a_signed_body_of_any_shape_is_survived) {
    forEachType([](const ConnectorType& type) {
        forEachCase(type, "envelopes", [&](ConnectorCase test_case) {
            Bench bench(type, test_case);
            const std::string body = caseWebhook(test_case, bench.config).body;
            Json& webhook = test_case.json["webhook"];
            webhook.erase("body_json");
            webhook.erase("form");
            const auto survives = [&](std::string bytes) {
                webhook["body"] = std::move(bytes);
                const auto received = bench.connector->receiver()->receive(
                    caseWebhook(test_case, bench.config), bench.clock.now());
                BOOST_TEST((!received.ok() || received->reply.status < 500));
            };
            for (std::size_t end = 0; end < body.size(); end += 7) survives(body.substr(0, end));
            for (std::size_t at = 0; at < body.size(); at += 5)
                survives(std::string(body).replace(at, 1, "\""));
            for (std::size_t at = 0; at < body.size(); at += 5)
                survives(std::string(body).replace(at, 1, "7"));
            for (const char* bytes :
                 {"", "null", "[]", "{}", "\"x\"", "1", "\xff\xfe", "[[[[[[", "{\"entry\":{}}"})
                survives(bytes);
            survives(std::string(100'000, '['));
        });
    });
}

BOOST_AUTO_TEST_CASE(what_a_provider_answers_becomes_the_right_kind_of_error) {
    forEachType([](const ConnectorType& type) {
        const auto test_case = acceptedSend(type);
        if (!test_case) return;
        const auto expect = [&](const char* situation, Result<HttpResponse> answer,
                                std::set<std::string> kinds) {
            expectOneOf(type, *test_case, situation, std::move(answer), std::move(kinds));
        };

        expect("401", reply(401), {"unauthorized"});
        expect("403", reply(403), {"forbidden", "unauthorized"});
        expect("429", reply(429, {{"retry-after", "7"}}), {"throttled after 7"});
        for (const int status : {500, 502, 503, 504})
            expect(std::to_string(status).c_str(), reply(status, {}, "upstream failed"),
                   {"unavailable", "uncertain"});
        expect("302", reply(302, {{"location", "https://elsewhere.test/"}}),
               {"rejected", "unavailable", "uncertain"});
        expect("garbage", reply(200, {}, "<html>it works</html>"), {"uncertain", "unavailable"});
        expect("no_connection", Error{ErrorKind::Unavailable, "connect: refused"}, {"unavailable"});
        expect("timeout", Error{ErrorKind::Uncertain, "sent, but timed out", {}, "timeout"}, {"uncertain"});
        expect("denied_address", Error{ErrorKind::Forbidden, "address is private"}, {"forbidden"});
    });
}

}  // namespace
}  // namespace signalbox
