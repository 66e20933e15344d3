#include "provider-dispatcher/app/receipt_watch.hpp"

#include "provider-dispatcher/adapters/held_store.hpp"
#include "provider-dispatcher/adapters/receipt_figures_store.hpp"
#include "provider-dispatcher/adapters/receipt_store.hpp"
#include "provider-dispatcher/app/alert_request.hpp"
#include "provider-dispatcher/app/delivery_events.hpp"
#include "provider-dispatcher/core/receipt_health.hpp"
#include "service/log.hpp"
#include "service/thread_name.hpp"

namespace carillon::dispatcher {

namespace {

std::vector<Receipt*> pointers_to(std::vector<Receipt>& receipts) {
  std::vector<Receipt*> pointers;
  pointers.reserve(receipts.size());
  for (Receipt& receipt : receipts) pointers.push_back(&receipt);
  return pointers;
}

// Until a lot is not full.
template <class DropLot>
void in_lots(DropLot drop_lot) {
  while (drop_lot() >= static_cast<std::size_t>(receipt_drop_max)) {
  }
}

// "2026-01-31 23:59 UTC"
std::string minute_text(UtcTime time) {
  const std::string text = to_rfc3339(time);
  return text.substr(0, 10) + " " + text.substr(11, 5) + " UTC";
}

}  // namespace

ReceiptWatch::ReceiptWatch(ReceiptWatchParts parts)
    : parts_(std::move(parts)), connection_(parts_.connection), effects_(parts_.metrics) {}

ReceiptWatch::~ReceiptWatch() {
  stop();
}

void ReceiptWatch::start() {
  thread_ = std::thread([this] { loop(); });
}

void ReceiptWatch::stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void ReceiptWatch::loop() {
  name_this_thread("receipt-watch");
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    look();
    lock.lock();
    changed_.wait_for(lock, receipt_watch_pause, [this] { return stopping_; });
  }
}

void ReceiptWatch::chore(const char* name, const std::function<void()>& work) {
  try {
    work();
  } catch (const std::exception& e) {
    log::warn("receipt_chore_failed", {{"chore", name}, {"error", e.what()}});
  }
}

void ReceiptWatch::look() {
  const UtcTime now = parts_.clock.now();
  const SteadyTime steady = parts_.clock.steady();
  chore("early", [&] { apply_early(now); });
  chore("matched", [&] { apply_matched(now); });
  chore("refusals", [&] { audit_refusals(now); });
  if (steady >= judge_at_) {
    judge_at_ = steady + receipt_judge_pause;
    chore("figures", [&] { write_figures(); });
    chore("judge", [&] { judge(now); });
    chore("held", [&] { ask_about_held(now); });
  }
  if (steady >= clean_at_) {
    clean_at_ = steady + receipt_clean_pause;
    chore("clean", [&] { clean(now); });
  }
}

void ReceiptWatch::commit(pg::Transaction& tx, bus::Outbox& out) {
  parts_.bus.commit(out, tx);
  parts_.bus.wake(out);
}

void ReceiptWatch::apply_early(UtcTime now) {
  for (std::size_t taken = receipt_sweep_max; taken == static_cast<std::size_t>(receipt_sweep_max);) {
    bus::Outbox out;
    pg::Transaction tx(connection_);
    std::vector<Receipt> receipts = receipt_store::take_early(tx, receipt_sweep_max);
    taken = receipts.size();
    if (taken == 0) return;
    const AppliedReceipts applied = end_by_early_receipts(tx, parts_.bus, out, pointers_to(receipts), now);
    commit(tx, out);
    effects_.count(applied);
  }
}

void ReceiptWatch::apply_matched(UtcTime now) {
  UtcTime since = now - receipt_young;
  const SteadyTime steady = parts_.clock.steady();
  if (steady >= look_at_all_at_) {
    look_at_all_at_ = steady + receipt_look_again;
    since = now - unmatched_receipts_kept;
  }
  for (std::size_t taken = receipt_sweep_max; taken == static_cast<std::size_t>(receipt_sweep_max);) {
    bus::Outbox out;
    pg::Transaction tx(connection_);
    std::vector<Receipt> receipts = receipt_store::take_matched(tx, since, receipt_sweep_max);
    taken = receipts.size();
    if (taken == 0) return;
    const AppliedReceipts applied = apply_receipts(tx, parts_.bus, out, pointers_to(receipts), 0, now);
    commit(tx, out);
    effects_.count(applied);
  }
}

