#include "provisioning/core/client_change.hpp"

#include <rapidjson/document.h>

#include <algorithm>
#include <array>
#include <set>

#include "events/json.hpp"
#include "provisioning/core/answer_words.hpp"
#include "values/recipient.hpp"

namespace carillon::provisioning {
namespace {

using Json = rapidjson::Value;

constexpr std::array<std::string_view, 3> plans{"SOLO", "PORTFOLIO", "PRO"};
constexpr std::array<std::string_view, 2> onboarding_statuses{pending, provisioned};
// Stripe's, see docs.stripe.com/api/subscriptions/object#subscription_object-status.
constexpr std::array<std::string_view, 8> subscription_statuses{
    "incomplete", "incomplete_expired", "trialing", "active", "past_due", "canceled", "unpaid", "paused"};
constexpr std::array<std::string_view, 3> phone_types{"iPhone", "Android", "Landline"};
// What the platform keeps by itself: in answers, and ignored in what comes back.
constexpr std::array<std::string_view, 9> kept{
    "version", "onboarding_state", "twilio_number", "stripe_customer_id", "stripe_subscription_id",
    "deleted", "created_at",       "updated_at",    "billing_version"};

template <std::size_t Count>
bool is_one_of(std::string_view text, const std::array<std::string_view, Count>& words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

template <std::size_t Count>
std::string joined(const std::array<std::string_view, Count>& words) {
  std::string out;
  for (const std::string_view word : words) out += (out.empty() ? "" : ", ") + std::string(word);
  return out;
}

std::string_view view(const Json& text) {
  return {text.GetString(), text.GetStringLength()};
}

bool is_word_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_locale(std::string_view text) {
  return text.size() >= 2 && text.size() <= locale_chars_max && is_word_char(text.front()) &&
         is_word_char(text.back()) &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_word_char(c) || c == '-' || c == '_'; });
}

bool is_feature_key(std::string_view text) {
  return !text.empty() && text.size() <= feature_key_chars_max && std::all_of(text.begin(), text.end(), [](char c) {
    return (is_word_char(c) && (c < 'A' || c > 'Z')) || c == '_';
  });
}

// What one reading is about: the values it needs beside the body, and the first thing that was wrong.
struct Reading {
  Client& client;
  const std::string former_slack_webhook;
  const IsTimeZone& is_time_zone;
  std::optional<Failure> failure = {};

