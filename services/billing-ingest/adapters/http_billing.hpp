// What a client sees of billing: the page /billing with its forms, and the same by API. OWNER and STAFF see, only the
// OWNER acts; the client is the session's.
#pragma once
#include "billing-ingest/app/open_billing.hpp"
#include "http/router.hpp"
#include "pages/form.hpp"
#include "service/service.hpp"

namespace carillon::billing {

class HttpBilling {
 public:
  HttpBilling(OpenBilling& open, const BillingSettings& settings, service::Platform& platform)
      : open_(open), settings_(settings), platform_(platform) {}
  void routes(http::Router& router);

 private:
  http::Response page(const http::Request& request);
  http::Response post_checkout(const http::Request& request);
  http::Response post_portal(const http::Request& request);
  http::Response api_checkout(const http::Request& request);
  http::Response api_portal(const http::Request& request);
  http::Response go_on(const http::Request& request, const Opened& opened);
  http::Response answer(const Opened& opened, const std::string& client_id) const;

  OpenBilling& open_;
  const BillingSettings& settings_;
  service::Platform& platform_;
};

}  // namespace carillon::billing
