#include "sandbox/core/inbox.hpp"

#include <algorithm>

namespace carillon::sandbox {

std::uint64_t Inbox::keep(StoredMessage message) {
  message.id = ++last_id_;
  bytes_ += message.raw.size() + message.envelope.size();
  messages_.push_back(std::move(message));
  while (messages_.size() > messages_max_ || (bytes_ > inbox_bytes_max && messages_.size() > 1)) {
    bytes_ -= messages_.front().raw.size() + messages_.front().envelope.size();
    messages_.pop_front();
  }
  return last_id_;
}

void Inbox::drop_messages() {
  messages_.clear();
  bytes_ = 0;
}

const StoredMessage* Inbox::find(std::uint64_t id) const {
  if (messages_.empty() || id < messages_.front().id || id > messages_.back().id) return nullptr;
  return &messages_[id - messages_.front().id];
}

void Inbox::note_receipt(std::uint64_t id, const ReceiptNote& note) {
  if (messages_.empty() || id < messages_.front().id || id > messages_.back().id) return;
  std::vector<ReceiptNote>& notes = messages_[id - messages_.front().id].receipts;
  if (notes.size() < receipt_notes_max) notes.push_back(note);
}

std::uint64_t Inbox::note_call(ProviderName provider, std::string_view message_id, std::int32_t attempt,
                               CallOutcome outcome, std::int64_t received_at_us) {
  CallRow row;
  message_id = message_id.substr(0, row.message_id.size());
  std::copy(message_id.begin(), message_id.end(), row.message_id.begin());
  row.attempt = attempt;
  row.provider = provider;
  row.outcome = outcome;
  row.received_at_us = received_at_us;
  calls_.push_back(row);
  if (calls_.size() > calls_max_) {
    calls_.pop_front();
    ++calls_dropped_;
  }
  Figures& figures = figures_[static_cast<std::size_t>(provider)];
  ++figures.calls;
  if (outcome == CallOutcome::ACCEPTED) ++figures.accepted;
  if (outcome == CallOutcome::REFUSED) ++figures.refused;
  return calls_dropped_ + calls_.size() - 1;
}

void Inbox::answered(std::uint64_t call) {
  if (call < calls_dropped_ || call - calls_dropped_ >= calls_.size()) return;
  calls_[call - calls_dropped_].answered = true;
}

}  // namespace carillon::sandbox
