#include "orchestrator/adapters/one_click_form.hpp"

#include <catch2/catch.hpp>
#include <string>

using carillon::orchestrator::asks_to_unsubscribe;
using carillon::orchestrator::one_click_body_bytes_max;

namespace {

const char* form = "application/x-www-form-urlencoded";

std::string multipart(const std::string& name, const std::string& value, const std::string& boundary = "=-x1") {
  return "--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n--" +
         boundary + "--\r\n";
}

}  // namespace

TEST_CASE("one click: the field of a form asks, whatever stands beside it") {
  CHECK(asks_to_unsubscribe(form, "List-Unsubscribe=One-Click"));
  CHECK(asks_to_unsubscribe("Application/X-WWW-Form-Urlencoded; charset=UTF-8", "a=b&List-Unsubscribe=One-Click&c"));
  CHECK(asks_to_unsubscribe(form, "List%2DUnsubscribe=One%2DClick"));
}

TEST_CASE("one click: a multipart form asks too, as RFC 8058 prefers it") {
  CHECK(asks_to_unsubscribe("multipart/form-data; boundary=\"=-x1\"", multipart("List-Unsubscribe", "One-Click")));
  CHECK(asks_to_unsubscribe("Multipart/Form-Data; boundary==-x1; charset=utf-8",
                            multipart("list-unsubscribe", "One-Click")));
  const std::string first = multipart("other", "1");
  CHECK(asks_to_unsubscribe("multipart/form-data; boundary==-x1",
                            first.substr(0, first.size() - 4) + "\r\n" + multipart("List-Unsubscribe", "One-Click")));
}

TEST_CASE("one click: nothing else asks") {
  for (const char* body : {"", "List-Unsubscribe", "List-Unsubscribe=", "List-Unsubscribe=one-click", "One-Click",
                           "List-Unsubscribe=One-Click2", "x=List-Unsubscribe=One-Click", "%zz"})
    CHECK_FALSE(asks_to_unsubscribe(form, body));
  CHECK_FALSE(asks_to_unsubscribe("", "List-Unsubscribe=One-Click"));
  CHECK_FALSE(asks_to_unsubscribe("text/plain", "List-Unsubscribe=One-Click"));
  CHECK_FALSE(asks_to_unsubscribe("application/json", R"({"List-Unsubscribe":"One-Click"})"));
  CHECK_FALSE(asks_to_unsubscribe("multipart/form-data", multipart("List-Unsubscribe", "One-Click")));
  CHECK_FALSE(asks_to_unsubscribe("multipart/form-data; boundary=other", multipart("List-Unsubscribe", "One-Click")));
  CHECK_FALSE(asks_to_unsubscribe("multipart/form-data; boundary==-x1", multipart("List-Unsubscribe", "Two-Clicks")));
  CHECK_FALSE(asks_to_unsubscribe("multipart/form-data; boundary==-x1", multipart("Unsubscribe", "One-Click")));
  CHECK_FALSE(asks_to_unsubscribe(form, "List-Unsubscribe=One-Click&x=" + std::string(one_click_body_bytes_max, 'x')));
}
