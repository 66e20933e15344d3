#include "sandbox/adapters/http_receipt_sender.hpp"

#include <future>

#include "sandbox/app/write_receipt.hpp"

namespace carillon::sandbox {
namespace {

constexpr std::size_t answer_bytes_max = 64 * 1024;

http::ClientSettings client_settings() {
  http::ClientSettings settings;
  settings.connections_per_origin_max = receipt_calls_max;
  return settings;
}

bool goes_with(const Parcel& a, const Parcel& b) {
  return a.provider == ProviderName::SENDGRID && b.provider == ProviderName::SENDGRID && a.url == b.url &&
         a.forge == b.forge;
}

SteadyTime due_time(SteadyTime now, std::chrono::milliseconds delay, ProviderName provider) {
  if (provider != ProviderName::SENDGRID || delay.count() == 0) return now + delay;
  const auto rounds = (now + delay).time_since_epoch() / sendgrid_batch_every + 1;
  return SteadyTime{rounds * sendgrid_batch_every};
}

}  // namespace

HttpReceiptSender::HttpReceiptSender(Loop& loop, const ReceiptKeys& keys, const Clock& clock)
    : loop_(loop), keys_(keys), clock_(clock), runtime_(1, "receipts") {}

HttpReceiptSender::~HttpReceiptSender() {
  closed_ = true;
  // There, where it is used; its calls end with CANCELLED.
  std::promise<void> ended;
  runtime_.post([this, &ended] {
    client_.reset();
    ended.set_value();
  });
  ended.get_future().wait();
  runtime_.stop();
}

bool HttpReceiptSender::send(Parcel parcel, std::chrono::milliseconds delay, std::function<void(Delivery)> done) {
  if (waiting_ >= parcels_waiting_max) return false;
  ++waiting_;
  const SteadyTime due = due_time(clock_.steady(), delay, parcel.provider);
  // The runtime takes functions that can be copied.
  auto waiting = std::make_shared<Waiting>(Waiting{std::move(parcel), std::move(done)});
  runtime_.post([this, due, waiting] { enqueue(due, std::move(*waiting)); });
  return true;
}

void HttpReceiptSender::enqueue(SteadyTime due, Waiting waiting) {
  if (closed_) return;
  queue_.emplace(due, std::move(waiting));
  pump();
}

void HttpReceiptSender::pump() {
  if (closed_) return;
  const SteadyTime now = clock_.steady();
  while (calls_ < receipt_calls_max && !queue_.empty() && queue_.begin()->first <= now) start(take_due(now));
  if (!queue_.empty() && calls_ < receipt_calls_max) wake_at(queue_.begin()->first);
}

// The first that is due, and with it what may go into the same call.
HttpReceiptSender::Batch HttpReceiptSender::take_due(SteadyTime now) {
  Batch batch;
  std::size_t looked_at = 0;
  for (auto at = queue_.begin(); at != queue_.end() && at->first <= now;) {
    if (++looked_at > sendgrid_batch_looked_at_max || batch.size() == sendgrid_batch_parcels_max) break;
    if (batch.empty() || goes_with(batch.front().parcel, at->second.parcel)) {
      batch.push_back(std::move(at->second));
      at = queue_.erase(at);
    } else {
      ++at;
    }
    if (batch.front().parcel.provider != ProviderName::SENDGRID) break;
  }
  return batch;
}

void HttpReceiptSender::start(Batch taken) {
  const auto batch = std::make_shared<Batch>(std::move(taken));
  std::vector<const Parcel*> parcels;
  for (const Waiting& waiting : *batch) parcels.push_back(&waiting.parcel);
  WebhookRequest request = write_receipt(parcels, keys_, clock_.now());
  http::Call call;
  call.url = std::move(request.url);
  call.headers = std::move(request.headers);
  call.body = std::move(request.body);
  call.connect_timeout = receipt_connect_timeout;
  call.timeout = receipt_timeout;
  call.answer_bytes_max = answer_bytes_max;
  if (!client_) client_ = std::make_unique<http::Client>(runtime_, client_settings());
  ++calls_;
  client_->call(std::move(call), [this, batch](const http::Answer& answer) { ended(batch, answer); });
}

void HttpReceiptSender::ended(const std::shared_ptr<Batch>& batch, const http::Answer& answer) {
  if (closed_) return;
  --calls_;
  waiting_ -= batch->size();
  const Delivery delivery{answer.status, answer.status == 0 ? http::to_string(answer.error) : ""};
  loop_.post([batch, delivery] {
    for (Waiting& waiting : *batch) waiting.done(delivery);
  });
  pump();
}

void HttpReceiptSender::wake_at(SteadyTime due) {
  if (wakes_at_ <= due) return;
  wakes_at_ = due;
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(due - clock_.steady());
  runtime_.after(std::max(wait, std::chrono::milliseconds{1}), [this, due] {
    if (wakes_at_ == due) wakes_at_ = SteadyTime::max();
    pump();
  });
}

}  // namespace carillon::sandbox
