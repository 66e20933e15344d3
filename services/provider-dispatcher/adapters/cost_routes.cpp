#include "provider-dispatcher/adapters/cost_routes.hpp"

#include "provider-dispatcher/adapters/spend_store.hpp"

namespace carillon::dispatcher {

namespace {

// Members of one JSON object, in the order added.
class Members {
 public:
  explicit Members(std::string& out) : out_(out) { out_ += '{'; }
  ~Members() { out_ += '}'; }
  Members(const Members&) = delete;
  Members& operator=(const Members&) = delete;
  Members& add(std::string_view name, std::string_view text) { return raw(name, http::json_string(text)); }
  Members& add(std::string_view name, std::int64_t value) { return raw(name, std::to_string(value)); }
  Members& add(std::string_view name, MicroUsd amount) { return add(name, std::string_view(to_text(amount))); }
  template <class Value>
  Members& add(std::string_view name, const std::optional<Value>& value) {
    return value ? add(name, *value) : raw(name, "null");
  }
  Members& raw(std::string_view name, std::string_view json) {
    if (!first_) out_ += ',';
    first_ = false;
    out_.append("\"").append(name).append("\":").append(json);
    return *this;
  }

 private:
  std::string& out_;
  bool first_ = true;
};

template <class Range, class Append>
std::string array_of(const Range& range, Append append) {
  std::string out = "[";
  for (const auto& one : range) {
    if (out.size() > 1) out += ',';
    append(out, one);
  }
  return out + "]";
}

void append_template(std::string& out, const TemplateCost& cost) {
  Members(out)
      .add("template_key", cost.template_key)
      .add("messages", cost.messages)
      .add("units", cost.units)
      .add("uncovered_units", cost.uncovered)
      .add("spent_usd", cost.spent)
      .add("forecast_usd", cost.forecast);
}

void append_provider(std::string& out, const ProviderCost& cost) {
  const auto of_forecast = [&](auto member) {
    return cost.forecast ? std::optional((*cost.forecast).*member) : std::nullopt;
  };
  Members members(out);
  members.add("provider", cost.provider).add("channel", events::enum_name(cost.channel));
  members.add("messages", cost.messages).add("units", cost.so_far.units);
  members.add("free_units", cost.free_units).add("free_units_used", cost.so_far.free);
  members.add("paid_units", cost.so_far.paid).add("uncovered_units", cost.so_far.uncovered);
  members.add("price_per_unit_usd", cost.unit_price);
  members.add("spent_usd", cost.so_far.amount).add("limit_usd", cost.limit);
  members.raw("limit_reached", cost.limit && cost.so_far.amount >= *cost.limit ? "true" : "false");
  members.add("forecast_units", of_forecast(&Cost::units));
  members.add("forecast_uncovered_units", of_forecast(&Cost::uncovered));
  members.add("forecast_usd", of_forecast(&Cost::amount));
  members.raw("templates", array_of(cost.templates, append_template));
}

std::string uncovered_json(const CostReport& report) {
  std::string out;
  {
    Members members(out);
    for (const events::Channel channel : {events::Channel::EMAIL, events::Channel::SMS, events::Channel::SLACK}) {
      const auto found = report.uncovered.find(channel);
      members.add(events::enum_name(channel), found == report.uncovered.end() ? 0 : found->second);
    }
  }
  return out;
}

http::Response refused(std::string_view field, const std::string& detail) {
  return http::problem(400, "INVALID_FIELD", detail, "\"field\":" + http::json_string(field));
}

}  // namespace

std::string cost_report_json(const CostReport& report) {
  std::string out;
  {
    Members members(out);
    members.add("month", to_text(report.month)).add("currency", "USD");
    members.add("spent_usd", report.spent).add("forecast_usd", report.forecast);
    members.add("forecast_days", std::int64_t{report.days_counted});
    members.raw("uncovered_units", uncovered_json(report));
    members.raw("providers", array_of(report.providers, append_provider));
  }
  return out;
}

http::Response answer_costs(const http::Request& request, pg::Pool& pool, const Roster& roster, const SpendBook& book,
                            UtcTime now) {
  Month month = month_of(now);
  for (const auto& [name, text] : request.query) {
    if (name != "month") return refused(name, name + ": is not a parameter here");
    const auto parsed = parse_month(text);
    if (!parsed) return refused(name, "month: must be a month such as 2026-11");
    month = *parsed;
  }
  std::vector<ListedProvider> listed;
  for (const RosterEntry& entry : roster.entries()) {
    if (entry.configured) listed.push_back({entry.name, entry.channel});
  }
  auto connection = pool.take();
  const auto reading = spend_store::read_report(*connection, month, day_of(now));
  return http::json(
      200, cost_report_json(cost_report(reading.calendar, reading.used, listed, book.prices(), book.limits())));
}

}  // namespace carillon::dispatcher