  void refuse(std::string_view field, std::string_view why) {
    if (!failure) failure = Failure{"INVALID_FIELD", std::string(field) + ": " + std::string(why)};
  }
};

// A text, "" for null. Nothing, with the refusal noted, for anything else.
std::optional<std::string> read_text(Reading& in, std::string_view field, const Json& value) {
  if (value.IsNull()) return std::string{};
  if (value.IsString()) return std::string(view(value));
  in.refuse(field, "must be a text");
  return std::nullopt;
}

void read_plain(Reading& in, std::string_view field, const Json& value, std::string& to) {
  auto text = read_text(in, field, value);
  if (!text) return;
  if (has_control_characters(*text)) return in.refuse(field, "must not hold control characters");
  if (characters(*text) > text_chars_max)
    return in.refuse(field, "may hold " + std::to_string(text_chars_max) + " characters at most");
  to = std::move(*text);
}

template <std::size_t Count>
void read_word(Reading& in, std::string_view field, const Json& value, const std::array<std::string_view, Count>& words,
               std::string_view when_empty, std::string& to) {
  auto text = read_text(in, field, value);
  if (!text) return;
  if (text->empty()) {
    to = when_empty;
  } else if (is_one_of(*text, words)) {
    to = std::move(*text);
  } else {
    in.refuse(field, "must be one of " + joined(words));
  }
}

void read_flag(Reading& in, std::string_view field, const Json& value, bool& to) {
  if (!value.IsBool() && !value.IsNull()) return in.refuse(field, "must be true or false");
  to = value.IsTrue();
}

// `parse` is one of values/recipient.hpp, whose details say what is wrong without the value.
void read_recipient(Reading& in, std::string_view field, const Json& value,
                    Result<std::string> (*parse)(std::string_view), std::string& to) {
  auto text = read_text(in, field, value);
  if (!text) return;
  if (text->empty()) return to.clear();
  auto parsed = parse(*text);
  if (!parsed) return in.refuse(field, parsed.error().detail);
  to = std::move(*parsed);
}

void read_slack_webhook(Reading& in, const Json& value, std::string& to) {
  // An answer shows it masked: sent back like this it means the one there is.
  if (value.IsString() && !in.former_slack_webhook.empty() && view(value) == masked(in.former_slack_webhook)) {
    to = in.former_slack_webhook;
    return;
  }
  read_recipient(in, "contacts.slack_webhook", value, parse_webhook_url, to);
}

void read_contacts(Reading& in, const Json& value) {
  events::Contacts& contacts = in.client.contacts;
  if (value.IsNull()) {
    contacts = {};
    return;
  }
  if (!value.IsObject()) return in.refuse("contacts", "must be an object");
  for (const auto& member : value.GetObject()) {
    const std::string_view name = view(member.name);
    if (name == "email") {
      read_recipient(in, "contacts.email", member.value, parse_email, contacts.email);
    } else if (name == "billing_email") {
      read_recipient(in, "contacts.billing_email", member.value, parse_email, contacts.billing_email);
    } else if (name == "phone") {
      read_recipient(in, "contacts.phone", member.value, parse_e164, contacts.phone);
    } else if (name == "slack_webhook") {
      read_slack_webhook(in, member.value, contacts.slack_webhook);
    } else {
      in.refuse("contacts", "may hold email, billing_email, phone and slack_webhook only");
    }
  }
}

void read_entitlement(Reading& in, const std::string& field, const Json& value, std::set<std::string>& seen) {
  if (!value.IsObject()) return in.refuse(field, "must be an object");
  events::Entitlement entitlement;
  entitlement.granted = true;
  for (const auto& member : value.GetObject()) {
    const std::string_view name = view(member.name);
    if (name == "feature_key" && member.value.IsString() && is_feature_key(view(member.value))) {
      entitlement.feature_key = view(member.value);
    } else if (name == "granted" && member.value.IsBool()) {
      entitlement.granted = member.value.GetBool();
    } else if (name == "expires_at" && member.value.IsString()) {
      entitlement.expires_at = from_rfc3339(view(member.value));
      if (!entitlement.expires_at)
        return in.refuse(field + ".expires_at", "must be a time such as 2027-01-31T00:00:00Z");
    } else if (name != "expires_at" || !member.value.IsNull()) {
      return in.refuse(field, "holds feature_key (a-z, 0-9 and _), granted (true or false) and expires_at (a time)");
    }
  }
  if (entitlement.feature_key.empty()) return in.refuse(field + ".feature_key", "is required");
  if (!seen.insert(entitlement.feature_key).second) return in.refuse(field + ".feature_key", "is given twice");
  in.client.entitlements.push_back(std::move(entitlement));
}

void read_entitlements(Reading& in, const Json& value) {
  in.client.entitlements.clear();
  if (value.IsNull()) return;
  if (!value.IsArray()) return in.refuse("entitlements", "must be a list");
  if (value.Size() > entitlements_max)
    return in.refuse("entitlements", "may hold " + std::to_string(entitlements_max) + " at most");
  std::set<std::string> seen;
  for (rapidjson::SizeType i = 0; i < value.Size(); ++i)
    read_entitlement(in, "entitlements[" + std::to_string(i) + "]", value[i], seen);
}

void read_time_zone(Reading& in, const Json& value) {
  auto text = read_text(in, "time_zone", value);
  if (!text) return;
  if (!text->empty() && (text->size() > text_chars_max || !in.is_time_zone(*text)))
    return in.refuse("time_zone", "must be an IANA name such as Europe/London");
  in.client.time_zone = std::move(*text);
}

void read_locale(Reading& in, const Json& value) {
  auto text = read_text(in, "locale", value);
  if (!text) return;
  if (!text->empty() && !is_locale(*text)) return in.refuse("locale", "must be a language tag such as en or de-AT");
  in.client.locale = std::move(*text);
}

struct Member {
  std::string_view name;
  void (*read)(Reading&, const Json&);
};

constexpr std::array<Member, 17> members{{
    {"client_id",
     [](Reading& in, const Json& value) {
       if (!value.IsString() || view(value) != in.client.id) in.refuse("client_id", "can't be changed");
     }},
    {"onboarding_status",
     [](Reading& in, const Json& value) {
       read_word(in, "onboarding_status", value, onboarding_statuses, pending, in.client.onboarding_status);
     }},
    {"plan", [](Reading& in, const Json& value) { read_word(in, "plan", value, plans, {}, in.client.plan); }},
    {"payment_active",
     [](Reading& in, const Json& value) { read_flag(in, "payment_active", value, in.client.payment_active); }},
    {"subscription_status",
     [](Reading& in, const Json& value) {
       read_word(in, "subscription_status", value, subscription_statuses, {}, in.client.subscription_status);
     }},
    {"entitlements", read_entitlements},
    {"business_name",
     [](Reading& in, const Json& value) { read_plain(in, "business_name", value, in.client.business_name); }},
    {"business_type",
     [](Reading& in, const Json& value) { read_plain(in, "business_type", value, in.client.business_type); }},
    {"location", [](Reading& in, const Json& value) { read_plain(in, "location", value, in.client.location); }},
    {"owner_name", [](Reading& in, const Json& value) { read_plain(in, "owner_name", value, in.client.owner_name); }},
    {"owner_phone",
     [](Reading& in, const Json& value) {
       read_recipient(in, "owner_phone", value, parse_e164, in.client.owner_phone);
     }},
    {"notification_preference",
     [](Reading& in, const Json& value) {
       read_plain(in, "notification_preference", value, in.client.notification_preference);
     }},
    {"phone_type",
     [](Reading& in, const Json& value) { read_word(in, "phone_type", value, phone_types, {}, in.client.phone_type); }},
    {"contacts", read_contacts},
    {"sms_enabled", [](Reading& in, const Json& value) { read_flag(in, "sms_enabled", value, in.client.sms_enabled); }},
    {"time_zone", read_time_zone},
    {"locale", read_locale},
}};

Result<rapidjson::Document> parse(std::string_view body) {
  // Refuses double names, bad UTF-8 and deep nesting, which RapidJSON takes.
  const auto object = events::parse_object(body);
  if (!object) return object.error();
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(object->text.data(), object->text.size());
  return document;
}

}  // namespace

