// schemas/openapi.yaml against itself: whoever reads it finds each operation named, allowed for and shown,
// and no example breaks the schema beside it.
#include <boost/test/unit_test.hpp>
#include <set>

#include "base/http_message.h"
#include "daemon/config/schema.h"
#include "tests/support/described_api.h"

namespace signalbox {
namespace {

using testing::resolved, testing::writtenOut;

const Json& description() {
    return testing::apiDescription();
}

template <class Visit>
void eachOperation(const Visit& visit) {
    for (const auto& [path, item] : description()["paths"].items()) {
        for (const auto& [method, operation] : item.items()) {
            if (method != "parameters") visit(path, method, operation, item);
        }
    }
}

void checkContent(const std::string& where, const Json& content) {
    for (const auto& [type, media] : content.items()) {
        std::vector<Json> examples;
        if (media.contains("example")) examples.push_back(media["example"]);
        for (const auto& [name, example] : memberAt(media, "examples").items())
            examples.push_back(example["value"]);
        BOOST_TEST(!examples.empty(), where + " has no example");
        for (const Json& example : examples) {
            for (const auto& fault : config::validate(writtenOut(media["schema"]), example))
                BOOST_ERROR(where << ": example " << fault.path << ": " << fault.what);
        }
    }
}

void eachReference(const Json& value, std::vector<std::string>& out) {
    if (value.is_object() && value.contains("$ref")) out.push_back(value["$ref"].get<std::string>());
    if (value.is_structured()) {
        for (const Json& item : value) eachReference(item, out);
    }
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_operation_has_a_name_of_its_own_a_summary_and_a_right) {
    std::set<std::string> names;
    eachOperation([&](const auto& path, const auto& method, const Json& operation, const Json&) {
        const std::string where = method + ' ' + path;
        const std::string name = textAt(operation, "operationId");
        BOOST_TEST(!name.empty(), where);
        BOOST_TEST(names.insert(name).second, where + ": " + name + " is used twice");
        BOOST_TEST(!textAt(operation, "summary").empty(), where);
        BOOST_TEST(!textAt(operation, "x-right").empty(), where);
        const bool is_open = operation.contains("security") && operation["security"].empty();
        const std::string right = textAt(operation, "x-right");
        BOOST_TEST(is_open == (right == "public" || right == "provider"), where);
    });
    BOOST_TEST(names.size() > 40u);
}

BOOST_AUTO_TEST_CASE(every_capture_of_a_path_is_a_parameter) {
    eachOperation([&](const auto& path, const auto&, const Json& operation, const Json& item) {
        std::set<std::string> declared;
        for (const Json* parameters : {&memberAt(item, "parameters"), &memberAt(operation, "parameters")}) {
            for (const Json& parameter : *parameters) {
                if (textAt(resolved(parameter), "in") == "path")
                    declared.insert(textAt(resolved(parameter), "name"));
            }
        }
        std::set<std::string> captured;
        for (auto open = path.find('{'); open != std::string::npos; open = path.find('{', open + 1))
            captured.insert(path.substr(open + 1, path.find('}', open) - open - 1));
        BOOST_TEST(captured == declared, boost::test_tools::per_element());
    });
}

BOOST_AUTO_TEST_CASE(every_body_has_an_example_that_fits_its_schema) {
    eachOperation([&](const auto& path, const auto& method, const Json& operation, const Json&) {
        const std::string where = method + ' ' + path;
        if (operation.contains("requestBody"))
            checkContent(where + " request", operation["requestBody"]["content"]);
        for (const auto& [status, response] : operation["responses"].items()) {
            const Json& content = memberAt(resolved(response), "content");
            if (!content.is_null()) checkContent(where + ' ' + status, content);
        }
    });
}

BOOST_AUTO_TEST_CASE(every_error_is_a_problem) {
    eachOperation([&](const auto& path, const auto& method, const Json& operation, const Json&) {
        for (const auto& [status, response] : operation["responses"].items()) {
            const bool is_error = status >= "400" && status != "default" && path != "/readyz";
            if (is_error)
                BOOST_TEST(resolved(response)["content"].contains("application/problem+json"),
                           method + ' ' + path + ' ' + status);
        }
    });
}

BOOST_AUTO_TEST_CASE(every_reference_leads_somewhere) {
    std::vector<std::string> references;
    eachReference(description(), references);

    BOOST_TEST(references.size() > 100u);
    for (const auto& reference : references)
        BOOST_TEST(!resolved({{"$ref", reference}}).is_null(), reference);
}

}  // namespace signalbox
