#include "orchestrator/core/send_request.hpp"

#include <algorithm>

#include "attachments/limits.hpp"
#include "values/message_id.hpp"
#include "values/recipient.hpp"

namespace carillon::orchestrator {
namespace {

Failure invalid(std::string_view field, std::string_view what) {
  return {"INVALID_FIELD", std::string(field) + ": " + std::string(what)};
}

std::size_t characters(std::string_view utf8) {
  return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return is_upper(c) || (c >= 'a' && c <= 'z');
}

bool is_template_key(std::string_view key) {
  return !key.empty() && key.size() <= template_key_chars_max && is_upper(key.front()) &&
         std::all_of(key.begin(), key.end(), [](char c) { return is_upper(c) || is_digit(c) || c == '_'; });
}

bool is_client_id(std::string_view id) {
  return id.size() <= client_id_chars_max && std::all_of(id.begin(), id.end(), [](char c) {
           return is_letter(c) || is_digit(c) || std::string_view("-_.:").find(c) != std::string_view::npos;
         });
}

std::optional<Failure> bad_line(std::string_view field, std::string_view text, std::size_t chars_max) {
  if (!is_valid_utf8(text)) return invalid(field, "must be valid UTF-8");
  if (has_control_characters(text)) return invalid(field, "must not hold control characters");
  if (characters(text) > chars_max)
    return invalid(field, "must have at most " + std::to_string(chars_max) + " characters");
  return std::nullopt;
}

std::optional<Failure> bad_content(const events::SendRequest& request) {
  if (request.variables.text.size() > variables_bytes_max) {
    return invalid("variables", "must be at most " + std::to_string(variables_bytes_max / 1024) + " KiB");
  }
  if (!request.sealed.empty() && (!request.recipient.empty() || request.variables.text != "{}")) {
    return invalid("sealed", "can't stand beside recipient or variables");
  }
  if (!request.sealed.empty() && !is_uuid(request.message_id)) {
    return invalid("message_id", "must be the UUID that `sealed` was sealed with");
  }
  if (!request.recipient.empty() && !parse_email(request.recipient) && !parse_e164(request.recipient) &&
      !parse_webhook_url(request.recipient)) {
    return invalid(
        "recipient",
        "must be an e-mail address, a phone number in E.164 form (+441632960000) or an https:// webhook URL");
  }
  return std::nullopt;
}

std::optional<Failure> bad_attachments(const std::vector<std::string>& ids) {
  if (ids.size() > attachments::attachments_per_message_max)
    return invalid("attachments",
                   "must name at most " + std::to_string(attachments::attachments_per_message_max) + " files");
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const std::string field = "attachments[" + std::to_string(i) + "]";
    if (!is_uuid(ids[i])) return invalid(field, "must be the id of a file from POST /api/attachments");
    if (std::find(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(i), ids[i]) !=
        ids.begin() + static_cast<std::ptrdiff_t>(i))
      return invalid(field, "must not be named twice");
  }
  return std::nullopt;
}

std::optional<Failure> bad_times(const events::SendRequest& request) {
  if (!request.send_at) return std::nullopt;
  if (request.accepted_at && *request.send_at > *request.accepted_at + send_at_horizon)
    return invalid("send_at", "must be within " + std::to_string(send_at_horizon.count()) + " days");
  if (request.expires_at && *request.expires_at <= *request.send_at)
    return invalid("expires_at", "must be after send_at");
  return std::nullopt;
}

bool is_metadata_name(std::string_view name) {
  return !name.empty() && name.size() <= metadata_name_chars_max && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || is_digit(c) || c == '_';
  });
}

std::optional<Failure> bad_metadata(const std::map<std::string, std::string>& metadata) {
  if (metadata.size() > metadata_entries_max)
    return invalid("metadata", "must have at most " + std::to_string(metadata_entries_max) + " entries");
  for (const auto& [name, value] : metadata) {
    if (!is_metadata_name(name))
      return invalid("metadata", "names may hold lower-case letters, digits and _ only, at most " +
                                     std::to_string(metadata_name_chars_max));
    if (auto bad = bad_line("metadata." + name, value, metadata_value_chars_max)) return bad;
  }
  return std::nullopt;
}

}  // namespace

bool is_locale(std::string_view locale) {
  if (locale.size() > locale_chars_max || locale.size() < 2 || !is_letter(locale[0]) || !is_letter(locale[1]))
    return false;
  return std::all_of(locale.begin(), locale.end(),
                     [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '_'; }) &&
         locale.back() != '-' && locale.back() != '_';
}

std::optional<Failure> find_reserved_field(const events::SendRequest& request) {
  if (!is_test_send(request)) return std::nullopt;
  return invalid(std::string("metadata.") + test_send_mark, "is the platform's own; choose another name");
}

std::optional<Failure> find_invalid_field(const events::SendRequest& request) {
  if (!is_template_key(request.template_key)) {
    return invalid("template_key",
                   request.template_key.empty() ? "is required" : "must match [A-Z][A-Z0-9_]*, at most 64 characters");
  }
  if (request.idempotency_key.empty()) return invalid("idempotency_key", "must not be empty");
  if (request.source.empty()) return invalid("source", "must not be empty");
  if (auto bad = bad_line("idempotency_key", request.idempotency_key, idempotency_key_chars_max)) return bad;
  if (auto bad = bad_line("source", request.source, source_chars_max)) return bad;
  if (!is_client_id(request.client_id)) {
    return invalid("client_id",
                   "may hold letters, digits and -_.: only, at most " + std::to_string(client_id_chars_max));
  }
  if (!request.locale.empty() && !is_locale(request.locale))
    return invalid("locale", "must be a language tag such as en or de-AT");
  if (request.template_version < 0) return invalid("template_version", "must not be negative");
  if (request.min_client_version < 0) return invalid("min_client_version", "must not be negative");
  if (request.context) {
    if (auto bad = bad_line("context.requested_by", request.context->requested_by, context_chars_max)) return bad;
    if (auto bad = bad_line("context.reason", request.context->reason, context_chars_max)) return bad;
  }
  if (auto bad = bad_times(request)) return bad;
  if (auto bad = bad_attachments(request.attachments)) return bad;
  if (auto bad = bad_metadata(request.metadata)) return bad;
  return bad_content(request);
}

bool has_secret_recipient(const events::SendRequest& request) {
  return request.recipient.find("://") != std::string::npos && parse_webhook_url(request.recipient);
}

std::string_view failed_field(const Failure& failure) {
  const std::string_view detail = failure.detail;
  return detail.substr(0, std::min(detail.find(": "), detail.size()));
}

}  // namespace carillon::orchestrator
