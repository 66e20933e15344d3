#include "orchestrator/core/attachment_rules.hpp"

#include <catch2/catch.hpp>

#include "attachments/limits.hpp"

using namespace carillon;
using namespace carillon::orchestrator;

namespace {

const std::string first = "019c1699-7f98-7000-8000-0000000000a1", second = "019c1699-7f98-7000-8000-0000000000a2";

StoredFile file(const std::string& id, std::int32_t bytes, const std::string& owner = "api:shop") {
  StoredFile stored;
  stored.owner = owner;
  stored.ref = {id, "a.pdf", "application/pdf", bytes, "ab"};
  return stored;
}

std::string name_error(const std::string& name) {
  const auto read = read_file_name({{"file_name", name}});
  return read ? "" : read.error().code + " " + read.error().detail.substr(0, 10);
}

std::string type_of(const std::string& header) {
  const auto read = read_content_type(header);
  return read ? *read : read.error().code;
}

}  // namespace

TEST_CASE("attachments: a file name is a name, not a path, a header or nothing") {
  for (const std::string& good : {std::string("invoice.pdf"), std::string("Rechnung März 2026.pdf"),
                                  std::string("請求書"), std::string(".hidden"), std::string(200, 'x')})
    CHECK(*read_file_name({{"file_name", good}}) == good);
  for (const std::string& bad :
       {std::string(), std::string("a/b"), std::string("..\\b"), std::string(".."), std::string(". ."),
        std::string("a\r\nBcc: x"), std::string("a\0b", 3), std::string("\xff"), std::string(201, 'x')}) {
    INFO(bad);
    CHECK(name_error(bad) == "INVALID_FIELD file_name:");
  }
  CHECK_FALSE(read_file_name({}));
  CHECK_FALSE(read_file_name({{"file_name", "a"}, {"name", "b"}}));
}

TEST_CASE("attachments: the content type is type/subtype without parameters, and no form") {
  CHECK(type_of("application/pdf") == "application/pdf");
  CHECK(type_of("Text/Plain; charset=utf-8") == "text/plain");
  CHECK(type_of("application/vnd.openxmlformats-officedocument.wordprocessingml.document").size() == 71);
  CHECK(type_of("image/svg+xml ;x") == "image/svg+xml");
  for (const std::string& bad :
       {std::string(), std::string("pdf"), std::string("/pdf"), std::string("application/"), std::string("a b/c"),
        std::string("multipart/form-data; boundary=x"), std::string("application/x/y"), std::string("a/\"b\""),
        "application/" + std::string(128, 'x')})
    CHECK(type_of(bad) == "UNSUPPORTED_MEDIA_TYPE");
}

TEST_CASE("attachments: only e-mail that isn't sealed and whose template isn't sensitive carries files") {
  events::SendRequest request;
  TemplateMeta meta;
  meta.channel = events::Channel::SMS;
  CHECK_FALSE(attachments_not_allowed(request, &meta, false));
  request.attachments = {first};
  CHECK_FALSE(attachments_not_allowed(request, nullptr, false));
  REQUIRE(attachments_not_allowed(request, &meta, false));
  CHECK(attachments_not_allowed(request, &meta, false)->reason == "ATTACHMENTS_NOT_ALLOWED");
  CHECK(attachments_not_allowed(request, &meta, false)->status == events::Status::BLOCKED_INVALID_REQUEST);
  meta.channel = events::Channel::EMAIL;
  CHECK_FALSE(attachments_not_allowed(request, &meta, false));
  CHECK(attachments_not_allowed(request, &meta, true)->reason == "ATTACHMENTS_NOT_ALLOWED");
  meta.sensitive = true;
  CHECK(attachments_not_allowed(request, &meta, false)->reason == "ATTACHMENTS_NOT_ALLOWED");
}

TEST_CASE("attachments: files are chosen in the request's order, an unknown one is named") {
  const StoredFiles known{{first, file(first, 1)}, {second, file(second, 2)}};
  const auto both = choose_files({second, first}, "api:shop", known);
  REQUIRE(both.files.size() == 2);
  CHECK_FALSE(both.refusal);
  CHECK(both.files[0].attachment_id == second);
  CHECK(both.files[0].bytes == 2);
  CHECK(choose_files({}, "api:shop", known).files.empty());
  const auto unknown = choose_files({first, second}, "api:shop", {{first, file(first, 1)}});
  REQUIRE(unknown.refusal);
  CHECK(unknown.files.empty());
  CHECK(unknown.refusal->reason == "ATTACHMENT_UNKNOWN");
  CHECK(unknown.refusal->detail == "attachments: " + second + " is not known, or no longer");
}

TEST_CASE("attachments: another key's owner can't name a file, a producer on the topic can") {
  const StoredFiles known{{first, file(first, 1)}};
  CHECK(choose_files({first}, "api:other", known).refusal->reason == "ATTACHMENT_UNKNOWN");
  CHECK_FALSE(choose_files({first}, "billing-ingest", known).refusal);
}

TEST_CASE("attachments: together they have the size of one") {
  const auto max = static_cast<std::int32_t>(attachments::attachment_bytes_max);
  const StoredFiles known{{first, file(first, max)}, {second, file(second, 1)}};
  CHECK_FALSE(choose_files({first}, "api:shop", known).refusal);
  CHECK(choose_files({first, second}, "api:shop", known).refusal->reason == "ATTACHMENTS_TOO_LARGE");
}
