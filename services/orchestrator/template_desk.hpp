// Everything of templates for people in one piece: the admin API and the pages, editing, previews, messages by hand.
#pragma once
#include "bus/bus.hpp"
#include "orchestrator/adapters/manual_message_pages.hpp"
#include "orchestrator/adapters/template_edit_pages.hpp"
#include "orchestrator/adapters/template_pages.hpp"
#include "orchestrator/app/edit_templates.hpp"
#include "orchestrator/app/preview_template.hpp"
#include "orchestrator/app/send_by_hand.hpp"
#include "postgres/pool.hpp"
#include "service/service.hpp"

namespace carillon::orchestrator {

class TemplateDesk {
 public:
  // All arguments outlive it.
  TemplateDesk(service::Platform& platform, pg::Pool& pool, bus::Bus& bus, const Facts& facts);
  void routes(http::Router& router);

 private:
  service::Platform& platform_;
  pg::Pool& pool_;
  EditTemplates edit_;
  PreviewTemplate preview_;
  SendByHand send_;
  TemplatePages pages_;
  TemplateEditPages edit_pages_;
  ManualMessagePages message_pages_;
};

}  // namespace carillon::orchestrator
