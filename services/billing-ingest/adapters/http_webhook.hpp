// POST /api/webhooks/stripe. The signature is checked over the raw body on the I/O thread; the answer comes when the
// event is stored.
#pragma once
#include "billing-ingest/app/store_events.hpp"
#include "billing-ingest/app/webhook_refusals.hpp"
#include "billing-ingest/settings.hpp"
#include "http/router.hpp"
#include "time/clock.hpp"

namespace carillon::billing {

class HttpWebhook {
 public:
  HttpWebhook(const BillingSettings& settings, StoreEvents& store, WebhookRefusals& refusals, const Clock& clock)
      : settings_(settings), store_(store), refusals_(refusals), clock_(clock) {}
  void routes(http::Router& router);

 private:
  void on_post(http::Request&& request, http::Reply reply);
  void refuse(int status, std::string_view code, const char* detail, http::Reply& reply);

  const BillingSettings& settings_;
  StoreEvents& store_;
  WebhookRefusals& refusals_;
  const Clock& clock_;
};

}  // namespace carillon::billing
