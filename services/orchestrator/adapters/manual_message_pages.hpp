// /admin/messages/new: a message by hand, to one client or recipient, looked at before it goes. For ADMINs. Blocks on
// the database.
#pragma once
#include "http/router.hpp"
#include "orchestrator/app/send_by_hand.hpp"
#include "orchestrator/app/template_sheets.hpp"
#include "pages/form.hpp"
#include "pages/page.hpp"
#include "postgres/pool.hpp"
#include "service/service.hpp"

namespace carillon::orchestrator {

class ManualMessagePages {
 public:
  ManualMessagePages(service::Platform& platform, pg::Pool& pool, SendByHand& send)
      : platform_(platform), pool_(pool), send_(send) {}
  void routes(http::Router& router);

 private:
  http::Response show(const http::Request& request);
  http::Response go_on(const http::Request& request);
  http::Response choose(const http::Request& request, const std::string& wanted);
  http::Response fill_in(const http::Request& request, const TemplateMeta& meta, const pages::Form& form,
                         std::vector<pages::FieldError> errors, int status);
  http::Response look_at(const http::Request& request, const TemplateMeta& meta, const pages::Form& form,
                         const HandMadeMessage& message);
  http::Response send(const http::Request& request, const TemplateMeta& meta, const pages::Form& form,
                      const HandMadeMessage& message);

  service::Platform& platform_;
  pg::Pool& pool_;
  SendByHand& send_;
};

}  // namespace carillon::orchestrator
