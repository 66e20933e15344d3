// Pages of all services in one frame: Bootstrap and one stylesheet; every page works without its script, carillon.js,
// which keeps times relative and copies ids. A body is a mustache template;
// the frame adds navigation for the visitor's role, heading, sentence, errors and messages, and security headers.
//
//   pages::Page page;
//   page.title = "Billing";
//   page.sentence = "Your plan, and how it is paid.";
//   page.visitor = pages::visitor_of(request);
//   return pages::render(platform, page, file("billing.mustache"), values);
//
// Thread-safe.
#pragma once
#include <kainjow/mustache.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/router.hpp"
#include "pages/visitor.hpp"
#include "service/service.hpp"

namespace carillon::pages {

using Values = kainjow::mustache::data;

struct Flash {
  enum class Kind { DONE, WARNING, REFUSED } kind = Kind::DONE;
  std::string text;
};

// What is wrong with a field, shown at the top, linked to the field with that id, and beside it.
struct FieldError {
  std::string field;  // id of the input; "": of none
  std::string text;
};

struct Action {
  std::string label, path;
  bool leads_back = false;  // what the page is for is another button's
};

struct Page {
  std::string title;     // heading, and the tab's name
  std::string sentence;  // what the page is
  std::optional<Visitor> visitor = {};
  std::string path = {};  // of the page's entry in the navigation
  std::optional<Action> action = {};
  std::optional<Flash> flash = {};
  std::vector<FieldError> errors = {};
  int status = 200;
  // Origins, such as https://checkout.stripe.com, that a form of this page ends up at: browsers judge redirects too.
  std::vector<std::string> form_targets = {};
  std::vector<std::string> scripts = {};  // paths of our own, beside carillon.js
  bool wide = false;                      // for tables: the text takes the whole width
};

// In the template: {{{csrf_field}}} is the hidden field that every form needs; {{error_NAME}} is the text of the error
// of the field NAME, in a section of the same name where it is optional; {{aria_NAME}} (as {{{aria_NAME}}} within the
// input's tag) marks it as wrong for those who listen.
http::Response render(const service::Platform& platform, const Page& page, std::string_view body_template,
                      Values values = Values{Values::type::object});

// A page with nothing but what is to be said, such as "This link does not work".
http::Response notice(const service::Platform& platform, const Page& page, const std::string& text,
                      std::optional<Action> next = std::nullopt);

// 303; `path` is one of our own (local_path.hpp) or an absolute URL that the caller vouches for.
http::Response see_other(const service::Platform& platform, std::string path);

// What goes out with every page; render and see_other add it.
void add_page_headers(http::Response& response, const service::Platform& platform,
                      const std::vector<std::string>& form_targets = {});

// 503: the database is away or somebody else was faster, and nothing of what was sent is lost by going back.
http::Response not_possible_now(const service::Platform& platform, http::Method method);
// Answers a lost database, and a conflict, with that page and not with JSON.
http::Handler shown_as_page(service::Platform& platform, http::Handler handler);

}  // namespace carillon::pages
