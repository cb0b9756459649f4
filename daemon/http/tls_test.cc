#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <memory>
#include <thread>

#include "tests/support/http_server.h"
#include "tests/support/raw_client.h"
#include "tests/support/temp_dir.h"

namespace signalbox::http {
namespace {

using namespace std::chrono_literals;
using testing::echo;
using testing::HttpServer;
using testing::RawClient;
using testing::statusOf;

template <class T, void (*release)(T*)>
struct Release {
    void operator()(T* object) const { release(object); }
};
using Key = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY, EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Release<X509, X509_free>>;
using Context = std::unique_ptr<SSL_CTX, Release<SSL_CTX, SSL_CTX_free>>;
using Session = std::unique_ptr<SSL, Release<SSL, SSL_free>>;

Certificate selfSigned(EVP_PKEY* key, const char* name) {
    Certificate certificate(X509_new());
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
    X509_set_pubkey(certificate.get(), key);
    auto* subject = X509_get_subject_name(certificate.get());
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name), -1,
                               -1, 0);
    X509_set_issuer_name(certificate.get(), subject);
    X509_sign(certificate.get(), key, EVP_sha256());
    return certificate;
}

// A self-signed certificate and its key as two files.
class CertificateFiles {
public:
    explicit CertificateFiles(const char* name) { write(name); }

    void write(const char* name) {
        const Key key(EVP_EC_gen("P-256"));
        const auto certificate = selfSigned(key.get(), name);
        auto* file = std::fopen(certificatePath().c_str(), "w");
        PEM_write_X509(file, certificate.get());
        std::fclose(file);
        file = std::fopen(keyPath().c_str(), "w");
        PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
        std::fclose(file);
    }

    std::string certificatePath() const { return folder_.file("certificate.pem"); }
    std::string keyPath() const { return folder_.file("key.pem"); }
    ServerOptions options() const {
        ServerOptions options;
        options.tls_certificate_file = certificatePath();
        options.tls_key_file = keyPath();
        return options;
    }

private:
    TempDir folder_;
};

class TlsClient {
public:
    // `protocols` in the wire form of ALPN; `version` 0: whatever both can.
    explicit TlsClient(std::uint16_t port, std::string_view protocols = "\x08http/1.1", int version = 0)
        : tcp_(port), context_(SSL_CTX_new(TLS_client_method())) {
        if (version != 0) SSL_CTX_set_max_proto_version(context_.get(), version);
        // Debian's default refuses TLS 1.1 by itself; the server is to be the one that does.
        SSL_CTX_set_security_level(context_.get(), 0);
        session_.reset(SSL_new(context_.get()));
        if (!protocols.empty())
            SSL_set_alpn_protos(session_.get(), reinterpret_cast<const unsigned char*>(protocols.data()),
                                static_cast<unsigned>(protocols.size()));
        SSL_set_fd(session_.get(), tcp_.descriptor());
        is_open = SSL_connect(session_.get()) == 1;
    }

    void send(std::string_view bytes) {
        BOOST_REQUIRE(SSL_write(session_.get(), bytes.data(), static_cast<int>(bytes.size())) > 0);
    }

    std::string readToEnd() {
        std::string all;
        char bytes[16 * 1024];
        int n = 0;
        while ((n = SSL_read(session_.get(), bytes, sizeof bytes)) > 0)
            all.append(bytes, static_cast<std::size_t>(n));
        return all;
    }

    std::string readUntil(std::string_view end) {
        std::string all;
        char byte = 0;
        while (!all.ends_with(end) && SSL_read(session_.get(), &byte, 1) == 1) all += byte;
        return all;
    }

    std::string protocol() const {
        const unsigned char* name = nullptr;
        unsigned length = 0;
        SSL_get0_alpn_selected(session_.get(), &name, &length);
        return {reinterpret_cast<const char*>(name), length};
    }

    std::string serverName() const {
        const Certificate certificate(SSL_get1_peer_certificate(session_.get()));
        char name[100] = "";
        X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, name,
                                  sizeof name);
        return name;
    }

    std::string version() const { return SSL_get_version(session_.get()); }

    bool is_open = false;

private:
    RawClient tcp_;
    Context context_;
    Session session_;
};

constexpr std::string_view kLastGet = "GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

BOOST_AUTO_TEST_SUITE(tls)

BOOST_AUTO_TEST_CASE(a_request_over_tls_is_answered_and_ended_with_a_goodbye) {
    const CertificateFiles files("one.test");
    HttpServer server(echo, files.options());
    TlsClient client(server.port());

    BOOST_REQUIRE(client.is_open);
    client.send("GET /first HTTP/1.1\r\nHost: a\r\n\r\n");
    BOOST_TEST(client.readUntil("/first ").starts_with("HTTP/1.1 200 OK\r\n"));
    client.send(kLastGet);

    BOOST_TEST(client.readToEnd().ends_with("GET /x "));
    BOOST_TEST(client.version() == "TLSv1.3");
    BOOST_TEST(client.protocol() == "http/1.1");
}

