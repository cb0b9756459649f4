#include "hub/mail/thread_tree.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "hub/model/mail_subject.h"

namespace signalbox {
namespace {

constexpr std::size_t kNone = static_cast<std::size_t>(-1);
constexpr std::int64_t kSubjectWindow = 30LL * 24 * 3600;
constexpr std::size_t kMaxDepth = 1000;

std::string folded(std::string_view id) {
    std::string out;
    for (const char c : id) {
        if (c == '<' || c == '>' || c == ' ' || c == '\t' || c == '\r' || c == '\n') continue;
        out.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c);
    }
    return out;
}

int digits(std::string_view text, std::size_t at, std::size_t count) {
    int value = 0;
    for (std::size_t i = at; i < at + count && i < text.size(); ++i) {
        if (text[i] < '0' || text[i] > '9') return 0;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

// Seconds since 1970 of an RFC 3339 date; 0 for none.
std::int64_t secondsOf(std::string_view date) {
    if (date.size() < 19) return 0;
    // Days from civil, Howard Hinnant's algorithm.
    std::int64_t year = digits(date, 0, 4);
    const int month = digits(date, 5, 2), day = digits(date, 8, 2);
    year -= month <= 2 ? 1 : 0;
    const std::int64_t era = year / 400;
    const std::int64_t year_of_era = year - era * 400;
    const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    const std::int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    std::int64_t seconds = (era * 146'097 + day_of_era - 719'468) * 86'400;
    seconds += digits(date, 11, 2) * 3600 + digits(date, 14, 2) * 60 + digits(date, 17, 2);
    const auto sign = date.find_first_of("+-", 19);
    if (sign != std::string_view::npos && date.size() >= sign + 6) {
        const int offset = digits(date, sign + 1, 2) * 3600 + digits(date, sign + 4, 2) * 60;
        seconds += date[sign] == '-' ? offset : -offset;
    }
    return seconds;
}

struct Container {
    std::string id;
    const ThreadMail* mail = nullptr;  // null: a placeholder
    std::size_t parent = kNone;
    std::size_t order = 0;
    std::int64_t date = 0;
    bool is_response = false;
    std::vector<std::size_t> children;
};

class Threader {
public:
    std::vector<ThreadNode> run(const std::vector<ThreadMail>& mails) {
        for (const ThreadMail& mail : mails) add(mail);
        for (const std::size_t at : with_mail_) link(at);
        for (const std::size_t at : with_mail_) splitBySubject(at);
        for (std::size_t i = 0; i < all_.size(); ++i) {
            if (all_[i].parent != kNone) all_[all_[i].parent].children.push_back(i);
        }
        prune();
        joinBySubject();
        std::vector<ThreadNode> trees;
        sort(roots_);
        for (const std::size_t root : roots_) trees.push_back(build(root, 0));
        return trees;
    }

private:
    std::size_t containerOf(const std::string& id) {
        const auto [it, is_new] = by_id_.emplace(folded(id), all_.size());
        if (is_new) {
            all_.push_back({id});
            all_.back().order = all_.size();
        }
        return it->second;
    }

    // The same mail in a second mailbox is the same mail.
    void add(const ThreadMail& mail) {
        const std::size_t at = containerOf(mail.id);
        if (all_[at].mail != nullptr) return;
        all_[at].mail = &mail;
        all_[at].id = mail.id;
        all_[at].date = secondsOf(mail.date);
        all_[at].is_response = parseSubject(mail.subject).is_response;
        with_mail_.push_back(at);
    }

    static std::vector<std::string> ancestorsOf(const ThreadMail& mail) {
        std::vector<std::string> ids = mail.references;
        const std::string parent = folded(mail.in_reply_to);
        if (parent.empty()) return ids;
        const bool is_known =
            std::any_of(ids.begin(), ids.end(), [&](const std::string& id) { return folded(id) == parent; });
        // It names the nearest, also when References forgot it.
        if (!is_known) ids.push_back(mail.in_reply_to);
        return ids;
    }

    bool isBelow(std::size_t node, std::size_t above) const {
        std::size_t steps = 0;
        for (; node != kNone && steps <= all_.size(); node = all_[node].parent, ++steps) {
            if (node == above) return true;
        }
        return node != kNone;
    }

    // The chain of References links those that have no parent yet; the last one becomes the parent of this
    // mail, also instead of an earlier guess.
    void link(std::size_t at) {
        std::size_t previous = kNone;
        for (const std::string& id : ancestorsOf(*all_[at].mail)) {
            if (folded(id).empty()) continue;
            const std::size_t next = containerOf(id);
            if (next == at) continue;
            if (previous != kNone && all_[next].parent == kNone && !isBelow(previous, next))
                all_[next].parent = previous;
            previous = next;
        }
        if (previous == kNone) return;
        if (isBelow(previous, at)) return;
        all_[at].parent = previous;
    }

    static std::string baseOf(const ThreadMail& mail) { return foldedBase(mail.subject); }

    // The nearest ancestor that is there.
    std::size_t realParent(std::size_t at) const {
        std::size_t parent = all_[at].parent;
        while (parent != kNone && all_[parent].mail == nullptr) parent = all_[parent].parent;
        return parent;
    }

    void splitBySubject(std::size_t at) {
        const std::size_t parent = realParent(at);
        if (parent == kNone) return;
        const std::string own = baseOf(*all_[at].mail), above = baseOf(*all_[parent].mail);
        if (!own.empty() && !above.empty() && own != above) all_[at].parent = kNone;
    }

    void prune() {
        for (std::size_t i = 0; i < all_.size(); ++i) {
            if (all_[i].parent == kNone) roots_.push_back(i);
        }
        std::vector<std::size_t> kept;
        for (const std::size_t root : roots_) {
            pruneBelow(root);
            Container& top = all_[root];
            if (top.mail != nullptr || top.children.size() > 1)
                kept.push_back(root);
            else if (top.children.size() == 1)
                kept.push_back(top.children.front());
        }
        roots_ = std::move(kept);
        for (const std::size_t root : roots_) all_[root].parent = kNone;
    }

    // Placeholders below the top give their children to whoever is above. Without recursion: chains are long.
    void pruneBelow(std::size_t root) {
        std::vector<std::size_t> order{root};
        for (std::size_t i = 0; i < order.size(); ++i) {
            for (const std::size_t child : all_[order[i]].children) order.push_back(child);
        }
        for (std::size_t i = order.size(); i-- > 0;) {
            Container& node = all_[order[i]];
            std::vector<std::size_t> kept;
            for (const std::size_t child : node.children) {
                if (all_[child].mail != nullptr) {
                    kept.push_back(child);
                    continue;
                }
                for (const std::size_t grand : all_[child].children) {
                    all_[grand].parent = order[i];
                    kept.push_back(grand);
                }
            }
            node.children = std::move(kept);
            if (node.mail == nullptr && !node.children.empty()) {
                node.date = all_[node.children.front()].date;
                for (const std::size_t child : node.children)
                    node.date = std::min(node.date, all_[child].date);
            }
        }
    }

    // Whoever answers took part before: to share an address with everybody is not enough, unless it is that
    // of a mailing list, whose members all take part.
    static bool isParticipant(const ThreadMail& answer, const ThreadMail& mail) {
        const std::string& sender = answer.sender;
        // Without addresses there is nothing to compare.
        if (sender.empty() || mail.participants.empty()) return true;
        if (!answer.list.empty() && folded(answer.list) == folded(mail.list)) return true;
        return std::any_of(mail.participants.begin(), mail.participants.end(),
                           [&](const std::string& address) { return folded(address) == folded(sender); });
    }

    // «Re: x» without references goes below the latest «x» before it that its sender took part in, within
    // 30 days.
    void joinBySubject() {
        std::map<std::string, std::vector<std::size_t>> by_base;
        for (const std::size_t at : with_mail_) {
            if (const std::string base = baseOf(*all_[at].mail); !base.empty()) by_base[base].push_back(at);
        }
        for (auto& [base, list] : by_base) {
            std::stable_sort(list.begin(), list.end(),
                             [&](std::size_t a, std::size_t b) { return all_[a].date < all_[b].date; });
        }
        std::vector<std::size_t> kept;
        for (const std::size_t root : roots_) {
            const ThreadMail* mail = all_[root].mail;
            const std::size_t parent = mail == nullptr ? kNone : subjectParent(root, by_base);
            if (parent == kNone) {
                kept.push_back(root);
                continue;
            }
            all_[root].parent = parent;
            all_[parent].children.push_back(root);
        }
        roots_ = std::move(kept);
    }

    std::size_t subjectParent(std::size_t root,
                              const std::map<std::string, std::vector<std::size_t>>& by_base) const {
        const ThreadMail& mail = *all_[root].mail;
        if (!mail.references.empty() || !mail.in_reply_to.empty() || !all_[root].is_response) return kNone;
        const auto it = by_base.find(baseOf(mail));
        if (it == by_base.end()) return kNone;
        // The mail that began it, else the latest answer.
        std::size_t best = kNone;
        for (const std::size_t other : it->second) {
            const bool is_start = !all_[other].is_response;
            if (other == root || (best != kNone && !is_start)) continue;
            const std::int64_t age = all_[root].date - all_[other].date;
            const bool is_dated = all_[root].date != 0 && all_[other].date != 0;
            if (is_dated && (age < 0 || age > kSubjectWindow)) continue;
            if (!is_dated && all_[other].order > all_[root].order && !is_start) continue;
            if (!isParticipant(mail, *all_[other].mail) || isBelow(other, root)) continue;
            best = other;
        }
        return best;
    }

    void sort(std::vector<std::size_t>& nodes) const {
        std::stable_sort(nodes.begin(), nodes.end(), [&](std::size_t a, std::size_t b) {
            if (all_[a].date != all_[b].date) return all_[a].date < all_[b].date;
            return all_[a].order < all_[b].order;
        });
    }

    // Deeper than anyone answers, the rest becomes siblings.
    ThreadNode build(std::size_t at, std::size_t depth) {
        ThreadNode node{all_[at].id, all_[at].mail == nullptr, {}};
        sort(all_[at].children);
        for (const std::size_t child : all_[at].children) {
            if (depth < kMaxDepth) {
                node.children.push_back(build(child, depth + 1));
                continue;
            }
            std::vector<std::size_t> rest{child};
            for (std::size_t i = 0; i < rest.size(); ++i) {
                node.children.push_back({all_[rest[i]].id, false, {}});
                rest.insert(rest.end(), all_[rest[i]].children.begin(), all_[rest[i]].children.end());
            }
        }
        return node;
    }

    std::vector<Container> all_;
    std::unordered_map<std::string, std::size_t> by_id_;
    std::vector<std::size_t> with_mail_, roots_;
};

}  // namespace

std::vector<ThreadNode> threadMails(const std::vector<ThreadMail>& mails) {
    return Threader().run(mails);
}

}  // namespace signalbox
