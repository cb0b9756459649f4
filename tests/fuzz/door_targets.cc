#include "base/http_message.h"
#include "base/json.h"
#include "connectors/sdk/http_client.h"
#include "connectors/sdk/url.h"
#include "daemon/config/yaml_document.h"
#include "daemon/http/request_reader.h"
#include "tests/fuzz/targets.h"

namespace signalbox::fuzz {
namespace {

using http::RequestReader;

// What one reader makes of the bytes: each request's head and body, then why it stopped.
std::string readAll(std::string_view all, std::size_t step) {
    http::ServerOptions options;
    options.max_body_bytes = 4'096;
    RequestReader reader{options};
    std::string story, held;
    std::size_t fed = 0;
    while (true) {
        std::string_view bytes = held;
        const auto progress = reader.take(bytes);
        held.erase(0, held.size() - bytes.size());
        if (progress == RequestReader::Progress::Refused)
            return story + "refused " + std::to_string(reader.refusal().status);
        if (progress == RequestReader::Progress::Complete) {
            story += reader.head().request.method + " " + reader.head().request.target + "\n";
            for (const auto& [name, value] : reader.head().request.headers)
                story += name + ":" + value + "\n";
            story += reader.head().request.body + "\n";
            reader.reset();
            continue;
        }
        if (fed == all.size()) return story + "wants more";
        held += all.substr(fed, step);
        fed = std::min(all.size(), fed + step);
    }
}

void fuzzHttp(std::string_view bytes) {
    const std::string at_once = readAll(bytes, bytes.size() + 1);
    if (at_once != readAll(bytes, 1)) throw Broken("http: read byte by byte it is another request");
    if (at_once != readAll(bytes, 7)) throw Broken("http: read in sevens it is another request");
}

void fuzzJson(std::string_view bytes) {
    const auto value = parseJson(bytes);
    if (!value) return;
    const std::string text = dumpJson(*value);
    const auto again = parseJson(text);
    if (!again || dumpJson(*again) != text) throw Broken("json: written and read again it is another value");
}

void fuzzForm(std::string_view bytes) {
    const FormFields fields = parseForm(bytes);
    if (parseForm(formEncode(fields)) != fields)
        throw Broken("form: written and read again it has other fields");
    mediaType(bytes);
}

// A URL that is taken leads nowhere that is closed, however its address is spelled.
void fuzzUrl(std::string_view bytes) {
    const auto url = parseUrl(bytes);
    if (!url) return;
    if (url->host.empty() || url->host.find_first_of("@/?#\\ \t\r\n") != std::string::npos)
        throw Broken("url: the host holds what ends a host");
    if (url->target.find_first_of("\r\n ") != std::string::npos)
        throw Broken("url: the target breaks the line");
    const auto again = parseUrl(url->origin() + url->target);
    if (!again || again->host != url->host || again->port != url->port)
        throw Broken("url: written and read again it leads elsewhere");
    const bool is_open = checkAddress({}, url->host).ok();
    if (is_open && (url->host.starts_with("127.") || url->host.starts_with("10.") || url->host == "::1"))
        throw Broken("url: an address inside is open");
}

void fuzzYaml(std::string_view bytes) {
    std::vector<config::Problem> problems;
    if (bytes.size() < 65'536) config::parseYaml(bytes, problems);
}

}  // namespace

void addDoorTargets(std::vector<Target>& targets) {
    targets.push_back(
        {"http",
         fuzzHttp,
         {"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
          "POST /hooks/wa?x=1 HTTP/1.1\r\nHost: a.example:80\r\nContent-Length: 5\r\n\r\nhelloGET /2 "
          "HTTP/1.1\r\nHost: a\r\n\r\n",
          "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nTrailer: "
          "1\r\n\r\n",
          "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc",
          "PUT /x HTTP/1.0\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nab",
          "GET / HTTP/1.1\r\nHost: a\r\n folded: x\r\nA : b\r\n\r\n"}});
    targets.push_back({"json",
                       fuzzJson,
                       {R"({"a":[1,2.5e3,-0,true,null,"x\u00e9\ud83d\ude00"],"b":{"c":{}}})", "[[[[[[1]]]]]]",
                        R"({"a":1,"a":2})", R"("\ud800")", "18446744073709551616", "1e999"}});
    targets.push_back(
        {"form", fuzzForm, {"a=1&b=%20x+y&a=2&=&c", "Body=Hello%21&From=%2B4917&%zz=%", "a=b;c=d"}});
    targets.push_back(
        {"url",
         fuzzUrl,
         {"https://example.org/a?b=c#d", "http://127.0.0.1:8080/", "http://[::ffff:10.0.0.1]/",
          "http://user:pass@host/", "http://0x7f.1/", "https://a.b:99999/", "http://2130706433/x"}});
    targets.push_back(
        {"yaml",
         fuzzYaml,
         {"database: {url: \"sqlite://x.db\"}\naccounts:\n  - {name: a, type: http}\n", "a: &x [1, *x]\n",
          "? [a, b]\n: c\n", "a: |\n  text\n b: 1\n", "%YAML 1.2\n---\n!!int 'x'\n"}});
}

}  // namespace signalbox::fuzz
