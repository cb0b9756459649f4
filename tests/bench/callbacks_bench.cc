// WhatsApp callbacks through the daemon's own code without sockets: bytes of a request → reader → door
// (signature, normalizing) → ingest → commit → bytes of the answer. Every group is the same number of
// callbacks and one commit, whatever the machine does beside, so that instructions can be counted:
//   valgrind --tool=callgrind bench_callbacks FOLDER 6400 64; callgrind_annotate --inclusive=yes
//   callgrind.out.*
// `ask` and `answer` are the network thread's part of it, `signalbox::store::Writer::work` the writer's.
// usage: bench_callbacks FOLDER [COUNT] [GROUP]; prints microseconds of CPU for each callback.
#include <sys/resource.h>

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <iostream>
#include <mutex>

#include "base/crypto.h"
#include "daemon/hooks/hook_door.h"
#include "daemon/http/peer.h"
#include "daemon/http/request_reader.h"
#include "daemon/http/responder.h"
#include "daemon/http/response_bytes.h"
#include "tests/support/schema_defaults.h"

using namespace signalbox;

namespace {

// Who writes; the first group of callbacks of each makes person and conversation, all others find them.
constexpr int kPeople = 640;

struct NoMedia : MediaJobs {
    void wanted(Tx&, const Account&, Id, std::int64_t, const Attachment&) override {}
};

struct NoHttp : HttpClient {
    Result<HttpResponse> send(const HttpRequest&, const HttpOptions&, const std::stop_token&) override {
        return Error{ErrorKind::Unavailable, "the bench calls nobody"};
    }
};

// The hub and the door as daemon/app puts them together, for one account.
class Gateway {
public:
    Gateway(Store& store, const std::string& secret)
        : store_(store),
          ids_(clock_, 1),
          log_(store, clock_),
          people_(store, ids_, clock_),
          inbox_(store, ids_, clock_, log_, people_),
          ingest_(store, ids_, clock_, log_, people_, inbox_, media_),
          waiters_(clock_, true),
          door_(connectors_, ingest_, waiters_, clock_) {
        (void)ensureOrganization(store, clock_, "bench");
        (void)accounts_.replace(store, ids_, clock_,
                                {{0, kDefaultOrg, "wa", "whatsapp_cloud", "whatsapp", "DE", false}});
        const Json config = {{"app_secret", secret},
                             {"verify_token", "v"},
                             {"access_token", "t"},
                             {"phone_number_id", "277321005464405"}};
        const auto& schema = findConnectorType("whatsapp_cloud")->config_schema;
        const auto made = connectors_.replace(
            {{accounts_.byName("wa"), testing::withDefaults(schema, config)}}, http_, clock_, {});
        if (!made) std::cerr << made.error().message << '\n';
    }

