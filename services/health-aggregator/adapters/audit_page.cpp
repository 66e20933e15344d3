#include "health-aggregator/adapters/audit_page.hpp"

#include "health-aggregator/adapters/filter_form.hpp"
#include "health-aggregator/adapters/page_values.hpp"
#include "health-aggregator/app/audit_chains.hpp"
#include "health-aggregator/app/find_audit_rows.hpp"
#include "pages/access.hpp"
#include "pages/times.hpp"
#include "values/message_id.hpp"

namespace carillon::health {

using pages::Values;

namespace {

constexpr const char* path = "/admin/audit";
constexpr std::size_t shown_signature_chars = 16;

// Filters as the form sends them: no empty ones, times as datetime-local has them.
QueryFields given(const http::Request& request) {
  QueryFields query = request.query;
  std::erase_if(query, [](const auto& field) { return field.second.empty(); });
  for (const char* name : {"from", "to"}) {
    if (query.contains(name)) query[name] = utc_from_form(query[name]);
  }
  return query;
}

Values row_values(const AuditRow& row, UtcTime now) {
  const events::AuditEvent& event = row.event;
  Values values = object_values();
  const auto set = [&](const char* name, const std::string& text) {
    if (!text.empty()) values[name] = text;
  };
  if (event.occurred_at) values["at"] = pages::time_tag(*event.occurred_at, now);
  values["action"] = event.action;
  values["actor"] = event.actor;
  values["subject_kind"] = event.subject_kind;
  set("subject", event.subject_id);
  if (event.subject_kind == "message" && is_uuid(event.subject_id)) values["message"] = event.subject_id;
  set("client", event.client_id);
  values["outcome"] = event.outcome;
  set("reason", event.reason);
  std::string details;
  for (const auto& [name, text] : event.details) details += (details.empty() ? "" : " · ") + name + " " + text;
  set("details", details);
  values["place"] = std::to_string(row.partition) + "/" + std::to_string(row.chain_seq);
  return values;
}

Values chain_values(const std::vector<AuditChainEnd>& ends, UtcTime now) {
  Values list = list_values();
  for (const AuditChainEnd& end : ends) {
    Values one = object_values();
    one["partition"] = std::to_string(end.partition);
    one["rows"] = std::to_string(end.chain_seq);
    one["newest"] = pages::time_tag(end.newest_at, now);
    if (end.signed_seq) {
      one["signed"] = std::to_string(*end.signed_seq);
      one["signed_at"] = pages::time_tag(*end.signed_at, now);
      one["signature"] = end.signature;
      one["short_signature"] = end.signature.substr(0, shown_signature_chars);
    }
    if (end.cut_seq) one["cut"] = std::to_string(*end.cut_seq);
    list << one;
  }
  return list;
}

}  // namespace

void AuditLogPage::routes(http::Router& router) {
  router.add(http::Method::GET, "/admin/audit",
             pages::shown_as_page(platform_, [this](const http::Request& request) { return show(request); }),
             pages::require_session(platform_, {security::Role::ADMIN}, pages::Refusal::PAGE));
}

http::Response AuditLogPage::show(const http::Request& request) {
  const QueryFields query = given(request);
  const UtcTime now = platform_.clock.now();
  pages::Page page;
  page.title = "Audit";
  page.sentence = "Who did what, newest first. Rows are chained: none can be changed or taken away unnoticed.";
  page.visitor = pages::visitor_of(request);
  page.path = path;
  page.wide = true;
  Values values = shown_filters(query);
  const auto refused = [&](const Failure& failure) {
    page.status = 400;
    page.errors = {field_error(failure)};
    return pages::render(platform_, page, page_file("audit.mustache"), values);
  };
  const auto filter = read_audit_filter(query);
  if (!filter) return refused(filter.error());
  auto connection = pool_.take();
  const auto found = find_audit_rows(*connection, *filter);
  if (!found) return refused(found.error());
  Values rows = list_values();
  for (const AuditRow& row : found->rows) rows << row_values(row, now);
  values["rows"] = std::move(rows);
  values[found->rows.empty() ? "none" : "some"] = Values{true};
  if (found->next_cursor) values["older"] = page_link(path, query, *found->next_cursor);
  if (query.contains("cursor")) values["newest"] = page_link(path, query, "");
  values["chains"] = chain_values(read_audit_chain_ends(*connection), now);
  return pages::render(platform_, page, page_file("audit.mustache"), values);
}

}  // namespace carillon::health