void ReceiptWatch::audit_refusals(UtcTime now) {
  const auto due = parts_.refusals.take_due();
  if (due.empty()) return;
  try {
    bus::Outbox out;
    for (const auto& [provider, reasons] : due) {
      std::map<std::string, std::string> details;
      std::string most;
      for (const auto& [reason, count] : reasons) {
        details.emplace(reason, std::to_string(count));
        if (most.empty() || reasons.at(most) < count) most = reason;
      }
      audit(out, "RECEIPTS_REFUSED", "provider", provider, {}, "REFUSED", most, std::move(details), now);
    }
    pg::Transaction tx(connection_);
    commit(tx, out);
  } catch (...) {
    parts_.refusals.put_back(due);
    throw;
  }
}

void ReceiptWatch::write_figures() {
  const ReceiptFigures::Minutes minutes = parts_.figures.take();
  if (minutes.empty()) return;
  try {
    receipt_figures_store::add(connection_, minutes);
  } catch (...) {
    parts_.figures.put_back(minutes);
    throw;
  }
}

void ReceiptWatch::judge(UtcTime now) {
  const std::set<std::string>& expected = parts_.figures.expected();
  if (expected.empty()) return;
  std::vector<std::string> missing, coming;
  std::map<std::string, ReceiptCounts> counts = receipt_figures_store::read(connection_, now);
  for (const std::string& provider : expected) {
    const ReceiptVerdict verdict = judge_receipts(counts[provider]);
    if (verdict == ReceiptVerdict::MISSING) missing.push_back(provider);
    if (verdict == ReceiptVerdict::COMING) coming.push_back(provider);
  }
  bus::Outbox out;
  pg::Transaction tx(connection_);
  for (const std::string& provider : receipt_figures_store::begin_missing(tx, missing, now)) {
    const ReceiptCounts& of = counts[provider];
    log::warn("provider_without_receipts",
              {{"provider", provider}, {"accepted", of.accepted}, {"receipts", of.receipts}});
    audit(out, "PROVIDER_DEGRADED", "provider", provider, {}, "DEGRADED", "NO_RECEIPTS",
          {{"accepted", std::to_string(of.accepted)}, {"receipts", std::to_string(of.receipts)}}, now);
  }
  for (const std::string& provider : receipt_figures_store::end_missing(tx, coming)) {
    log::info("provider_receipts_came_back", {{"provider", provider}});
    audit(out, "PROVIDER_RECOVERED", "provider", provider, {}, "OK", "RECEIPTS_CAME", {}, now);
  }
  parts_.figures.set_missing(receipt_figures_store::missing(tx));
  commit(tx, out);
}

void ReceiptWatch::drop_unmatched(UtcTime now) {
  for (std::int64_t dropped = receipt_drop_max; dropped == receipt_drop_max;) {
    bus::Outbox out;
    pg::Transaction tx(connection_);
    dropped = 0;
    for (const auto& [provider, rows] :
         receipt_store::drop_unmatched(tx, now - unmatched_receipts_kept, receipt_drop_max)) {
      dropped += rows;
      log::info("receipts_unmatched", {{"provider", provider}, {"receipts", rows}});
      audit(out, "RECEIPTS_UNMATCHED", "provider", provider, {}, "DROPPED", "NO_SUCH_CALL",
            {{"receipts", std::to_string(rows)}}, now);
    }
    if (dropped > 0) commit(tx, out);
  }
}

void ReceiptWatch::clean(UtcTime now) {
  drop_unmatched(now);
  parts_.room.counted(receipt_store::count_unmatched(connection_));
  in_lots([&] { return receipt_store::drop_sent_calls(connection_, now - sent_calls_kept, receipt_drop_max); });
  in_lots([&] { return receipt_store::drop_noted(connection_, now - noted_receipts_kept, receipt_drop_max); });
  receipt_figures_store::drop(connection_, now - receipt_minutes_kept);
}

void ReceiptWatch::ask_about_held(UtcTime now) {
  bus::Outbox out;
  pg::Transaction tx(connection_);
  const auto question = held_store::ask(tx, now, held_question_after);
  if (!question) return;
  const std::string oldest = minute_text(question->oldest);
  request_alert(out, "MESSAGES_HELD_ADMIN", "held-messages/" + to_rfc3339(now),
                R"({"count":)" + std::to_string(question->messages) + R"(,"oldest":")" + oldest + "\"}",
                "messages are held", now);
  commit(tx, out);
}

}  // namespace carillon::dispatcher