    HookDoor& door() { return door_; }
    // The writer takes nothing before `open` is called: what is asked until then becomes one group.
    std::promise<void> holdWriter() {
        std::promise<void> open;
        auto opened = std::make_shared<std::future<void>>(open.get_future());
        store_.write([opened](Tx&) { opened->wait(); }, [](const Status&) {});
        return open;
    }

private:
    Store& store_;
    SystemClock clock_;
    Ids ids_;
    Accounts accounts_;
    NoHttp http_;
    ConnectorSet connectors_;
    EventLog log_;
    People people_;
    Inbox inbox_;
    NoMedia media_;
    Ingest ingest_;
    ResponseWaiters waiters_;
    HookDoor door_;
};

// The bytes of one signed callback, as tests/bench/whatsapp.lua sends them. Ids are as long and as scattered
// as WhatsApp's.
std::string callback(int n, const std::string& secret) {
    const std::string from = "4917" + std::to_string(10'000'000 + n % kPeople);
    const std::string id = toBase64(hash(HashAlgorithm::Sha256, std::to_string(n))).substr(0, 36);
    const std::string body =
        R"({"object":"whatsapp_business_account","entry":[{"id":"264937493375603","changes":[{"value":{)"
        R"("messaging_product":"whatsapp","metadata":{"display_phone_number":"15550953877",)"
        R"("phone_number_id":"277321005464405"},"contacts":[{"profile":{"name":"Bench Person"},"wa_id":")" +
        from + R"("}],"messages":[{"from":")" + from + R"(","id":"wamid.)" + id +
        R"(","timestamp":"1760000000","text":{"body":"How much is a table for four on friday evening, please?"},)"
        R"("type":"text"}]},"field":"messages"}]}]})";
    return "POST /hooks/wa HTTP/1.1\r\nhost: 127.0.0.1:8080\r\ncontent-type: application/json\r\n"
           "x-hub-signature-256: sha256=" +
           toHex(hmac(HashAlgorithm::Sha256, secret, body)) +
           "\r\ncontent-length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

// What an IoThread does with its inbox.
class Answers {
public:
    std::shared_ptr<http::Inbox> inbox() const { return inbox_; }

    // Until so many answers have come; how many of them are 200.
    int take(int wanted) {
        int good = 0;
        for (int taken = 0; taken < wanted;) {
            waitForRing();
            while (inbox_->take(batch_)) {
                for (const auto& delivery : batch_) good += write(delivery.response) ? 1 : 0;
                taken += static_cast<int>(batch_.size());
            }
        }
        return good;
    }

private:
    void waitForRing() {
        std::unique_lock lock(mutex_);
        rung_.wait(lock, [&] { return has_rung_; });
        has_rung_ = false;
    }
    bool write(const HttpResponse& response) {
        out_.clear();
        http::appendHead(out_, response, {date_});
        out_ += response.body;
        return response.status == 200;
    }

    std::mutex mutex_;
    std::condition_variable rung_;
    bool has_rung_ = false;
    const std::string date_ = http::httpDate(TimePoint{});
    std::vector<http::Delivery> batch_;
    std::string out_;
    std::shared_ptr<http::Inbox> inbox_ = std::make_shared<http::Inbox>([this] {
        std::lock_guard lock(mutex_);
        has_rung_ = true;
        rung_.notify_one();
    });
};

// Functions of their own, so that callgrind's list names them.
[[gnu::noinline]] void ask(HookDoor& door, http::RequestReader& reader,
                           const std::shared_ptr<http::Inbox>& inbox, std::string_view bytes) {
    if (reader.take(bytes) != http::RequestReader::Progress::Complete) std::abort();
    HttpRequest request = std::move(reader.head().request);
    reader.reset();
    door.handle(std::move(request), http::Responder(std::make_shared<http::Responder::Impl>(
                                        inbox, std::weak_ptr<http::Peer>(), 1)));
}
[[gnu::noinline]] int answer(Answers& answers, int wanted) {
    return answers.take(wanted);
}

double cpuMicros() {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    const auto micros = [](const timeval& time) { return time.tv_sec * 1e6 + time.tv_usec; };
    return micros(used.ru_utime) + micros(used.ru_stime);
}

}  // namespace

int main(int argc, char** argv) {
    const std::string folder = argc > 1 ? argv[1] : ".";
    const int group = argc > 3 ? std::atoi(argv[3]) : 64;
    const int count = (argc > 2 ? std::atoi(argv[2]) : 64'000) / group * group;
    const std::string path = std::filesystem::absolute(folder).string() + "/callbacks_bench.db";
    const auto removeFiles = [&] {
        for (const char* suffix : {"", "-wal", "-shm", ".lock"}) std::filesystem::remove(path + suffix);
    };
    removeFiles();
    StoreOptions options;
    options.url = "sqlite://" + path;
    auto store = openStore(options);
    if (!store) return std::cerr << store.error().message << '\n', 1;

    const std::string secret = "bench-secret";
    std::vector<std::string> callbacks;
    for (int n = 0; n < count; ++n) callbacks.push_back(callback(n, secret));
    Gateway gateway(**store, secret);
    Answers answers;
    const http::ServerOptions http_options;
    http::RequestReader reader(http_options);

    int good = 0;
    const double before = cpuMicros();
    for (int begin = 0; begin < count; begin += group) {
        auto open = gateway.holdWriter();
        for (int n = begin; n < begin + group; ++n)
            ask(gateway.door(), reader, answers.inbox(), callbacks[static_cast<std::size_t>(n)]);
        open.set_value();
        good += answer(answers, group);
    }
    std::printf("RESULT callbacks=%d good=%d cpu_us=%.1f\n", count, good, (cpuMicros() - before) / count);
    (*store)->close();
    removeFiles();
    return good == count ? 0 : 1;
}
