#include "billing-ingest/core/stripe_event.hpp"

#include <rapidjson/document.h>

#include <algorithm>
#include <initializer_list>

#include "values/utf8.hpp"

namespace carillon::billing {
namespace {

using Json = rapidjson::Value;

constexpr std::int64_t last_second = 253'402'300'799;  // 9999-12-31T23:59:59Z

Failure malformed(std::string detail) {
  return {"MALFORMED_EVENT", std::move(detail)};
}

// The member at the end of the path; nullptr where a step is missing, null or inside something else than an object.
const Json* find(const Json& from, std::initializer_list<const char*> path) {
  const Json* at = &from;
  for (const char* name : path) {
    if (!at->IsObject()) return nullptr;
    const auto member = at->FindMember(name);
    if (member == at->MemberEnd() || member->value.IsNull()) return nullptr;
    at = &member->value;
  }
  return at;
}

// Without NUL, which PostgreSQL's text can't hold, and no longer than anything of ours needs.
std::string clean(std::string_view text) {
  std::string out(utf8_prefix(text, stripe_text_chars_max));
  std::erase(out, '\0');
  return out;
}

std::string text(const Json* value) {
  return value != nullptr && value->IsString() ? clean({value->GetString(), value->GetStringLength()}) : std::string{};
}
std::string text(const Json& from, std::initializer_list<const char*> path) {
  return text(find(from, path));
}

// Stripe writes the id of another object, or, expanded, the object.
std::string id_at(const Json& from, std::initializer_list<const char*> path) {
  const Json* value = find(from, path);
  return value != nullptr && value->IsObject() ? text(*value, {"id"}) : text(value);
}

std::string first_of(std::initializer_list<std::string> texts) {
  for (const std::string& each : texts)
    if (!each.empty()) return each;
  return {};
}

std::optional<UtcTime> time(const Json* value) {
  if (value == nullptr || !value->IsInt64() || value->GetInt64() < 0 || value->GetInt64() > last_second)
    return std::nullopt;
  return UtcTime{std::chrono::seconds{value->GetInt64()}};
}
std::optional<UtcTime> time(const Json& from, std::initializer_list<const char*> path) {
  return time(find(from, path));
}

void keep_latest(std::optional<UtcTime>& latest, const std::optional<UtcTime>& other) {
  if (other && (!latest || *other > *latest)) latest = other;
}

// A number that is no whole number of smallest units is a fault of the event, never rounded.
std::optional<Failure> read_amount(const Json& object, const char* name, StripeEvent& event) {
  const Json* value = find(object, {name});
  if (value == nullptr) return std::nullopt;
  if (!value->IsInt64()) return malformed(std::string("data.object.") + name + ": must be a whole number");
  event.amount = Amount{value->GetInt64(), text(object, {"currency"})};
  return std::nullopt;
}

template <class Each>
void for_each_line(const Json& object, const char* list, Each each) {
  const Json* lines = find(object, {list, "data"});
  if (lines == nullptr || !lines->IsArray()) return;
  for (const Json& line : lines->GetArray()) each(line);
}

bool is_true(const Json* value) {
  return value != nullptr && value->IsBool() && value->GetBool();
}

// Such a line settles a change of plan: its price may be the plan that was left.
bool is_correction(const Json& line) {
  const Json* amount = find(line, {"amount"});
  return is_true(find(line, {"proration"})) ||
         is_true(find(line, {"parent", "subscription_item_details", "proration"})) ||
         is_true(find(line, {"parent", "invoice_item_details", "proration"})) ||
         (amount != nullptr && amount->IsInt64() && amount->GetInt64() < 0);
}

void add_price(const Json& line, std::vector<std::string>& prices) {
  std::string price =
      first_of({id_at(line, {"price"}), id_at(line, {"pricing", "price_details", "price"}), id_at(line, {"plan"})});
  if (!price.empty()) prices.push_back(std::move(price));
}

// What a change of a subscription says was before; only what has changed is there.
void read_previous(const Json& root, StripeEvent& event) {
  const Json* before = find(root, {"data", "previous_attributes"});
  if (before == nullptr) return;
  event.previous_status = text(*before, {"status"});
  for_each_line(*before, "items", [&](const Json& item) { add_price(item, event.previous_prices); });
  add_price(*before, event.previous_prices);
}

std::optional<Failure> read_subscription(const Json& object, const Json& root, StripeEvent& event) {
  event.subscription_id = text(object, {"id"});
  event.customer_id = id_at(object, {"customer"});
  event.named_client = text(object, {"metadata", "client_id"});
  event.metadata_plan = text(object, {"metadata", "plan"});
  event.status = text(object, {"status"});
  read_previous(root, event);
  event.period_end = time(object, {"current_period_end"});
  event.ended_at = time(object, {"ended_at"});
  for_each_line(object, "items", [&](const Json& item) {
    add_price(item, event.prices);
    keep_latest(event.period_end, time(item, {"current_period_end"}));
  });
  if (event.subscription_id.empty()) return malformed("data.object.id: is missing");
  if (event.status.empty()) return malformed("data.object.status: is missing");
  return std::nullopt;
}

std::optional<Failure> read_checkout(const Json& object, StripeEvent& event) {
  const std::string mode = text(object, {"mode"});
  const std::string payment = text(object, {"payment_status"});
  event.wants_subscription = mode.empty() || mode == "subscription";
  event.trial = payment == "no_payment_required";
  event.paid = payment == "paid" || event.trial;
  event.subscription_id = id_at(object, {"subscription"});
  event.customer_id = id_at(object, {"customer"});
  const std::string vouched = text(object, {"metadata", "client_id"});
  event.named_client = first_of({text(object, {"client_reference_id"}), vouched});
  event.bare_reference = !event.named_client.empty() && event.named_client != vouched;
  event.metadata_plan = text(object, {"metadata", "plan"});
  event.email = first_of({text(object, {"customer_details", "email"}), text(object, {"customer_email"})});
  event.name = text(object, {"customer_details", "name"});
  for_each_line(object, "line_items", [&](const Json& item) { add_price(item, event.prices); });
  return read_amount(object, "amount_total", event);
}

std::optional<Failure> read_invoice(const Json& object, StripeEvent& event) {
  const std::string why = text(object, {"billing_reason"});
  event.first_period = why == "subscription_create";
  event.renewal = why == "subscription_cycle";
  event.subscription_id =
      first_of({id_at(object, {"subscription"}), id_at(object, {"parent", "subscription_details", "subscription"})});
  event.customer_id = id_at(object, {"customer"});
  event.email = text(object, {"customer_email"});
  event.name = text(object, {"customer_name"});
  event.invoice_url = text(object, {"hosted_invoice_url"});
  event.next_attempt = time(object, {"next_payment_attempt"});
  event.named_client = first_of({text(object, {"subscription_details", "metadata", "client_id"}),
                                 text(object, {"parent", "subscription_details", "metadata", "client_id"}),
                                 text(object, {"metadata", "client_id"})});
  event.metadata_plan = first_of({text(object, {"subscription_details", "metadata", "plan"}),
                                  text(object, {"parent", "subscription_details", "metadata", "plan"}),
                                  text(object, {"metadata", "plan"})});
  for_each_line(object, "lines", [&](const Json& line) {
    if (!is_correction(line)) add_price(line, event.prices);
    keep_latest(event.period_end, time(line, {"period", "end"}));
    if (event.description.empty()) event.description = text(line, {"description"});
    if (event.named_client.empty()) event.named_client = text(line, {"metadata", "client_id"});
    if (event.metadata_plan.empty()) event.metadata_plan = text(line, {"metadata", "plan"});
  });
  return read_amount(object, event.kind == EventKind::INVOICE_PAID ? "amount_paid" : "amount_due", event);
}

std::optional<Failure> read_object(const Json& object, const Json& root, StripeEvent& event) {
  switch (event.kind) {
    case EventKind::CHECKOUT:
      return read_checkout(object, event);
    case EventKind::INVOICE_PAID:
    case EventKind::INVOICE_FAILED:
      return read_invoice(object, event);
    default:
      return read_subscription(object, root, event);
  }
}

bool is_word(const Json* value, std::size_t chars_max) {
  if (value == nullptr || !value->IsString() || value->GetStringLength() == 0 || value->GetStringLength() > chars_max)
    return false;
  const std::string_view word{value->GetString(), value->GetStringLength()};
  return std::all_of(word.begin(), word.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

Result<EventHead> head_of(const rapidjson::Document& root) {
  if (root.HasParseError() || !root.IsObject()) return malformed("the body must be one JSON object");
  const Json* id = find(root, {"id"});
  const Json* type = find(root, {"type"});
  const auto created = time(root, {"created"});
  if (!is_word(id, event_id_chars_max)) return malformed("id: must be the event's id");
  if (!is_word(type, event_type_chars_max)) return malformed("type: must be the event's type");
  if (!created) return malformed("created: must be a time in seconds since 1970");
  return EventHead{id->GetString(), type->GetString(), *created};
}

void parse(rapidjson::Document& root, std::string_view body) {
  root.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(body.data(), body.size());
}

}  // namespace

EventKind kind_of(std::string_view type) {
  if (type == "checkout.session.completed" || type == "checkout.session.async_payment_succeeded")
    return EventKind::CHECKOUT;
  if (type == "customer.subscription.created") return EventKind::SUBSCRIPTION_CREATED;
  if (type == "customer.subscription.updated" || type == "customer.subscription.paused" ||
      type == "customer.subscription.resumed")
    return EventKind::SUBSCRIPTION_UPDATED;
  if (type == "customer.subscription.deleted") return EventKind::SUBSCRIPTION_DELETED;
  if (type == "invoice.paid") return EventKind::INVOICE_PAID;
  if (type == "invoice.payment_failed") return EventKind::INVOICE_FAILED;
  return EventKind::OTHER;
}

Result<EventHead> read_head(std::string_view body) {
  rapidjson::Document root;
  parse(root, body);
  return head_of(root);
}

Result<StripeEvent> read_event(std::string_view body) {
  rapidjson::Document root;
  parse(root, body);
  auto head = head_of(root);
  if (!head) return head.error();
  StripeEvent event;
  event.kind = kind_of(head->type);
  event.head = std::move(*head);
  const Json* live = find(root, {"livemode"});
  event.is_test = live != nullptr && live->IsFalse();
  if (event.kind == EventKind::OTHER) return event;
  const Json* object = find(root, {"data", "object"});
  if (object == nullptr || !object->IsObject()) return malformed("data.object: must be an object");
  if (auto fault = read_object(*object, root, event)) return *fault;
  return event;
}

}  // namespace carillon::billing
