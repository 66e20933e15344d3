#include "provider-dispatcher/app/apply_receipts.hpp"

#include <algorithm>
#include <tuple>
#include <vector>

#include "provider-dispatcher/adapters/held_store.hpp"
#include "provider-dispatcher/adapters/receipt_store.hpp"
#include "provider-dispatcher/app/receipt_events.hpp"

namespace carillon::dispatcher {

namespace {

using Pointers = std::vector<const Receipt*>;

bool before(const Receipt* a, const Receipt* b) {
  return std::tie(a->message_id, a->attempt, a->kind, a->provider_message_id) <
         std::tie(b->message_id, b->attempt, b->kind, b->provider_message_id);
}

// Everybody locks rows in this order.
Pointers sorted(std::span<Receipt* const> receipts) {
  Pointers pointers(receipts.begin(), receipts.end());
  std::sort(pointers.begin(), pointers.end(), before);
  return pointers;
}

void look_up(pg::Transaction& tx, std::span<Receipt* const> receipts) {
  std::vector<Receipt*> unknown;
  for (Receipt* receipt : receipts) {
    if (receipt->message_id.empty()) unknown.push_back(receipt);
  }
  receipt_store::match(tx, unknown);
}

struct ByMessage {
  bool operator()(const Receipt* receipt, const std::string& id) const { return receipt->message_id < id; }
  bool operator()(const std::string& id, const Receipt* receipt) const { return id < receipt->message_id; }
};

// Of several receipts of one message the one that says most about it tells which call got through. They are sorted.
const Receipt& telling(const Pointers& receipts, const std::string& message_id) {
  const auto [first, last] = std::equal_range(receipts.begin(), receipts.end(), message_id, ByMessage{});
  const auto says_most =
      std::find_if(first, last, [](const Receipt* one) { return makes_resending_useless(one->kind); });
  return says_most == last ? **first : **says_most;
}

std::size_t end_pending(pg::Transaction& tx, bus::Bus& bus, bus::Outbox& out, const Pointers& receipts, UtcTime now) {
  const auto ended = held_store::end_by_receipts(tx, bus, receipts);
  for (const ClaimPtr& claim : ended) {
    report_sent_by_receipt(out, *claim, telling(receipts, claim->dispatch.message_id), now);
  }
  return ended.size();
}

std::size_t report(pg::Transaction& tx, bus::Outbox& out, const Pointers& receipts, UtcTime now) {
  Pointers noted;
  for (const Receipt* receipt : receipts) {
    if (is_noted(receipt->kind)) noted.push_back(receipt);
  }
  const std::vector<bool> first = receipt_store::note_first(tx, noted, now);
  std::size_t suppressed = 0, next = 0;
  for (const Receipt* receipt : receipts) {
    const bool is_first = is_noted(receipt->kind) && first[next++];
    report_receipt(out, *receipt, is_first, now);
    if (is_first && suppresses(*receipt)) ++suppressed;
  }
  return suppressed;
}

}  // namespace

AppliedReceipts apply_receipts(pg::Transaction& tx, bus::Bus& bus, bus::Outbox& out, std::span<Receipt* const> receipts,
                               std::size_t room, UtcTime now) {
  AppliedReceipts applied;
  std::vector<Receipt*> of_messages;
  for (Receipt* receipt : receipts) {
    if (!receipt->about_recipient_alone) {
      of_messages.push_back(receipt);
    } else if (!receipt->recipient_hash.empty()) {
      report_recipient(out, *receipt, now);
      ++applied.suppressed;
    }
  }
  look_up(tx, of_messages);
  Pointers known, unknown;
  for (const Receipt* receipt : sorted(of_messages)) (receipt->message_id.empty() ? unknown : known).push_back(receipt);
  applied.dropped = unknown.size() - std::min(unknown.size(), room);
  unknown.resize(unknown.size() - applied.dropped);
  applied.unmatched = receipt_store::keep_unmatched(tx, unknown, now);
  applied.resolved = end_pending(tx, bus, out, known, now);
  applied.suppressed += report(tx, out, known, now);
  return applied;
}

AppliedReceipts end_by_early_receipts(pg::Transaction& tx, bus::Bus& bus, bus::Outbox& out,
                                      std::span<Receipt* const> receipts, UtcTime now) {
  AppliedReceipts applied;
  applied.resolved = end_pending(tx, bus, out, sorted(receipts), now);
  return applied;
}

}  // namespace carillon::dispatcher
