#include "tests/support/mail_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <stdexcept>
#include <thread>

namespace signalbox {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr const char* kDovecot = "/usr/sbin/dovecot";
constexpr const char* kPostfixMaster = "/usr/lib/postfix/sbin/master";

bool isRoot() {
    return ::geteuid() == 0;
}

struct User {
    std::string name, group;
    uid_t uid = 0;
    gid_t gid = 0;
};

// Whose the mailboxes are: as root nobody's who matters, else ours.
User mailUser() {
    const passwd* entry = isRoot() ? ::getpwnam("mail") : ::getpwuid(::geteuid());
    if (entry == nullptr) throw std::runtime_error("mail server: no user for the mailboxes");
    const uid_t uid = entry->pw_uid;
    const gid_t gid = entry->pw_gid;
    std::string name = entry->pw_name;
    const group* own = ::getgrgid(gid);
    return {name, own != nullptr ? own->gr_name : name, uid, gid};
}

pid_t spawn(const std::vector<std::string>& command, const std::string& log) {
    std::vector<char*> words;
    for (const auto& word : command) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    const pid_t child = ::fork();
    if (child != 0) return child;
    const int output = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    ::execv(words[0], words.data());
    ::_exit(127);
}

int waitFor(pid_t child) {
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void stopGently(pid_t& process) {
    if (process <= 0) return;
    ::kill(process, SIGTERM);
    const auto until = std::chrono::steady_clock::now() + 5s;
    int status = 0;
    while (::waitpid(process, &status, WNOHANG) == 0) {
        if (std::chrono::steady_clock::now() > until) {
            ::kill(process, SIGKILL);
            ::waitpid(process, &status, 0);
            break;
        }
        std::this_thread::sleep_for(10ms);
    }
    process = -1;
}

// The server and whatever it has started: they share its process group.
void killAll(pid_t& process) {
    if (process <= 0) return;
    ::kill(-process, SIGKILL);
    ::kill(process, SIGKILL);
    int status = 0;
    ::waitpid(process, &status, 0);
    process = -1;
}

void waitForPort(int port, const std::string& log, pid_t process) {
    const auto until = std::chrono::steady_clock::now() + 60s;
    while (std::chrono::steady_clock::now() < until) {
        const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(port));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const bool is_open = ::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
        ::close(fd);
        if (is_open) return;
        int status = 0;
        if (::waitpid(process, &status, WNOHANG) == process) break;
        std::this_thread::sleep_for(20ms);
    }
    std::ifstream in(log);
    const std::string text((std::istreambuf_iterator<char>(in)), {});
    throw std::runtime_error("mail server does not start: " + text);
}

void write(const std::string& file, const std::string& text) {
    std::ofstream(file) << text;
}

void give(const fs::path& path, const User& user) {
    if (isRoot() && ::chown(path.c_str(), user.uid, user.gid) != 0)
        throw std::runtime_error("mail server: cannot hand over " + path.string());
}

void makeMaildir(const fs::path& dir, const User& user) {
    for (const char* part : {"cur", "new", "tmp"}) fs::create_directories(dir / part);
    for (const char* part : {"", "cur", "new", "tmp"}) give(dir / part, user);
    give(dir.parent_path(), user);
}

}  // namespace

int freePort() {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    if (::bind(fd, reinterpret_cast<sockaddr*>(&address), length) != 0 ||
        ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) != 0)
        throw std::runtime_error("no free port");
    ::close(fd);
    return ntohs(address.sin_port);
}

bool DovecotServer::isInstalled() {
    return fs::exists(kDovecot) && fs::exists("/usr/lib/dovecot/imap");
}

DovecotServer::DovecotServer(std::vector<std::string> users, MailServerOptions options)
    : options_(std::move(options)), imap_port_(freePort()), imaps_port_(freePort()) {
    fs::permissions(folder_.path(), fs::perms(0755));
    fs::create_directories(folder_.file("mail"));
    for (const std::string& user : users) makeMaildir(maildir(user), mailUser());
    writeConfig();
    start();
}

DovecotServer::~DovecotServer() {
    stopGently(process_);
}

void DovecotServer::start() {
    const std::string log = folder_.file("output");
    process_ = spawn({kDovecot, "-F", "-c", folder_.file("dovecot.conf")}, log);
    waitForPort(imap_port_, log, process_);
}

void DovecotServer::kill() {
    stopGently(process_);
}

void DovecotServer::kill9() {
    killAll(process_);
}

std::string DovecotServer::log() const {
    std::ifstream in(folder_.file("log"));
    return {(std::istreambuf_iterator<char>(in)), {}};
}

