// A credential in memory. It prints as *** wherever it is printed, is compared in constant time and wiped
// when it goes. Only `reveal` gives the text, so that `grep reveal` lists every place a secret leaves.
#pragma once

#include <ostream>
#include <string>

namespace signalbox {

class Secret {
public:
    Secret() = default;
    explicit Secret(std::string text) : text_(std::move(text)) {}
    Secret(const Secret&) = default;
    Secret(Secret&&) noexcept = default;
    Secret& operator=(const Secret&) = default;
    Secret& operator=(Secret&&) noexcept = default;
    ~Secret();

    const std::string& reveal() const { return text_; }
    bool empty() const { return text_.empty(); }

    friend std::ostream& operator<<(std::ostream& out, const Secret&) { return out << "***"; }

private:
    std::string text_;
};

}  // namespace signalbox
