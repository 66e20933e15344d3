#include "sandbox/app/receipts.hpp"

#include <algorithm>

#include "sandbox/core/json_text.hpp"
#include "sandbox/core/webhook_url.hpp"
#include "security/digest.hpp"
#include "security/webhooks/sendgrid_signature.hpp"

namespace carillon::sandbox {
namespace {

constexpr std::size_t token_bytes = 16;

std::string_view default_path(ProviderName provider) {
  switch (provider) {
    case ProviderName::POSTMARK:
      return "/api/webhooks/postmark";
    case ProviderName::SENDGRID:
      return "/api/webhooks/sendgrid";
    case ProviderName::SES:
      return "/api/webhooks/ses";
    default:
      return "";
  }
}

std::shared_ptr<const ReceiptFacts> facts_of(const ProviderCall& call, const std::string& id, std::uint64_t stored,
                                             std::int64_t now_us) {
  auto facts = std::make_shared<ReceiptFacts>();
  facts->number = stored;
  facts->id = id;
  facts->recipient = call.recipient;
  facts->sender = call.facts.sender;
  facts->subject = call.facts.subject;
  facts->template_key = call.facts.template_key;
  facts->stream = call.facts.stream;
  facts->configuration_set = call.facts.configuration_set;
  facts->account = call.facts.account;
  for (const auto& [name, value] : call.facts.tags) facts->tags.emplace_back(name, value);
  facts->accepted_at_us = now_us;
  return facts;
}

// Of the parcels that a message's events make, one is sent after the other has been answered.
std::deque<std::vector<ReceiptEvent>> steps_of(const ReceiptOrder& order, bool queued_first) {
  std::vector<ReceiptEvent> events = receipt_events(order.provider, order.kind, queued_first);
  if (order.reverse) std::reverse(events.begin(), events.end());
  std::deque<std::vector<ReceiptEvent>> steps;
  if (order.provider == ProviderName::SENDGRID) {
    if (!events.empty()) steps.push_back(std::move(events));
  } else {
    for (const ReceiptEvent event : events) steps.push_back({event});
  }
  return steps;
}

}  // namespace

struct Receipts::Run {
  Parcel parcel;                                // of the step under way, with everything that all steps share
  std::deque<std::vector<ReceiptEvent>> steps;  // not begun
  std::int64_t copies = 1;
  std::int64_t open = 0;  // copies of the step under way that are not answered
  std::chrono::milliseconds delay{0};
  std::uint64_t stored = 0;
  bool ended = false;
  std::function<void()> go_on;  // answers the call that waits for this
  void end() {
    ended = true;
    if (go_on) std::exchange(go_on, nullptr)();
  }
};

Receipts::Receipts(SandboxState& state, ReceiptSender& sender, const ReceiptKeys& keys, ReceiptSettings settings)
    : state_(state), sender_(sender), keys_(keys), settings_(std::move(settings)) {
  state_.receipts = this;
}

Receipts::~Receipts() {
  state_.receipts = nullptr;
}

std::string Receipts::url_for(ProviderName provider, const ReceiptOrder& order, const ProviderCall& call) const {
  if (provider == ProviderName::TWILIO) return std::string(call.facts.callback_url);
  if (!order.url.empty()) return order.url;
  return settings_.base_url + std::string(default_path(provider));
}

void Receipts::accepted(const ProviderCall& call, const std::string& id, std::uint64_t stored, Answer& answer) {
  if (!sends_receipts(call.provider)) return;
  auto order = orders_.decide(call.provider, call.recipient);
  if (!order) {
    if (settings_.base_url.empty()) return;
    order.emplace();
    order->provider = call.provider;
  }
  auto run = std::make_shared<Run>();
  run->steps = steps_of(*order, !call.facts.stream.empty());
  const auto url = run->steps.empty() ? std::nullopt : parse_webhook_url(url_for(call.provider, *order, call));
  if (!url) return;
  const bool from_settings = call.provider == ProviderName::POSTMARK && order->url.empty();
  run->parcel = {call.provider,
                 url->url,
                 facts_of(call, id, stored, unix_micros(state_.clock.now())),
                 {},
                 order->forge,
                 static_cast<int>(order->signature_version),
                 from_settings ? settings_.postmark_user : url->user,
                 from_settings ? settings_.postmark_password : url->password,
                 {}};
  if (call.provider == ProviderName::TWILIO) run->parcel.password = call.facts.auth_token;
  run->copies = 1 + order->duplicate;
  run->delay = std::chrono::milliseconds{order->delay_ms};
  run->stored = stored;
  // A call does not wait for receipts that wait for somebody to confirm: there would be no end to it.
  if (!begin(run) || !order->before_answer) return;
  answer.first = [run](std::function<void()> go_on) {
    if (run->ended) return go_on();
    run->go_on = std::move(go_on);
  };
}

// SNS sends nothing to an address that has not confirmed its subscription.
bool Receipts::begin(const std::shared_ptr<Run>& run) {
  const bool is_ses = run->parcel.provider == ProviderName::SES;
  Subscription* at = is_ses ? subscription(run->parcel.url, run->parcel.signature_version) : nullptr;
  if (!is_ses || (at != nullptr && at->confirmed)) {
    send_next(run, run->delay);
    return true;
  }
  Figures& figures = figures_[static_cast<std::size_t>(ProviderName::SES)];
  if (at == nullptr || at->held.size() >= held_receipts_max) {
    figures.dropped += run->steps.size();
    return false;
  }
  at->held.push_back(run);
  ++figures.waiting;
  if (state_.clock.steady() - at->asked_at >= subscribe_again_after) ask_to_confirm(*at);
  return false;
}

void Receipts::send_next(const std::shared_ptr<Run>& run, std::chrono::milliseconds delay) {
  Figures& figures = figures_[static_cast<std::size_t>(run->parcel.provider)];
  while (!run->steps.empty()) {
    run->parcel.events = std::move(run->steps.front());
    run->steps.pop_front();
    const std::size_t events = run->parcel.events.size();
    for (std::int64_t copy = 0; copy < run->copies; ++copy) {
      const bool taken = sender_.send(run->parcel, delay, [this, run, sent = run->parcel.events](Delivery delivery) {
        delivered(run, sent, delivery);
      });
      (taken ? figures.waiting : figures.dropped) += events;
      run->open += taken ? 1 : 0;
    }
    if (run->open > 0) return;
  }
  run->end();
}

void Receipts::delivered(const std::shared_ptr<Run>& run, const std::vector<ReceiptEvent>& events, Delivery delivery) {
  Figures& figures = figures_[static_cast<std::size_t>(run->parcel.provider)];
  figures.waiting -= events.size();
  if (delivery.status >= 200 && delivery.status < 300) {
    figures.accepted += events.size();
  } else {
    const std::string why = delivery.status == 0 ? std::string(delivery.error) : std::to_string(delivery.status);
    figures.failed[why] += events.size();
  }
  const std::int64_t now_us = unix_micros(state_.clock.now());
  for (const ReceiptEvent event : events)
    state_.inbox.note_receipt(run->stored, {event_word(run->parcel.provider, event), now_us, delivery.status});
  if (--run->open == 0) send_next(run, std::chrono::milliseconds{0});
}

Receipts::Subscription* Receipts::subscription(const std::string& url, int signature_version) {
  const auto found = subscriptions_.find(url);
  if (found != subscriptions_.end()) return &found->second;
  if (subscriptions_.size() >= subscriptions_max) return nullptr;
  Subscription made;
  made.url = url;
  made.token = security::hex(security::random_bytes(token_bytes));
  made.signature_version = signature_version;
  made.asked_at = state_.clock.steady() - subscribe_again_after;
  return &subscriptions_.emplace(url, std::move(made)).first->second;
}

void Receipts::ask_to_confirm(Subscription& subscription) {
  subscription.asked_at = state_.clock.steady();
  Parcel parcel;
  parcel.provider = ProviderName::SES;
  parcel.url = subscription.url;
  parcel.signature_version = subscription.signature_version;
  parcel.confirmation_token = subscription.token;
  // Whether it worked shows when the URL in it is visited.
  (void)sender_.send(std::move(parcel), std::chrono::milliseconds{0}, [](Delivery) {});
}

bool Receipts::confirm(std::string_view token) {
  for (auto& [url, subscription] : subscriptions_) {
    if (!security::equal_constant_time(subscription.token, token)) continue;
    subscription.confirmed = true;
    for (const auto& run : std::exchange(subscription.held, {})) {
      --figures_[static_cast<std::size_t>(ProviderName::SES)].waiting;
      send_next(run, run->delay);
    }
    return true;
  }
  return false;
}

Result<bool> Receipts::order(std::string_view json) {
  auto order = parse_receipt_order(json, settings_.base_url.empty());
  if (!order) return order.error();
  const auto url = parse_webhook_url(url_for(order->provider, *order, {}));
  const bool subscribes = order->provider == ProviderName::SES && order->kind != ReceiptKind::NONE && url;
  Subscription* at = subscribes ? subscription(url->url, static_cast<int>(order->signature_version)) : nullptr;
  if (subscribes && at == nullptr)
    return Failure{"TOO_MANY_SUBSCRIPTIONS", "at most 100 addresses can be subscribed in one run"};
  if (auto set = orders_.set(std::move(*order)); !set) return set.error();
  if (at != nullptr && !at->confirmed) ask_to_confirm(*at);
  return true;
}

std::string Receipts::json() const {
  JsonText json;
  json.begin_list();
  for (const auto& [url, subscription] : subscriptions_) {
    json.begin();
    json.text("url", url);
    json.flag("confirmed", subscription.confirmed);
    json.number("held", static_cast<std::int64_t>(subscription.held.size()));
    json.end();
  }
  json.end_list();
  return "{\"orders\":" + orders_.json() + ",\"subscriptions\":" + json.written() + "}";
}

std::string Receipts::keys_json() const {
  JsonText json;
  json.begin();
  json.begin("sendgrid");
  json.text("public_key", keys_.sendgrid().public_key());
  json.text("public_key_pem", keys_.sendgrid_public_pem());
  json.end();
  json.begin("sns");
  json.text("topic_arn", receipts_topic);
  json.text("root_pem", keys_.root());
  json.text("intermediate_pem", keys_.intermediate());
  json.text("certificate_url", std::string(sns_origin) + keys_.leaf_path());
  json.text("issuer_url", std::string(issuer_origin) + std::string(issuer_path));
  json.end();
  json.end();
  return json.written();
}

}  // namespace carillon::sandbox