void DovecotServer::renumber(const std::string& user, const std::string& folder) {
    const fs::path dir = folder.empty() ? fs::path(maildir(user)) : fs::path(maildir(user)) / ("." + folder);
    std::vector<fs::path> known;
    for (const auto& entry : fs::directory_iterator(dir)) {
        const std::string name = entry.path().filename().string();
        if (name == "dovecot-uidlist" || name.starts_with("dovecot.index")) known.push_back(entry.path());
    }
    for (const fs::path& file : known) fs::remove(file);
}

void DovecotServer::setPassword(const std::string& password) {
    password_ = password;
    writeConfig();
}

void DovecotServer::writeConfig() {
    const User user = mailUser();
    const std::string folder = folder_.path().string();
    std::string tls = "ssl = no\n", tokens;
    if (options_.tls != nullptr) {
        write(folder_.file("certificate.pem"), options_.tls->certificatePem());
        write(folder_.file("key.pem"), options_.tls->keyPem());
        tls = "ssl = yes\nssl_cert = <" + folder + "/certificate.pem\nssl_key = <" + folder + "/key.pem\n";
    }
    if (!options_.token_info_url.empty()) {
        write(folder_.file("oauth2.conf"),
              "tokeninfo_url = " + options_.token_info_url + "\nusername_attribute = email\n");
        tokens = "passdb {\n  driver = oauth2\n  mechanisms = xoauth2 oauthbearer\n  args = " + folder +
                 "/oauth2.conf\n}\n";
    }
    const std::string mechanisms = options_.token_info_url.empty() ? "plain login" : "plain login xoauth2";
    std::string config =
        "base_dir = " + folder + "/run\nstate_dir = " + folder + "/state\nlog_path = " + folder +
        "/log\nprotocols = imap\nlisten = 127.0.0.1\n" + tls +
        "disable_plaintext_auth = no\nauth_mechanisms = " + mechanisms +
        "\nmail_location = maildir:~/Maildir\nfirst_valid_uid = 1\n"
        "first_valid_gid = 1\nmail_max_userip_connections = 1000\ndefault_vsz_limit = 1G\n" +
        tokens + "passdb {\n  driver = static\n  mechanisms = plain login\n  args = password=" + password_ +
        "\n}\nuserdb {\n  driver = static\n  args = uid=" + std::to_string(user.uid) +
        " gid=" + std::to_string(user.gid) + " home=" + folder +
        "/mail/%n\n}\n"
        "namespace inbox {\n  inbox = yes\n  mailbox Sent {\n    special_use = \\Sent\n    auto = create\n  "
        "}\n"
        "  mailbox Trash {\n    special_use = \\Trash\n    auto = create\n  }\n}\n"
        "service imap-login {\n  chroot =\n  process_min_avail = 1\n  service_count = 0\n"
        "  client_limit = 2000\n  inet_listener imap {\n    port = " +
        std::to_string(imap_port_) + "\n  }\n  inet_listener imaps {\n    ssl = yes\n    port = " +
        std::to_string(options_.tls == nullptr ? 0 : imaps_port_) +
        "\n  }\n}\nservice imap {\n  process_limit = 1024\n}\n"
        "service anvil {\n  chroot =\n  client_limit = 3000\n}\nservice auth {\n  client_limit = 4000\n  "
        "unix_listener " +
        folder +
        "/login {\n    mode = 0666\n  }\n}\n"
        "service stats {\n  chroot =\n}\n";
    if (!isRoot()) {
        config += "default_internal_user = " + user.name + "\ndefault_login_user = " + user.name +
                  "\ndefault_internal_group = " + user.group + "\n";
    }
    write(folder_.file("dovecot.conf"), config);
}

void DovecotServer::deliver(const std::string& user, const std::string& mail, const std::string& folder) {
    const User owner = mailUser();
    fs::path dir = maildir(user);
    if (!folder.empty()) {
        dir /= "." + folder;
        makeMaildir(dir, owner);
    }
    const std::string name = std::to_string(::getpid()) + "." + std::to_string(++delivered_) + ".test";
    write((dir / "tmp" / name).string(), mail);
    give(dir / "tmp" / name, owner);
    fs::rename(dir / "tmp" / name, dir / "new" / name);
}

bool PostfixServer::isInstalled() {
    return fs::exists(kPostfixMaster) && isRoot();
}

// With TLS, logins are asked for and Dovecot knows who is who.
std::string PostfixServer::tlsConfig(const DovecotServer& dovecot) const {
    const Certificate* certificate = dovecot.options().tls;
    if (certificate == nullptr) return "";
    write(folder_.file("etc/certificate.pem"), certificate->keyPem() + certificate->certificatePem());
    return "smtpd_tls_chain_files = " + folder_.file("etc/certificate.pem") +
           "\nsmtpd_tls_security_level = may\nsmtpd_tls_auth_only = yes\nsmtpd_sasl_auth_enable = yes\n"
           "smtpd_sasl_type = dovecot\nsmtpd_sasl_path = " +
           dovecot.loginSocket() + "\n";
}

