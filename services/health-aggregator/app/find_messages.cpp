#include "health-aggregator/app/find_messages.hpp"

#include <algorithm>
#include <map>

#include "health-aggregator/core/metadata_json.hpp"
#include "health-aggregator/core/page_cursor.hpp"
#include "health_sql.hpp"
#include "values/recipient.hpp"

namespace carillon::health {

using events::MessageEvent;
using events::Status;

namespace {

constexpr int rows_of_a_message = 4;
constexpr std::string_view beyond_all_ids = "ffffffff-ffff-ffff-ffff-ffffffffffff";

std::optional<UtcTime> optional_time(const pqxx::field& field) {
  if (field.is_null()) return std::nullopt;
  return pg::to_utc(field.c_str());
}

MessageEvent event_of(const pqxx::row& row) {
  MessageEvent event;
  event.message_id = row["message_id"].c_str();
  event.status = static_cast<Status>(row["status"].as<int>());
  event.attempt = row["attempt"].as<int>();
  event.occurred_at = pg::to_utc(row["occurred_at"].c_str());
  event.template_key = row["template_key"].c_str();
  event.template_version = row["template_version"].as<int>();
  event.channel = static_cast<events::Channel>(row["channel"].as<int>());
  event.priority = static_cast<events::Priority>(row["priority"].as<int>());
  event.client_id = row["client_id"].c_str();
  event.recipient_masked = row["recipient_masked"].c_str();
  event.recipient_hash = row["recipient_hash"].c_str();
  event.recipient = row["recipient"].c_str();
  event.provider = row["provider"].c_str();
  event.provider_message_id = row["provider_message_id"].c_str();
  event.round = row["round"].as<int>();
  event.reason = row["reason"].c_str();
  event.provider_code = row["provider_code"].c_str();
  event.detail = row["detail"].c_str();
  event.latency_ms = row["latency_ms"].as<int>();
  event.sms_segments = row["sms_segments"].as<int>();
  event.extra_call = row["extra_call"].as<bool>();
  event.source = row["source"].c_str();
  event.accepted_at = optional_time(row["accepted_at"]);
  event.next_attempt_at = optional_time(row["next_attempt_at"]);
  if (!row["metadata"].is_null()) event.metadata = read_metadata(row["metadata"].c_str());
  return event;
}

// Views by id; ids of which nothing is left are absent.
template <class Session>
std::map<std::string, MessageView> views_of(Session& session, const std::vector<std::string>& ids) {
  pg::Array wanted;
  for (const std::string& id : ids) wanted.add(id);
  std::map<std::string, std::vector<MessageEvent>> histories;
  for (const auto& row : session.run(health_sql::message_history, pg::Params().add(std::move(wanted)))) {
    MessageEvent event = event_of(row);
    histories[event.message_id].push_back(std::move(event));
  }
  std::map<std::string, MessageView> views;
  for (auto& [id, history] : histories) views.emplace(id, view_of(std::move(history)));
  return views;
}

template <class T>
void add_or_null(pg::Params& params, const std::optional<T>& value) {
  if (!value) {
    params.add_null();
  } else if constexpr (std::is_enum_v<T>) {
    params.add(static_cast<int>(*value));
  } else {
    params.add(*value);
  }
}

bool is_exception(Status status) {
  return status != Status::QUEUED && status != Status::SENT && status != Status::DELIVERED;
}

// Which index leads: the one that leaves the fewest messages as a rule.
const char* lead_of(const MessageFilter& filter) {
  if (filter.recipient || !filter.recipient_hashes.empty()) return "recipient";
  if (filter.client_id) return "client";
  if (filter.status && is_exception(*filter.status)) return "status";
  if (filter.template_key) return "template";
  return filter.provider ? "provider" : "id";
}

struct Candidates {
  std::vector<std::string> fitting;  // newest first; by what is logged, not yet by the state they are in now
  std::string lowest;                // the last one that was looked at
  bool more = false;                 // there may be others below it
};

Candidates read_candidates(pg::Transaction& tx, const MessageFilter& filter, const std::vector<std::string>& references,
                           const std::string& below, int rows) {
  pg::Params params;
  params.add(below).add(filter.from ? least_message_id(*filter.from) : least_message_id(UtcTime{}));
  add_or_null(params, filter.channel);
  add_or_null(params, filter.template_key);
  add_or_null(params, filter.client_id);
  if (references.empty()) {
    params.add_null();
  } else {
    pg::Array hashes;
    for (const std::string& reference : references) hashes.add(reference);
    params.add(std::move(hashes));
  }
  add_or_null(params, filter.status);
  add_or_null(params, filter.provider);
  params.add(lead_of(filter)).add(rows);
  Candidates candidates;
  for (const auto& row : tx.run(health_sql::message_candidates, params)) {
    candidates.lowest = row["message_id"].c_str();
    candidates.more = row["more"].as<bool>();
    if (row["fits"].as<bool>()) candidates.fitting.push_back(candidates.lowest);
  }
  return candidates;
}

}  // namespace

std::optional<MessageView> find_message(pg::Connection& connection, const std::string& message_id) {
  auto views = views_of(connection, {message_id});
  if (views.empty()) return std::nullopt;
  return std::move(views.begin()->second);
}

std::vector<std::string> references_of(const std::string& recipient, const security::Sealer& sealer) {
  const auto email = parse_email(recipient);
  const auto url = parse_webhook_url(recipient);
  const std::string& normal = email ? *email : url ? *url : recipient;
  std::vector<std::string> references = sealer.older_references(normal);
  references.push_back(sealer.reference(normal));
  return references;
}

Result<MessagePage> find_messages(pg::Connection& connection, const MessageFilter& filter,
                                  const security::Sealer& sealer) {
  std::string below = filter.to ? least_message_id(*filter.to) : std::string(beyond_all_ids);
  if (filter.cursor) {
    auto cursor = read_message_cursor(*filter.cursor);
    if (!cursor) return cursor.error();
    below = std::min(below, *cursor);
  }
  const std::vector<std::string> references =
      filter.recipient ? references_of(*filter.recipient, sealer) : filter.recipient_hashes;
  MessagePage page;
  const auto limit = static_cast<std::size_t>(filter.limit);
  pg::Transaction tx(connection);
  tx.run(health_sql::search_settings);
  int rows = (filter.limit + 1) * rows_of_a_message, rows_left = page_rows_max;
  std::size_t views_left = page_views_max;
  for (;;) {
    rows = std::min(rows, rows_left);
    rows_left -= rows;
    const Candidates candidates = read_candidates(tx, filter, references, below, rows);
    auto next = candidates.fitting.begin();
    while (next != candidates.fitting.end()) {
      const auto wanted = std::min(
          {limit - page.messages.size(), views_left, static_cast<std::size_t>(candidates.fitting.end() - next)});
      if (wanted == 0) {
        page.next_cursor = message_cursor(below);
        return page;
      }
      const std::vector<std::string> ids(next, next + static_cast<std::ptrdiff_t>(wanted));
      next += static_cast<std::ptrdiff_t>(wanted);
      views_left -= wanted;
      below = ids.back();
      auto views = views_of(tx, ids);
      for (const std::string& id : ids) {
        const auto view = views.find(id);
        if (view == views.end()) continue;
        const MessageView& found = view->second;
        if (filter.status && found.status != *filter.status && found.delivery_status != *filter.status) continue;
        page.messages.push_back(std::move(view->second));
      }
    }
    if (!candidates.more) return page;
    below = candidates.lowest;
    if (page.messages.size() == limit || rows_left == 0 || views_left == 0) {
      page.next_cursor = message_cursor(below);
      return page;
    }
    rows *= 4;
  }
}

}  // namespace carillon::health
