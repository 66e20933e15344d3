#include "orchestrator/core/attachment_rules.hpp"

#include <algorithm>

#include "attachments/limits.hpp"
#include "values/recipient.hpp"

namespace carillon::orchestrator {
namespace {

constexpr std::string_view http_source = "api:";

Failure bad_name(std::string_view what) {
  return {"INVALID_FIELD", "file_name: " + std::string(what)};
}

Failure bad_type(std::string_view what) {
  return {"UNSUPPORTED_MEDIA_TYPE", "Content-Type: " + std::string(what)};
}

// RFC 6838, 4.2: restricted-name.
bool is_type_part(std::string_view part) {
  const auto is_alphanumeric = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !part.empty() && part.size() <= content_type_part_chars_max && is_alphanumeric(part.front()) &&
         std::all_of(part.begin(), part.end(), [&](char c) {
           return is_alphanumeric(c) || std::string_view("!#$&-^_.+").find(c) != std::string_view::npos;
         });
}

Refusal refuse(std::string reason, std::string what) {
  return {events::Status::BLOCKED_INVALID_REQUEST, std::move(reason), "attachments: " + std::move(what)};
}

}  // namespace

Result<std::string> read_file_name(const std::map<std::string, std::string>& query) {
  for (const auto& [name, value] : query) {
    if (name != "file_name") return Failure{"INVALID_FIELD", "query: unknown parameter; there is file_name"};
  }
  const auto found = query.find("file_name");
  if (found == query.end() || found->second.empty()) return bad_name("is required, as in ?file_name=invoice.pdf");
  const std::string& name = found->second;
  if (name.size() > file_name_bytes_max)
    return bad_name("must have at most " + std::to_string(file_name_bytes_max) + " bytes");
  if (!is_valid_utf8(name) || has_control_characters(name)) return bad_name("must be UTF-8 without control characters");
  if (name.find_first_of("/\\") != std::string::npos) return bad_name("must be a name, not a path");
  if (name.find_first_not_of(". ") == std::string::npos) return bad_name("must be more than dots and spaces");
  return name;
}

Result<std::string> read_content_type(std::string_view header) {
  std::string type(header.substr(0, header.find(';')));
  while (!type.empty() && (type.back() == ' ' || type.back() == '\t')) type.pop_back();
  std::transform(type.begin(), type.end(), type.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  if (type.empty()) return bad_type("is required: the file's own, as in application/pdf");
  const std::string_view whole = type;
  const auto slash = whole.find('/');
  if (slash == std::string_view::npos || !is_type_part(whole.substr(0, slash)) ||
      !is_type_part(whole.substr(slash + 1)))
    return bad_type("must be type/subtype, as in application/pdf");
  if (whole.substr(0, slash) == "multipart") return bad_type("send the file itself as the body, not a form around it");
  return type;
}

std::optional<Refusal> attachments_not_allowed(const events::SendRequest& request, const TemplateMeta* meta,
                                               bool sealed) {
  if (request.attachments.empty() || !meta) return std::nullopt;
  if (meta->channel != events::Channel::EMAIL) return refuse("ATTACHMENTS_NOT_ALLOWED", "only e-mail carries files");
  if (sealed || meta->sensitive)
    return refuse("ATTACHMENTS_NOT_ALLOWED", "sealed messages and those of a sensitive template carry none");
  return std::nullopt;
}

ChosenFiles choose_files(const std::vector<std::string>& ids, std::string_view source, const StoredFiles& known) {
  ChosenFiles chosen;
  std::int64_t bytes = 0;
  for (const std::string& id : ids) {
    const auto file = known.find(id);
    const bool may_name = file != known.end() && (!source.starts_with(http_source) || file->second.owner == source);
    if (!may_name) return {{}, refuse("ATTACHMENT_UNKNOWN", id + " is not known, or no longer")};
    bytes += file->second.ref.bytes;
    chosen.files.push_back(file->second.ref);
  }
  if (bytes > static_cast<std::int64_t>(attachments::attachment_bytes_max))
    return {{}, refuse("ATTACHMENTS_TOO_LARGE", "together they must be at most 7 MiB")};
  return chosen;
}

}  // namespace carillon::orchestrator
