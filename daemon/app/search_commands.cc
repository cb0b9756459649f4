#include "daemon/app/search_commands.h"

namespace signalbox {

Result<std::size_t> rebuildSearch(const AppOptions& options) {
    auto store = openStore(options.store);
    if (!store) return store.error();
    try {
        SystemClock clock;
        std::size_t count = 0;
        {
            EventLog log(**store, clock);
            count = search::Indexer(**store, clock, log).rebuild();
            (*store)->close();  // tells the log of its last commit: before the log goes
        }
        return count;
    } catch (const std::exception& failure) {
        (*store)->close();
        return Error{ErrorKind::Unavailable, std::string("search rebuild: ") + failure.what()};
    }
}

}  // namespace signalbox
