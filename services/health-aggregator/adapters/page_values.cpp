#include "health-aggregator/adapters/page_values.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "health_pages_web.hpp"
#include "http/url.hpp"
#include "pages/times.hpp"

namespace carillon::health {

using events::MessageEvent;
using events::Status;
using pages::Values;

namespace {

constexpr std::size_t reference_chars = 64;

Values values_of(const MessageView& message, bool full, UtcTime now) {
  Values values = object_values();
  const Status status = shown_status(message);
  values["id"] = message.message_id;
  values["at"] = pages::time_tag(message.accepted_at, now);
  values["template"] = message.facts.template_key.empty() ? "(unknown)" : message.facts.template_key;
  values["channel"] = channel_words(message.facts.channel);
  values["to"] = message.facts.recipient_masked.empty() ? "–" : message.facts.recipient_masked;
  values["status"] = status_words(status);
  values["tone"] = class_of(status_tone(status));
  values["provider"] = message.provider.empty() ? "–" : message.provider;
  values["took"] = took_text(message).empty() ? "–" : took_text(message);
  if (full) {
    values["full"] = Values{true};
    values["client"] = message.facts.client_id.empty() ? "–" : message.facts.client_id;
    values["short_id"] = message.message_id.substr(message.message_id.size() - 8);
  }
  return values;
}

}  // namespace

std::string_view page_file(std::string_view path) {
  for (const auto& one : health_pages::files) {
    if (one.path == path) return one.bytes;
  }
  throw std::logic_error("services/health-aggregator/web lacks " + std::string(path));
}

std::string fragment(std::string_view path, Values values) {
  kainjow::mustache::mustache parsed{std::string(page_file(path))};
  if (!parsed.is_valid()) throw std::logic_error("a page's template is broken: " + parsed.error_message());
  return parsed.render(values);
}

Values list_values() {
  return Values{Values::type::list};
}

Values object_values() {
  return Values{Values::type::object};
}

const char* class_of(Tone tone) {
  if (tone == Tone::WELL) return "good";
  return tone == Tone::NOTICE ? "warn" : "bad";
}

std::string took_text(const MessageView& message) {
  for (const MessageEvent& event : message.history) {
    if (!is_final(event.status) || !event.occurred_at) continue;
    const auto took = std::chrono::duration<double>(*event.occurred_at - message.accepted_at).count();
    if (took < 0) return "";
    if (took < 0.1) return "< 0.1 s";
    return took < 60 ? fmt::format("{:.1f} s", took)
                     : pages::span_text(std::chrono::seconds{static_cast<std::int64_t>(took)});
  }
  return "";
}

std::string message_rows(const std::vector<MessageView>& messages, bool full, UtcTime now) {
  Values list = list_values();
  for (const MessageView& message : messages) list << values_of(message, full, now);
  Values values = object_values();
  values["messages"] = std::move(list);
  return fragment("message_rows.mustache", std::move(values));
}

bool is_reference(std::string_view text) {
  return text.size() == reference_chars && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string link_to(std::string_view path, const std::vector<std::pair<std::string, std::string>>& query) {
  http::Fields given;
  for (const auto& [name, value] : query) {
    if (!value.empty()) given.emplace_back(name, value);
  }
  return given.empty() ? std::string(path) : std::string(path) + "?" + http::form_encoded(given);
}

}  // namespace carillon::health
