// /admin/templates/{key}/edit: writing a new version, one language at a time, with a preview beside it that needs no
// script; and /test-send: a real message to see it arrive. For ADMINs. Blocks on the database.
#pragma once
#include "http/router.hpp"
#include "orchestrator/app/edit_templates.hpp"
#include "orchestrator/app/preview_template.hpp"
#include "orchestrator/app/send_by_hand.hpp"
#include "orchestrator/app/template_sheets.hpp"
#include "pages/form.hpp"
#include "pages/page.hpp"
#include "postgres/pool.hpp"
#include "service/service.hpp"

namespace carillon::orchestrator {

class TemplateEditPages {
 public:
  TemplateEditPages(service::Platform& platform, pg::Pool& pool, EditTemplates& edit, const PreviewTemplate& preview,
                    SendByHand& send)
      : platform_(platform), pool_(pool), edit_(edit), preview_(preview), send_(send) {}
  void routes(http::Router& router);

 private:
  struct Words;
  struct Source;
  Source read(const std::string& key, int version);
  http::Response show(const http::Request& request);
  http::Response save(const http::Request& request);
  http::Response preview(const http::Request& request);
  http::Response show_test(const http::Request& request);
  http::Response send_test(const http::Request& request);
  http::Response editor(const http::Request& request, const TemplateSheet& sheet, const Words& words,
                        std::vector<pages::FieldError> errors, int status);
  http::Response show_theirs(const http::Request& request, const std::string& key, Words words);
  http::Response test_form(const http::Request& request, const TemplateSheet& sheet, const pages::Form& form,
                           std::vector<pages::FieldError> errors, int status);

  service::Platform& platform_;
  pg::Pool& pool_;
  EditTemplates& edit_;
  const PreviewTemplate& preview_;
  SendByHand& send_;
};

}  // namespace carillon::orchestrator
