#include "provisioning/adapters/number_pool_page.hpp"

#include <fmt/format.h>

#include <sstream>
#include <stdexcept>

#include "pages/access.hpp"
#include "pages/form.hpp"
#include "pages/page.hpp"
#include "pages/times.hpp"
#include "provisioning_pages_web.hpp"
#include "values/recipient.hpp"

namespace carillon::provisioning {
namespace {

using pages::Page;
using pages::Values;

constexpr const char* path = "/admin/number-pool";
constexpr int shown_rows = 50;

std::string_view file(std::string_view name) {
  for (const auto& one : provisioning_pages::files) {
    if (one.path == name) return one.bytes;
  }
  throw std::logic_error("services/provisioning/web lacks " + std::string(name));
}

Page frame(const http::Request& request) {
  Page page;
  page.title = "Number pool";
  page.sentence = "The phone numbers that clients are given.";
  page.visitor = pages::visitor_of(request);
  page.path = path;
  return page;
}

Values waiting_values(ManagePool& pool, UtcTime now) {
  Values list{Values::type::list};
  for (const WaitingClient& client : pool.waiting(shown_rows)) {
    Values one{Values::type::object};
    one["client"] = client.client_id;
    one["name"] = client.business_name.empty() ? "–" : client.business_name;
    one["state"] = client.onboarding_state;
    one["since"] = pages::time_tag(client.since, now);
    list << one;
  }
  return list;
}

Values recent_values(ManagePool& pool, UtcTime now) {
  Values list{Values::type::list};
  for (const RecentNumber& number : pool.recent(shown_rows)) {
    Values one{Values::type::object};
    one["number"] = masked(number.phone_e164);
    one["client"] = number.client_id;
    one["name"] = number.business_name.empty() ? "–" : number.business_name;
    one["at"] = pages::time_tag(number.assigned_at, now);
    list << one;
  }
  return list;
}

http::Response show(const service::Platform& platform, ManagePool& pool, int threshold, const Page& page,
                    const std::string& numbers) {
  const PoolFigures figures = pool.figures();
  const UtcTime now = platform.clock.now();
  Values values{Values::type::object};
  values["available"] = std::to_string(figures.counts.available);
  values["assigned"] = std::to_string(figures.counts.assigned);
  values["reserved"] = std::to_string(figures.counts.reserved);
  values["waiting"] = std::to_string(figures.waiting);
  const bool in_use = figures.counts.total() > 0 || figures.waiting > 0;
  const bool healthy = is_healthy(figures.counts, threshold);
  values["tone"] = !in_use ? "idle" : healthy ? "good" : figures.counts.available == 0 ? "bad" : "warn";
  values["words"] = !in_use   ? "The pool is not in use: it has no number yet."
                    : healthy ? "Enough numbers are available."
                              : fmt::format("Too few numbers are available: fewer than {}.", threshold);
  values["waiting_clients"] = waiting_values(pool, now);
  values["recent"] = recent_values(pool, now);
  values["numbers"] = numbers;
  values["numbers_max"] = std::to_string(pool_numbers_max);
  return pages::render(platform, page, file("number_pool.mustache"), std::move(values));
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; in >> line;) lines.push_back(line);
  return lines;
}

std::string told(const AddedNumbers& added) {
  std::string text = fmt::format("{} {} added.", added.added, added.added == 1 ? "number was" : "numbers were");
  if (added.known > 0) text += fmt::format(" {} were in the pool already.", added.known);
  if (added.read.repeated > 0) text += fmt::format(" {} were given twice.", added.read.repeated);
  return text;
}

http::Response add(const http::Request& request, const service::Platform& platform, ManagePool& pool, int threshold) {
  const auto form = pages::read_form(request);
  Page page = frame(request);
  const auto refused = [&](std::string why, const std::string& kept) {
    page.status = 422;
    page.errors = {{"numbers", std::move(why)}};
    return show(platform, pool, threshold, page, kept);
  };
  if (!form) return refused(fmt::format("This can't be read: {}.", form.error().detail), "");
  const std::string& text = (*form)["numbers"];
  const auto numbers = lines_of(text);
  if (!is_valid_utf8(text)) return refused("This is no text.", "");
  if (numbers.empty() || numbers.size() > pool_numbers_max)
    return refused(fmt::format("Enter 1 to {} numbers, one a line.", pool_numbers_max), text);
  const AddedNumbers added = pool.add(numbers, pages::actor_of(request));
  page.flash = {pages::Flash::Kind::DONE, told(added)};
  if (added.read.refused.empty()) return show(platform, pool, threshold, page, "");
  const auto& first = added.read.refused.front();
  page.flash->kind = pages::Flash::Kind::WARNING;
  std::string left;
  for (const auto& each : added.read.refused) left += numbers[each.position - 1] + "\n";
  page.status = 422;
  page.errors = {{"numbers", fmt::format("{} could not be added; the first of them: {}.", added.read.refused.size(),
                                         first.detail)}};
  return show(platform, pool, threshold, page, left);
}

// Who is signed in and may change the pool, only not yet, gets a page and no JSON.
http::Guard refusing_as_page(const service::Platform& platform, http::Guard guard) {
  return [&platform, guard = std::move(guard)](http::Request& request) -> std::optional<http::Response> {
    auto refused = guard(request);
    if (refused && refused->status == 503 && request.params.contains("session_account"))
      return pages::not_possible_now(platform, request.method);
    return refused;
  };
}

}  // namespace

void add_number_pool_page(http::Router& router, service::Platform& platform, ManagePool& pool, int warning_threshold,
                          const std::function<http::Guard(http::Guard)>& changing) {
  const http::Guard admin = pages::require_session(platform, {security::Role::ADMIN}, pages::Refusal::PAGE);
  router.add(http::Method::GET, "/admin/number-pool",
             pages::shown_as_page(platform,
                                  [&platform, &pool, warning_threshold](const http::Request& request) {
                                    return show(platform, pool, warning_threshold, frame(request), "");
                                  }),
             admin);
  router.add(http::Method::POST, "/admin/number-pool",
             pages::shown_as_page(platform,
                                  [&platform, &pool, warning_threshold](const http::Request& request) {
                                    return add(request, platform, pool, warning_threshold);
                                  }),
             refusing_as_page(platform, changing(admin)));
}

}  // namespace carillon::provisioning
