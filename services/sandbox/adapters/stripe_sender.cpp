#include "sandbox/adapters/stripe_sender.hpp"

#include <algorithm>
#include <future>
#include <vector>

#include "security/webhooks/stripe_signature.hpp"

namespace carillon::sandbox {

struct StripeSender::Waiting {
  std::string body;
  std::function<void(int)> done;
  int tries = 0;
};

StripeSender::StripeSender(Loop& loop, std::string url, std::string secret, const Clock& clock)
    : loop_(loop), url_(std::move(url)), secret_(std::move(secret)), clock_(clock), runtime_(1, "stripe") {}

StripeSender::~StripeSender() {
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

bool StripeSender::send(std::string body, std::function<void(int)> done) {
  if (!is_configured() || waiting_ >= stripe_waiting_max) return false;
  ++waiting_;
  const auto waiting = std::make_shared<Waiting>(Waiting{std::move(body), std::move(done)});
  runtime_.post([this, waiting] { call(waiting); });
  return true;
}

void StripeSender::call(const std::shared_ptr<Waiting>& waiting) {
  if (closed_) return;
  if (!client_) client_ = std::make_unique<http::Client>(runtime_);
  ++waiting->tries;
  http::Call call;
  call.url = url_;
  // Each try is signed anew, as Stripe does.
  const std::vector<std::string> secrets{secret_};
  call.headers = {{"Content-Type", "application/json; charset=utf-8"},
                  {"User-Agent", "Carillon sandbox as Stripe"},
                  {"Stripe-Signature", security::webhooks::sign_stripe(waiting->body, secrets, clock_.now())}};
  call.body = waiting->body;
  client_->call(std::move(call), [this, waiting](const http::Answer& answer) { ended(waiting, answer.status); });
}

void StripeSender::ended(const std::shared_ptr<Waiting>& waiting, int status) {
  if (closed_) return;
  loop_.post([done = waiting->done, status] { done(status); });
  if (status / 100 == 2 || waiting->tries == stripe_tries_max) {
    --waiting_;
    return;
  }
  const auto pause = std::min(stripe_retry_pause_max, stripe_retry_pause_first * (1 << (waiting->tries - 1)));
  runtime_.after(pause, [this, waiting] { call(waiting); });
}

}  // namespace carillon::sandbox
