// Asks the index, in the shape of the API. Any thread; throws StoreError.
#pragma once

#include <string>

#include "base/json.h"
#include "hub/access/visibility.h"
#include "hub/accounts/accounts.h"
#include "hub/search/index.h"

namespace signalbox::search {

enum class Order { Newest, Best };

struct SearchRequest {
    Query query;
    Order order = Order::Newest;
    std::size_t limit = 50;
    std::string cursor;  // "" or the `next` of the page before
    Id reader = 0;       // whose read marks `is_unread` is about
};

struct SearchPage {
    Json items = Json::array();
    std::string next;  // "" on the last page
};

class Search {
public:
    Search(Store& store, const Accounts& accounts) : store_(store), accounts_(accounts), index_(store) {}

    // Newest: all that matches, page for page. A page may hold fewer items than asked for, or none, and still
    // have a `next`: of one page at most 20,000 matches are looked at for filters that change (status, agent
    // …). Best: of the newest 1,000 matches those whose words fit best. Nothing beyond `view` is found.
    // Invalid: a cursor that is none.
    Result<SearchPage> find(const Visibility& view, const SearchRequest& request) const;

private:
    Store& store_;
    const Accounts& accounts_;
    const Index index_;
};

}  // namespace signalbox::search