BOOST_AUTO_TEST_CASE(large_bodies_pass_in_both_directions) {
    const CertificateFiles files("one.test");
    HttpServer server(echo, files.options());
    TlsClient client(server.port());
    const std::string body(1'000'000, 'x');

    client.send("POST /p HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 1000000\r\n\r\n");
    client.send(body);

    BOOST_TEST((client.readToEnd().ends_with("\r\n\r\nPOST /p " + body)));
}

BOOST_AUTO_TEST_CASE(an_answer_from_another_thread_arrives) {
    const CertificateFiles files("one.test");
    std::jthread other;
    HttpServer server(
        [&](HttpRequest&&, Responder responder) {
            other = std::jthread([responder = std::move(responder)] {
                responder.reply({200, {}, "from afar"});
            });
        },
        files.options());
    TlsClient client(server.port());

    client.send(kLastGet);

    BOOST_TEST(client.readToEnd().ends_with("from afar"));
}

BOOST_AUTO_TEST_CASE(tls_1_2_is_the_oldest_that_is_spoken) {
    const CertificateFiles files("one.test");
    HttpServer server(echo, files.options());

    BOOST_TEST(TlsClient(server.port(), "", TLS1_2_VERSION).version() == "TLSv1.2");
    BOOST_TEST(!TlsClient(server.port(), "", TLS1_1_VERSION).is_open);
}

BOOST_AUTO_TEST_CASE(a_client_that_speaks_only_other_protocols_is_told_so) {
    const CertificateFiles files("one.test");
    HttpServer server(echo, files.options());

    BOOST_TEST(!TlsClient(server.port(), "\x02h2").is_open);
    BOOST_TEST(TlsClient(server.port(), "\x02h2\x08http/1.1").protocol() == "http/1.1");
}

BOOST_AUTO_TEST_CASE(plain_http_on_a_tls_port_is_closed) {
    const CertificateFiles files("one.test");
    HttpServer server(echo, files.options());

    BOOST_TEST(statusOf(testing::exchange(server.port(), kLastGet)) == 0);
}

BOOST_AUTO_TEST_CASE(a_handshake_that_does_not_begin_is_let_go) {
    const CertificateFiles files("one.test");
    auto options = files.options();
    options.header_timeout = 1s;
    HttpServer server(echo, options);

    BOOST_TEST(RawClient(server.port()).readToEnd().empty());
}

BOOST_AUTO_TEST_CASE(a_reload_greets_new_connections_with_the_new_certificate) {
    CertificateFiles files("old.test");
    HttpServer server(echo, files.options());
    TlsClient before(server.port());

    files.write("new.test");
    BOOST_REQUIRE(server->reloadTls().ok());

    BOOST_TEST(TlsClient(server.port()).serverName() == "new.test");
    before.send(kLastGet);
    BOOST_TEST(before.readToEnd().ends_with("GET /x "));
    BOOST_TEST(before.serverName() == "old.test");
}

BOOST_AUTO_TEST_CASE(a_reload_that_fails_keeps_the_certificate) {
    const CertificateFiles files("old.test"), other("other.test");
    HttpServer server(echo, files.options());

    std::filesystem::copy_file(other.keyPath(), files.keyPath(),
                               std::filesystem::copy_options::overwrite_existing);
    const auto status = server->reloadTls();

    BOOST_REQUIRE(!status);
    BOOST_TEST(status.error().message.starts_with("tls: cannot use the key " + files.keyPath()));
    BOOST_TEST(TlsClient(server.port()).serverName() == "old.test");
}

BOOST_AUTO_TEST_CASE(a_certificate_that_is_not_there_stops_the_start) {
    ServerOptions options;
    options.port = 0;
    options.tls_certificate_file = options.tls_key_file = "/nowhere/x.pem";

    const auto server = Server::bind(options, echo, {});

    BOOST_REQUIRE(!server);
    BOOST_TEST(server.error().message ==
               "tls: cannot read the certificate chain /nowhere/x.pem: No such file or directory");
}

BOOST_AUTO_TEST_CASE(streams_work_over_tls) {
    const CertificateFiles files("one.test");
    HttpServer server(echo, files.options(),
                      {{"/live", {}, [](const HttpRequest&, const std::shared_ptr<LiveStream>& stream) {
                            stream->send("hello", "1");
                            stream->close(1000, "");
                        }}});
    TlsClient events(server.port()), socket(server.port());

    events.send("GET /live HTTP/1.1\r\nHost: a\r\n\r\n");
    BOOST_TEST(events.readToEnd().ends_with("\r\n\r\nid: 1\ndata: hello\n\n"));
    socket.send(
        "GET /live HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    BOOST_TEST(socket.readUntil("\r\n\r\n").starts_with("HTTP/1.1 101"));
    BOOST_TEST(socket.readUntil("\x81\x05hello").ends_with("\x81\x05hello"));
}

BOOST_AUTO_TEST_CASE(stopping_ends_connections_over_tls) {
    const CertificateFiles files("one.test");
    HttpServer server(echo, files.options());
    TlsClient client(server.port());
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    BOOST_TEST(
        client.readUntil("\r\n\r\n").starts_with("HTTP/1.1 200"));  // the server, too, has shaken hands

    server->stop(5s);

    client.readToEnd();
    BOOST_TEST(server->stats().connections_open == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace signalbox::http