PostfixServer::PostfixServer(const DovecotServer& dovecot, const std::string& domain,
                             const std::vector<std::string>& users)
    : smtp_port_(freePort()), smtps_port_(freePort()) {
    const User owner = mailUser();
    const std::string folder = folder_.path().string();
    fs::permissions(folder_.path(), fs::perms(0755));
    for (const char* part : {"etc", "queue", "data"}) fs::create_directories(folder_.file(part));
    if (const passwd* postfix = ::getpwnam("postfix");
        postfix == nullptr || ::chown(folder_.file("data").c_str(), postfix->pw_uid, postfix->pw_gid) != 0)
        throw std::runtime_error("postfix: cannot hand over its data folder");
    const std::string base = fs::path(dovecot.maildir("x")).parent_path().parent_path().string();
    std::string mailboxes;
    for (const std::string& user : users) mailboxes += user + "@" + domain + " " + user + "/Maildir/\n";
    write(folder_.file("etc/mailboxes"), mailboxes);
    write(folder_.file("etc/transport"), "bounce.test error:5.1.1 there is no such person\n");
    write(folder_.file("etc/main.cf"),
          "compatibility_level = 3.6\nqueue_directory = " + folder + "/queue\ndata_directory = " + folder +
              "/data\ndaemon_directory = /usr/lib/postfix/sbin\ncommand_directory = /usr/sbin\n"
              "mail_owner = postfix\nsetgid_group = postdrop\ninet_interfaces = 127.0.0.1\n"
              "inet_protocols = ipv4\nmyhostname = mail." +
              domain +
              "\nmydestination =\nmynetworks = 127.0.0.0/8\nrelay_domains = bounce.test\n"
              "smtpd_reject_unlisted_recipient = no\nvirtual_mailbox_domains = " +
              domain + "\nvirtual_mailbox_base = " + base + "\nvirtual_mailbox_maps = texthash:" + folder +
              "/etc/mailboxes\nvirtual_uid_maps = static:" + std::to_string(owner.uid) +
              "\nvirtual_gid_maps = static:" + std::to_string(owner.gid) +
              "\nvirtual_minimum_uid = 1\ntransport_maps = texthash:" + folder +
              "/etc/transport\nmaillog_file_prefixes = " + folder + "\nmaillog_file = " + folder +
              "/maillog\nalias_maps =\nalias_database =\nsmtpd_recipient_restrictions = "
              "check_recipient_access texthash:" +
              folder + "/etc/answers, " +
              (dovecot.options().tls == nullptr ? "permit_mynetworks" : "permit_sasl_authenticated") +
              ", reject\n"
              "biff = no\nqueue_run_delay = 5s\nminimal_backoff_time = 5s\n" +
              tlsConfig(dovecot));
    const std::string on_tls =
        "127.0.0.1:" + std::to_string(smtps_port_) + " inet n - n - - smtpd -o smtpd_tls_wrappermode=yes\n";
    write(folder_.file("etc/master.cf"),
          "127.0.0.1:" + std::to_string(smtp_port_) + " inet n - n - - smtpd\n" +
              (dovecot.options().tls == nullptr ? "" : on_tls) +
              "tlsmgr unix - - n 1000? 1 tlsmgr\n"
              "pickup unix n - n 60 1 pickup\ncleanup unix n - n - 0 cleanup\nqmgr unix n - n 300 1 qmgr\n"
              "rewrite unix - - n - - trivial-rewrite\nbounce unix - - n - 0 bounce\n"
              "defer unix - - n - 0 bounce\ntrace unix - - n - 0 bounce\nverify unix - - n - 1 verify\n"
              "error unix - - n - - error\nretry unix - - n - - error\nvirtual unix - n n - - virtual\n"
              "smtp unix - - n - - smtp\nrelay unix - - n - - smtp\nanvil unix - - n - 1 anvil\n"
              "proxymap unix - - n - - proxymap\npostlog unix-dgram n - n - 1 postlogd\n"
              "showq unix n - n - - showq\nflush unix n - n 1000? 0 flush\n");
    answerRecipients({});
    waitFor(spawn({"/usr/sbin/postfix", "-c", folder_.file("etc"), "check"}, folder_.file("output")));
    start();
}

void PostfixServer::answerRecipients(const std::vector<std::pair<std::string, std::string>>& answers) {
    std::string table;
    for (const auto& [address, answer] : answers) table += address + " " + answer + "\n";
    write(folder_.file("etc/answers"), table);
    if (process_ > 0) ::kill(process_, SIGHUP);
}

void PostfixServer::kill9() {
    killAll(process_);
}

void PostfixServer::start() {
    const std::string log = folder_.file("output");
    process_ = spawn({kPostfixMaster, "-c", folder_.file("etc"), "-d"}, log);
    waitForPort(smtp_port_, log, process_);
}

PostfixServer::~PostfixServer() {
    stopGently(process_);
}

}  // namespace signalbox
