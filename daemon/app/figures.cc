// What the daemon tells of itself: readiness, metrics, the status page.
#include "daemon/app/app.h"
#include "hub/ingest/housekeeping.h"

namespace signalbox {
namespace {

double number(const std::atomic<std::uint64_t>& value) {
    return static_cast<double>(value.load());
}

}  // namespace

std::vector<std::string> App::reasonsNotReady() const {
    std::vector<std::string> reasons;
    if (!is_started_) reasons.push_back("starting");
    if (is_stopping_) reasons.push_back("stopping");
    if (const auto health = store_->health(); !health)
        reasons.push_back("database: " + health.error().message);
    return reasons;
}

std::vector<api::Figure> App::figures() {
    std::vector<api::Figure> out;
    const auto counter = [&](std::string name, std::string help, double value,
                             std::vector<std::pair<std::string, std::string>> labels = {}) {
        out.push_back({std::move(name), std::move(help), true, value, std::move(labels)});
    };
    const auto gauge = [&](std::string name, std::string help, double value,
                           std::vector<std::pair<std::string, std::string>> labels = {}) {
        out.push_back({std::move(name), std::move(help), false, value, std::move(labels)});
    };
    const HookStats& hooks = door_->stats();
    const std::string callbacks = "signalbox_callbacks_total",
                      callbacks_help = "Callbacks of providers by outcome.";
    counter(callbacks, callbacks_help, number(hooks.acknowledged), {{"outcome", "acknowledged"}});
    counter(callbacks, callbacks_help, number(hooks.refused), {{"outcome", "refused"}});
    counter(callbacks, callbacks_help, number(hooks.deferred), {{"outcome", "deferred"}});
    counter(callbacks, callbacks_help, number(hooks.unknown_account), {{"outcome", "unknown_account"}});
    counter("signalbox_callbacks_duplicate_total", "Callbacks that told nothing new.",
            number(hooks.duplicates));
    counter("signalbox_callbacks_quarantined_total", "Callbacks kept because they were not understood.",
            number(hooks.quarantined));

    const auto engine = engine_->stats();
    counter("signalbox_runs_started_total", "Workflow runs started.",
            static_cast<double>(engine.runs_started));
    const std::string ended = "signalbox_runs_ended_total", ended_help = "Workflow runs ended, by outcome.";
    counter(ended, ended_help, static_cast<double>(engine.runs_succeeded), {{"outcome", "succeeded"}});
    counter(ended, ended_help, static_cast<double>(engine.runs_failed), {{"outcome", "failed"}});
    counter("signalbox_walks_total", "Walks of runs between waits.", static_cast<double>(engine.walks));
    gauge("signalbox_consumer_lag", "Events a consumer has not worked off.",
          static_cast<double>(log_->head() - engine.offset), {{"consumer", "workflow"}});
    gauge("signalbox_log_head", "Offset of the newest event.", static_cast<double>(log_->head()));

    const auto delivery = dispatcher_->health();
    const std::string outbox = "signalbox_outbox_rows",
                      outbox_help = "Rows of the outbox that are not over, by state.";
    gauge(outbox, outbox_help, static_cast<double>(delivery.figures.pending), {{"state", "pending"}});
    gauge(outbox, outbox_help, static_cast<double>(delivery.figures.dead), {{"state", "dead"}});
    gauge(outbox, outbox_help, static_cast<double>(delivery.figures.uncertain), {{"state", "uncertain"}});
    gauge(outbox, outbox_help, static_cast<double>(delivery.figures.blocked), {{"state", "blocked"}});
    gauge("signalbox_outbox_oldest_pending_seconds", "Age of the oldest row that still waits.",
          static_cast<double>(delivery.oldest_pending_age.value_or(std::chrono::seconds{0}).count()));

    const auto server = server_->stats();
    counter("signalbox_http_requests_total", "HTTP requests.", static_cast<double>(server.requests_total));
    counter("signalbox_http_refused_total", "HTTP requests refused by framing, limits or time-outs.",
            static_cast<double>(server.refused_total));
    gauge("signalbox_http_connections", "Open connections.", static_cast<double>(server.connections_open));
    gauge("signalbox_feed_watchers", "Open live feeds.", static_cast<double>(feed_->watchers()));
    gauge("signalbox_store_queued_jobs", "Writes that wait for the writer.",
          static_cast<double>(store_->queued()));
    gauge("signalbox_ready", "1 when callbacks and calls are taken.", reasonsNotReady().empty() ? 1 : 0);
    return out;
}

Json App::status() {
    const auto delivery = dispatcher_->health();
    const auto engine = engine_->stats();
    const std::int64_t head = log_->head();
    std::int64_t blocked = 0, waiting = 0;
    store_->read([&](Reader& reader) {
        blocked = reader.query("SELECT COUNT(*) FROM accounts WHERE state = 'blocked'").at(0).integer(0);
        // A run that waits for whatever is woken at its deadline at the latest.
        waiting = reader.query("SELECT COUNT(*) FROM runs WHERE wake_at IS NOT NULL").at(0).integer(0);
    });
    const std::string kind = options_.store.url.starts_with("sqlite") ? "sqlite" : "postgresql";
    const auto queue = [](const char* name, std::size_t length, std::size_t capacity) {
        return Json{{"name", name}, {"length", length}, {"capacity", capacity}};
    };
    return {{"version", options_.version},
            {"database", {{"kind", kind}}},
            {"log",
             {{"head", head},
              {"consumers",
               {{{"name", "workflow"}, {"offset", engine.offset}, {"behind", head - engine.offset}}}}}},
            {"queues",
             {queue("requests", requests_->queued(), options_.queued_requests),
              queue("writes", store_->queued(), options_.store.queue_capacity)}},
            {"counts",
             {{"outbox_pending", delivery.figures.pending},
              {"dead_letters", delivery.figures.dead},
              {"uncertain", delivery.figures.uncertain},
              {"blocked", delivery.figures.blocked},
              {"quarantined", countQuarantined(*store_)},
              {"runs_waiting", waiting},
              {"events_in_flight", engine.events_in_flight},
              {"watchers", feed_->watchers()}}},
            {"accounts", {{"configured", accounts_.all().size()}, {"blocked", blocked}}}};
}

}  // namespace signalbox
