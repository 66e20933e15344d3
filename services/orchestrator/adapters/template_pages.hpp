// /admin/templates: the list, a template with its versions, what changed between two of them, and activating, rolling
// back and switching off behind a page that says what will happen. For ADMINs. Blocks on the database.
#pragma once
#include "http/router.hpp"
#include "orchestrator/app/edit_templates.hpp"
#include "orchestrator/app/preview_template.hpp"
#include "orchestrator/app/template_sheets.hpp"
#include "pages/page.hpp"
#include "postgres/pool.hpp"
#include "service/service.hpp"

namespace carillon::orchestrator {

class TemplatePages {
 public:
  TemplatePages(service::Platform& platform, pg::Pool& pool, EditTemplates& edit, const PreviewTemplate& preview)
      : platform_(platform), pool_(pool), edit_(edit), preview_(preview) {}
  void routes(http::Router& router);

 private:
  http::Response list_all(const http::Request& request);
  http::Response show(const http::Request& request);
  http::Response show_preview(const http::Request& request);
  http::Response compare(const http::Request& request);
  http::Response confirm(const http::Request& request);
  http::Response activate(const http::Request& request);
  http::Response switch_active(const http::Request& request);

  service::Platform& platform_;
  pg::Pool& pool_;
  EditTemplates& edit_;
  const PreviewTemplate& preview_;
};

}  // namespace carillon::orchestrator
