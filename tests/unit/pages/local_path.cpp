#include "pages/local_path.hpp"

#include <catch2/catch.hpp>

using namespace carillon::pages;

TEST_CASE("local path: our own paths are gone to, with their query") {
  for (const char* path : {"/", "/billing", "/admin/clients?page=2&q=a%20b", "/a/b#c"}) CHECK(is_local_path(path));
}

TEST_CASE("local path: what leads elsewhere, or could in some browser, is not gone to") {
  for (const char* path : {"", "billing", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example",
                           "https://evil.example", "/a\r\nSet-Cookie: x", "/\tevil", "/ evil", "javascript:alert(1)",
                           "/caf\xc3\xa9", "?next=/"})
    CHECK_FALSE(is_local_path(path));
  CHECK_FALSE(is_local_path("/" + std::string(local_path_chars_max, 'a')));
  CHECK(local_path_or("//evil.example", "/billing") == "/billing");
  CHECK(local_path_or("/settings", "/billing") == "/settings");
}
