// What the pages of templates and messages share: files of web/, the frame's values, times and names for people, and
// the document that previews are shown in.
#pragma once
#include <string>
#include <string_view>

#include "http/message.hpp"
#include "orchestrator/adapters/page_values.hpp"
#include "orchestrator/app/preview_template.hpp"
#include "orchestrator/app/send_by_hand.hpp"
#include "orchestrator/app/template_sheets.hpp"
#include "pages/form.hpp"
#include "pages/page.hpp"
#include "pages/visitor.hpp"

namespace carillon::orchestrator {

inline constexpr const char* templates_path = "/admin/templates";

pages::Values texts(const std::vector<std::string>& lines);  // a list of objects with `text`

pages::Page templates_frame(const http::Request& request, std::string title, std::string sentence);
std::string template_path(const std::string& key);                     // "/admin/templates/KEY"
std::string query_of(const http::Request& request, const char* name);  // "" when absent
std::string shown(const std::string& text);                            // again in a form: "" where it is no text at all
// A whole number from 1; 0 for anything else.
int number_of(const std::string& text);

// `ago` in words and `exact`.
pages::Values moment(UtcTime at, UtcTime now);
// "seed", an account's address, or the API key's owner.
std::string who(const std::string& by, const std::string& email);
std::string message_path(const std::string& message_id);  // the page of a message

// What a form sent can't be used: 400 or 413 as a page.
http::Response unreadable(const service::Platform& platform, const http::Request& request, const Failure& failure);
http::Response unknown_template(const service::Platform& platform, const http::Request& request);
// A page that says why nothing was changed, with the way back to the template.
http::Response nothing_changed(const service::Platform& platform, const http::Request& request, const std::string& key,
                               const Failure& failure);

// A document for a frame of our pages: what a message would be. Strangers' HTML stands in a frame of its own without
// rights, and the whole document is sandboxed: no script, no form, nothing loaded from anywhere.
http::Response preview_document(const Preview& preview, const TemplateMeta& meta);
http::Response preview_refusal(const std::string& text, int status);

}  // namespace carillon::orchestrator
