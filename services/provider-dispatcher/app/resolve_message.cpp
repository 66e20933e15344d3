#include "provider-dispatcher/app/resolve_message.hpp"

#include "provider-dispatcher/adapters/providers/answer_detail.hpp"
#include "provider-dispatcher/app/receipt_events.hpp"

namespace carillon::dispatcher {

std::string ResolveMessage::chosen_provider(events::Channel channel, UtcTime now) const {
  const std::vector<Breaker> breakers = parts_.board.snapshot();
  const auto links = parts_.roster.links(channel, breakers, parts_.board.limits_reached(), now);
  const auto chosen = choose_provider(links, {});
  return std::string(chosen ? links[*chosen].provider : head_of(links));
}

// The row says which channel it is, so it is read first; it can't change meanwhile, for it is this transaction's.
ResolveMessage::Change ResolveMessage::send_again(pg::Transaction& tx, bus::Outbox& out, const Resolution& resolution,
                                                  std::string_view note, UtcTime now) {
  const ClaimPtr held = held_store::lock(tx, parts_.bus, resolution.message_id);
  if (!held) return {};
  if (held->dispatch.expires_at && *held->dispatch.expires_at <= now) return {Resolved::EXPIRED, unknown_provider};
  const std::string provider = chosen_provider(held->dispatch.channel, now);
  held_store::send_again(tx, resolution.message_id, provider, now);
  report_sent_again(out, *held, {resolution.actor, note}, now);
  return {Resolved::DONE, parts_.roster.find(provider)};
}

ResolveMessage::Change ResolveMessage::change(pg::Transaction& tx, bus::Outbox& out, const Resolution& resolution,
                                              UtcTime now) {
  const std::string note = safe_detail(resolution.note);
  if (resolution.as == ResolveAs::RESEND) return send_again(tx, out, resolution, note, now);
  const ClaimPtr held = held_store::end(tx, parts_.bus, resolution.message_id);
  if (!held) return {};
  const auto status = resolution.as == ResolveAs::SENT ? events::Status::SENT : events::Status::FAILED;
  report_decided(out, *held, status, {resolution.actor, note}, now);
  return {Resolved::DONE, unknown_provider};
}

Resolved ResolveMessage::resolve(const Resolution& resolution) {
  const UtcTime now = parts_.clock.now();
  auto connection = parts_.pool.take();
  bus::Outbox out;
  pg::Transaction tx(*connection);
  const Change made = change(tx, out, resolution, now);
  if (made.resolved == Resolved::NOT_HELD && !held_store::is_pending(tx, resolution.message_id)) {
    return Resolved::UNKNOWN;
  }
  if (made.resolved != Resolved::DONE) return made.resolved;
  parts_.bus.commit(out, tx);
  parts_.bus.wake(out);
  if (made.waits_at != unknown_provider) parts_.has_work(made.waits_at);
  return Resolved::DONE;
}

ResolveMessage::HeldList ResolveMessage::held(int messages_max) {
  auto connection = parts_.pool.take();
  pg::Transaction tx(*connection);
  HeldList list;
  list.messages = held_store::list(tx, parts_.bus, messages_max);
  list.total = held_store::count(tx);
  return list;
}

}  // namespace carillon::dispatcher