bool is_client_id(std::string_view text) {
  return !text.empty() && text.size() <= client_id_chars_max && std::all_of(text.begin(), text.end(), [](char c) {
    return is_word_char(c) || std::string_view("-_.:").find(c) != std::string_view::npos;
  });
}

Client without_facts(const Client& client) {
  Client blank;
  blank.id = client.id;
  blank.version = client.version;
  blank.onboarding_state = client.onboarding_state;
  blank.payment_active = client.payment_active;
  blank.twilio_number = client.twilio_number;
  blank.stripe_customer_id = client.stripe_customer_id;
  blank.stripe_subscription_id = client.stripe_subscription_id;
  blank.billing_version = client.billing_version;
  blank.deleted = client.deleted;
  blank.created_at = client.created_at;
  blank.updated_at = client.updated_at;
  return blank;
}

Result<Client> changed(const Client& client, std::string_view body, ChangeKind kind, const IsTimeZone& is_time_zone) {
  const auto document = parse(body);
  if (!document) return document.error();
  Client next = kind == ChangeKind::REPLACE ? without_facts(client) : client;
  Reading in{next, client.contacts.slack_webhook, is_time_zone};
  for (const auto& given : document->GetObject()) {
    const std::string_view name = view(given.name);
    const auto member =
        std::find_if(members.begin(), members.end(), [&](const Member& one) { return one.name == name; });
    if (member != members.end()) {
      member->read(in, given.value);
    } else if (!is_one_of(name, kept)) {
      in.refuse("body", "holds a field that is not known");
    }
  }
  if (in.failure) return *in.failure;
  return next;
}

std::vector<std::string_view> changed_fields(const Client& before, const Client& after) {
  std::vector<std::string_view> fields;
  const auto compare = [&](std::string_view name, const auto& was, const auto& is) {
    if (was != is) fields.push_back(name);
  };
  compare("onboarding_status", before.onboarding_status, after.onboarding_status);
  compare("onboarding_state", before.onboarding_state, after.onboarding_state);
  compare("plan", before.plan, after.plan);
  compare("payment_active", before.payment_active, after.payment_active);
  compare("subscription_status", before.subscription_status, after.subscription_status);
  compare("entitlements", before.entitlements, after.entitlements);
  compare("business_name", before.business_name, after.business_name);
  compare("business_type", before.business_type, after.business_type);
  compare("location", before.location, after.location);
  compare("owner_name", before.owner_name, after.owner_name);
  compare("owner_phone", before.owner_phone, after.owner_phone);
  compare("notification_preference", before.notification_preference, after.notification_preference);
  compare("phone_type", before.phone_type, after.phone_type);
  compare("twilio_number", before.twilio_number, after.twilio_number);
  compare("contacts.email", before.contacts.email, after.contacts.email);
  compare("contacts.billing_email", before.contacts.billing_email, after.contacts.billing_email);
  compare("contacts.phone", before.contacts.phone, after.contacts.phone);
  compare("contacts.slack_webhook", before.contacts.slack_webhook, after.contacts.slack_webhook);
  compare("sms_enabled", before.sms_enabled, after.sms_enabled);
  compare("time_zone", before.time_zone, after.time_zone);
  compare("locale", before.locale, after.locale);
  compare("stripe_customer_id", before.stripe_customer_id, after.stripe_customer_id);
  compare("stripe_subscription_id", before.stripe_subscription_id, after.stripe_subscription_id);
  compare("deleted", before.deleted, after.deleted);
  return fields;
}

Result<std::string> read_client_id(std::string_view body) {
  const auto document = parse(body);
  if (!document) return document.error();
  const auto member = document->FindMember("client_id");
  if (member == document->MemberEnd() || member->value.IsNull()) return std::string{};
  if (!member->value.IsString() || !is_client_id(view(member->value)))
    return Failure{"INVALID_FIELD",
                   "client_id: may hold letters, digits and -_.: only, at most " + std::to_string(client_id_chars_max)};
  return std::string(view(member->value));
}

}  // namespace carillon::provisioning
