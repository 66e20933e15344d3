#include "sandbox/adapters/otp_page.hpp"

#include <kainjow/mustache.hpp>

#include "sandbox/adapters/http_session.hpp"
#include "sandbox/adapters/web_files.hpp"

namespace carillon::sandbox {

std::string otp_page(const std::string& carillon_url) {
  kainjow::mustache::mustache page{std::string(web_file("otp.mustache"))};
  kainjow::mustache::data view;
  view.set("carillon_url", carillon_url);
  view.set("configured", !carillon_url.empty());
  return http_response(200, "text/html; charset=utf-8", page.render(view), page_headers);
}

}  // namespace carillon::sandbox
