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
std::map<std::string, MessageView> views_of(pg::Connection& connection, const std::vector<std::string>& ids) {
  pg::Array wanted;
  for (const std::string& id : ids) wanted.add(id);
  std::map<std::string, std::vector<MessageEvent>> histories;
  for (const auto& row : connection.run(health_sql::message_history, pg::Params().add(std::move(wanted)))) {
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

std::vector<std::string> candidates(pg::Connection& connection, const MessageFilter& filter,
                                    const std::optional<std::string>& recipient_hash, const std::string& below,
                                    int count) {
  pg::Params params;
  params.add(below).add(filter.from ? least_message_id(*filter.from) : least_message_id(UtcTime{}));
  add_or_null(params, filter.channel);
  add_or_null(params, filter.template_key);
  add_or_null(params, filter.client_id);
  add_or_null(params, recipient_hash);
  add_or_null(params, filter.status);
  add_or_null(params, filter.provider);
  params.add(count);
  const bool by_exception = filter.status && is_exception(*filter.status);
  std::vector<std::string> ids;
  for (const auto& row :
       connection.run(by_exception ? health_sql::message_page_exceptions : health_sql::message_page, params)) {
    ids.emplace_back(row[0].c_str());
  }
  return ids;
}

}  // namespace

std::string reference_of(const std::string& recipient, const security::Sealer& sealer) {
  if (const auto email = parse_email(recipient)) return sealer.reference(*email);
  const auto url = parse_webhook_url(recipient);
  return sealer.reference(url ? *url : recipient);
}

std::optional<MessageView> find_message(pg::Connection& connection, const std::string& message_id) {
  auto views = views_of(connection, {message_id});
  if (views.empty()) return std::nullopt;
  return std::move(views.begin()->second);
}

Result<MessagePage> find_messages(pg::Connection& connection, const MessageFilter& filter,
                                  const security::Sealer& sealer) {
  std::string below = filter.to ? least_message_id(*filter.to) : std::string(beyond_all_ids);
  if (filter.cursor) {
    auto cursor = read_message_cursor(*filter.cursor);
    if (!cursor) return cursor.error();
    below = std::min(below, *cursor);
  }
  std::optional<std::string> recipient_hash = filter.recipient_hash;
  if (filter.recipient) recipient_hash = reference_of(*filter.recipient, sealer);
  MessagePage page;
  const auto limit = static_cast<std::size_t>(filter.limit);
  for (int seen = 0; page.messages.size() < limit && seen < page_candidates_max;) {
    // One more than fits tells whether there is a next page.
    const auto ids = candidates(connection, filter, recipient_hash, below, filter.limit + 1);
    auto views = views_of(connection, ids);
    const bool more = ids.size() > limit;
    bool full_before_end = false;
    for (std::size_t i = 0; i < std::min(ids.size(), limit) && !full_before_end; ++i) {
      below = ids[i];
      ++seen;
      const auto view = views.find(ids[i]);
      if (view == views.end()) continue;
      const MessageView& found = view->second;
      if (filter.status && found.status != *filter.status && found.delivery_status != *filter.status) continue;
      page.messages.push_back(std::move(view->second));
      full_before_end = page.messages.size() == limit && i + 1 < ids.size();
    }
    if (!more && !full_before_end) return page;
  }
  page.next_cursor = message_cursor(below);
  return page;
}

}  // namespace carillon::health
