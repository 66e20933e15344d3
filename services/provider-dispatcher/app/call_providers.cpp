#include "provider-dispatcher/app/call_providers.hpp"

#include "postgres/errors.hpp"
#include "provider-dispatcher/core/outcome_names.hpp"
#include "service/failpoint.hpp"
#include "service/log.hpp"
#include "service/tracing.hpp"
#include "values/recipient.hpp"

namespace carillon::dispatcher {

namespace {

constexpr std::size_t outcome_kinds = 5;
constexpr std::size_t detail_chars_max = 300;
constexpr std::size_t provider_word_chars_max = 200;
constexpr std::size_t reasons = static_cast<std::size_t>(Reason::EXPIRED) + 1;

OutboundMessage outbound(Claim& claim) {
  events::Dispatch& dispatch = claim.dispatch;
  OutboundMessage message;
  message.message_id = dispatch.message_id;
  message.attempt = claim.attempt;
  message.recipient = dispatch.recipient;
  message.subject = std::move(dispatch.subject);
  message.text = std::move(dispatch.text);
  message.html = std::move(dispatch.html);
  message.from_number = dispatch.from_number;
  message.template_key = dispatch.template_key;
  message.expires_at = dispatch.expires_at;
  message.attachments = std::move(claim.carried.files);
  message.unsubscribe_url = dispatch.unsubscribe_url;
  return message;
}

Outcome without_provider() {
  Outcome outcome;
  outcome.kind = OutcomeKind::TRANSIENT;
  outcome.reason = Reason::NO_PROVIDER;
  outcome.detail = "no provider of the channel may be called";
  return outcome;
}

// Providers' texts end in the database and in events: UTF-8 without control characters, bounded.
void clean(std::string& text, std::size_t chars_max) {
  if (text.size() > chars_max) text.resize(chars_max);
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  if (is_valid_utf8(text)) return;
  for (char& c : text) {
    if (static_cast<unsigned char>(c) >= 0x80) c = '?';
  }
}

void record_call(const Claim& claim, const Outcome& outcome, std::chrono::microseconds took, UtcTime ended) {
  tracing::Span span = tracing::child_of(claim.traceparent, "call " + claim.provider_name, tracing::Kind::CLIENT);
  span.began = ended - took;
  span.ended = ended;
  span.attributes = {{"message_id", claim.dispatch.message_id},
                     {"provider", claim.provider_name},
                     {"attempt", std::to_string(claim.attempt)},
                     {"outcome", kind_name(outcome.kind)},
                     {"reason", reason_name(outcome.reason)}};
  span.failed = outcome.kind != OutcomeKind::ACCEPTED;
  tracing::record(std::move(span), claim.traceparent);
}

Outcome unreadable(const Claim& claim) {
  Outcome outcome;
  outcome.kind = OutcomeKind::REJECTED;
  outcome.reason = Reason::CONTENT_REJECTED;
  outcome.detail = "the stored dispatch can't be read: " + claim.unreadable;
  return outcome;
}

}  // namespace

struct CallProviders::Line {
  std::mutex mutex;
  std::array<std::deque<ClaimPtr>, 3> waiting;  // mutex; by priority
  std::multimap<SteadyTime, ClaimPtr> slots;    // mutex; rated claims before their slot
  int running = 0;                              // mutex
  bool pumping = false;                         // mutex; one thread at a time hands calls to the provider
};

// Handles are looked up at the first use of each pair, under the registry's own lock.
struct CallProviders::Meters {
  metrics::Histogram seconds;
  std::mutex mutex;
  std::array<std::array<std::optional<metrics::Counter>, reasons>, outcome_kinds> requests;  // mutex
};

CallProviders::CallProviders(CallParts parts) : parts_(std::move(parts)), files_(load_parts()) {
  for (const RosterEntry& entry : parts_.roster.entries()) {
    lines_.push_back(std::make_unique<Line>());
    meters_.push_back(std::make_unique<Meters>());
    meters_.back()->seconds = parts_.metrics.histogram("carillon_provider_request_seconds",
                                                       "Time of calls to a provider.", {{"provider", entry.name}});
  }
}

CallProviders::~CallProviders() = default;

LoadParts CallProviders::load_parts() {
  return {parts_.attachments,
          [this](const std::vector<ClaimPtr>& claims) {
            for (const ClaimPtr& claim : claims) {
              claim->queued_at = machine_.steady();
              enqueue(claim);
              pump(claim->provider);
            }
          },
          [this](const ClaimPtr& claim, Outcome refusal) {
            finish({claim, Finished::How::ANSWERED, false, std::move(refusal), parts_.clock.now()});
          },
          [this](const ClaimPtr& claim) {
            finish({claim, Finished::How::RELEASED, false, {}, parts_.clock.now()});
          }};
}

void CallProviders::begin(const std::vector<ClaimPtr>& claims) {
  std::vector<bool> touched(lines_.size(), false);
  const SteadyTime now = machine_.steady();
  for (const ClaimPtr& claim : claims) {
    claim->queued_at = now;
    if (!claim->unreadable.empty()) {
      finish({claim, Finished::How::ANSWERED, false, unreadable(*claim), parts_.clock.now()});
      continue;
    }
    if (claim->provider == unknown_provider || !parts_.roster[claim->provider].configured) {
      if (parts_.roster.any_configured(claim->dispatch.channel)) {
        finish({claim, Finished::How::RELEASED, false, {}, parts_.clock.now()});
      } else {
        finish({claim, Finished::How::ANSWERED, false, without_provider(), parts_.clock.now()});
      }
      continue;
    }
    if (!claim->dispatch.attachments.empty() && !files_.take_or_wait(claim)) continue;
    enqueue(claim);
    touched[claim->provider] = true;
  }
  for (std::size_t i = 0; i < touched.size(); ++i) {
    if (touched[i]) pump(i);
  }
}

void CallProviders::enqueue(const ClaimPtr& claim) {
  Line& line = *lines_[claim->provider];
  const std::lock_guard lock(line.mutex);
  if (claim->slot && claim->slot->begins_at > machine_.steady()) return pace(line, claim->provider, claim);
  line.waiting[static_cast<std::size_t>(claim->priority) - 1].push_back(claim);
}

// Holding line.mutex. One timer for the claims of one millisecond.
void CallProviders::pace(Line& line, ProviderIndex provider, const ClaimPtr& claim) {
  const SteadyTime begins_at = claim->slot->begins_at;
  const auto before = line.slots.lower_bound(begins_at - std::chrono::milliseconds{1});
  const bool timer_set = before != line.slots.end() && before->first <= begins_at && before->first > machine_.steady();
  line.slots.emplace(begins_at, claim);
  if (timer_set) return;
  const auto delay =
      std::chrono::ceil<std::chrono::milliseconds>(begins_at - machine_.steady()) + std::chrono::milliseconds{1};
  parts_.io.after(delay, [self = weak_from_this(), provider] {
    if (const auto calls = self.lock()) calls->slots_due(provider);
  });
}

void CallProviders::slots_due(ProviderIndex provider) {
  {
    Line& line = *lines_[provider];
    const std::lock_guard lock(line.mutex);
    const auto due = line.slots.upper_bound(machine_.steady());
    for (auto it = line.slots.begin(); it != due; ++it) {
      line.waiting[static_cast<std::size_t>(it->second->priority) - 1].push_back(std::move(it->second));
    }
    line.slots.erase(line.slots.begin(), due);
  }
  pump(provider);
}

// Holding line.mutex.
ClaimPtr CallProviders::next(Line& line) const {
  for (auto& queue : line.waiting) {
    if (queue.empty()) continue;
    ClaimPtr claim = std::move(queue.front());
    queue.pop_front();
    return claim;
  }
  return nullptr;
}

void CallProviders::pump(ProviderIndex provider) {
  Line& line = *lines_[provider];
  std::unique_lock lock(line.mutex);
  if (line.pumping) return;  // who pumps looks again before it stops
  line.pumping = true;
  while (line.running < parts_.roster[provider].concurrency_max) {
    const ClaimPtr claim = next(line);
    if (!claim) break;
    ++line.running;
    {
      const std::lock_guard idle_lock(idle_mutex_);
      ++running_;
    }
    lock.unlock();
    start(claim);
    lock.lock();
  }
  line.pumping = false;
}

void CallProviders::start(const ClaimPtr& claim) {
  const UtcTime now = parts_.clock.now();
  if (!may_call(claim, now)) return;
  Outcome refusal;
  if (!open_sealed(*claim, refusal)) {
    one_less_running(claim->provider);
    return finish({claim, Finished::How::ANSWERED, false, std::move(refusal), now});
  }
  claim->recipient_masked = masked(claim->dispatch.recipient);
  OutboundMessage message = outbound(*claim);
  if (!claim->dispatch.sealed.empty()) claim->dispatch.recipient.clear();
  const SteadyTime begun = machine_.steady();
  parts_.roster[claim->provider].provider->send(
      message, now, [self = shared_from_this(), claim, begun, room = std::move(claim->carried.room)](Outcome outcome) {
        self->answered(claim, std::move(outcome), begun);
      });
}

bool CallProviders::may_call(const ClaimPtr& claim, UtcTime now) {
  try {
    failpoint("dispatcher.call.before");
  } catch (const pg::Unavailable&) {
    ended_without_call(claim, Finished::How::RELEASED);
    return false;
  }
  if (claim->dispatch.expires_at && *claim->dispatch.expires_at <= now) {
    ended_without_call(claim, Finished::How::EXPIRED);
    return false;
  }
  const bool late = claim->slot && machine_.steady() > claim->slot->late_after;
  const bool shut = !claim->trial && parts_.board.gate(claim->provider, now) != Gate::PASS;
  if (stopping_ || late || shut || !parts_.alive()) {
    ended_without_call(claim, Finished::How::RELEASED);
    return false;
  }
  return true;
}

bool CallProviders::open_sealed(Claim& claim, Outcome& refusal) const {
  events::Dispatch& dispatch = claim.dispatch;
  if (dispatch.sealed.empty()) return true;
  const auto opened = parts_.sealer.open(dispatch.sealed, dispatch.message_id);
  refusal.kind = OutcomeKind::REJECTED;
  refusal.reason = Reason::CONTENT_REJECTED;
  if (!opened) {
    refusal.provider_code = opened.error().code;
    refusal.detail = "the sealed content can't be opened with CARILLON_PAYLOAD_KEY";
    return false;
  }
  auto content = events::from_json<events::SealedContent>(opened.value());
  if (!content) {
    refusal.provider_code = content.error().code;
    refusal.detail = "the sealed content is malformed";
    return false;
  }
  dispatch.recipient = std::move(content->recipient);
  dispatch.subject = std::move(content->subject);
  dispatch.text = std::move(content->text);
  dispatch.html = std::move(content->html);
  return true;
}

void CallProviders::answered(const ClaimPtr& claim, Outcome outcome, SteadyTime begun) {
  if (abandoned_) return;
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(machine_.steady() - begun);
  try {
    failpoint("dispatcher.call.after");
  } catch (const pg::Unavailable& e) {
    log::warn("dispatcher_failpoint", {{"at", "dispatcher.call.after"}, {"error", e.what()}});
  }
  clean(outcome.detail, detail_chars_max);
  clean(outcome.provider_code, provider_word_chars_max);
  clean(outcome.provider_message_id, provider_word_chars_max);
  if (outcome.latency.count() == 0) outcome.latency = std::chrono::duration_cast<std::chrono::milliseconds>(took);
  parts_.capacity.observe_call(claim->provider, took, begun + took);
  Meters& meters = *meters_[claim->provider];
  meters.seconds.observe(std::chrono::duration<double>(took).count());
  {
    const std::lock_guard lock(meters.mutex);
    auto& counter = meters.requests[static_cast<std::size_t>(outcome.kind)][static_cast<std::size_t>(outcome.reason)];
    if (!counter) {
      counter = parts_.metrics.counter("carillon_provider_requests_total", "Calls to a provider by what they came to.",
                                       {{"provider", claim->provider_name},
                                        {"outcome", kind_name(outcome.kind)},
                                        {"reason", reason_name(outcome.reason)}});
    }
    counter->add();
  }
  if (tracing::is_on()) record_call(*claim, outcome, took, machine_.now());
  const ProviderIndex provider = claim->provider;
  finish({claim, Finished::How::ANSWERED, true, std::move(outcome), parts_.clock.now()});
  one_less_running(provider);
  pump(provider);
}

void CallProviders::ended_without_call(const ClaimPtr& claim, Finished::How how) {
  one_less_running(claim->provider);
  finish({claim, how, false, {}, parts_.clock.now()});
}

void CallProviders::finish(Finished finished) {
  finished.claim->carried = {};
  parts_.finished(std::move(finished));
}

void CallProviders::one_less_running(ProviderIndex provider) {
  {
    Line& line = *lines_[provider];
    const std::lock_guard lock(line.mutex);
    --line.running;
  }
  {
    const std::lock_guard lock(idle_mutex_);
    --running_;
  }
  idle_changed_.notify_all();
}

void CallProviders::release_impatient() {
  const SteadyTime oldest = machine_.steady() - claim_patience;
  std::vector<ClaimPtr> impatient;
  for (const auto& line : lines_) {
    const std::lock_guard lock(line->mutex);
    for (auto& queue : line->waiting) {
      while (!queue.empty() && queue.front()->queued_at < oldest) {
        impatient.push_back(std::move(queue.front()));
        queue.pop_front();
      }
    }
  }
  for (const ClaimPtr& claim : impatient) finish({claim, Finished::How::RELEASED, false, {}, parts_.clock.now()});
  files_.release_impatient(oldest);
}

void CallProviders::stop_starting() {
  stopping_ = true;
  std::vector<ClaimPtr> waiting;
  for (const auto& line : lines_) {
    const std::lock_guard lock(line->mutex);
    while (ClaimPtr claim = next(*line)) waiting.push_back(std::move(claim));
    for (auto& [at, claim] : line->slots) waiting.push_back(std::move(claim));
    line->slots.clear();
  }
  for (const ClaimPtr& claim : waiting) finish({claim, Finished::How::RELEASED, false, {}, parts_.clock.now()});
  files_.stop();
}

bool CallProviders::wait_until_idle(std::chrono::milliseconds wait) {
  std::unique_lock lock(idle_mutex_);
  return idle_changed_.wait_for(lock, wait, [this] { return running_ == 0; });
}

}  // namespace carillon::dispatcher
