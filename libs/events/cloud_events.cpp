#include "events/cloud_events.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "events/json_document.hpp"
#include "values/hex.hpp"
#include "values/lower_case.hpp"
#include "values/recipient.hpp"

namespace carillon::events {
namespace {

using json::Value;

constexpr std::string_view spec_version = "1.0";
constexpr std::size_t own_headers_bytes = 320;  // the seven of our own events
constexpr std::size_t attribute_bytes_max = 1024;
constexpr std::size_t traceparent_chars = 55;  // W3C Trace Context, version 00

Failure refused(std::string detail) {
  return {"INVALID_CLOUD_EVENT", std::move(detail)};
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return lower(x) == lower(y);
  });
}

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && equal_ignoring_case(text.substr(0, prefix.size()), prefix);
}

bool is_json_media_type(std::string_view content_type) {
  std::string_view type = content_type.substr(0, content_type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  constexpr std::string_view suffix = "+json";
  return equal_ignoring_case(type, "application/json") || equal_ignoring_case(type, "text/json") ||
         (type.size() > suffix.size() && equal_ignoring_case(type.substr(type.size() - suffix.size()), suffix));
}

// CloudEvents HTTP protocol binding, 3.1.3.2; what is no escape stays as it is.
std::string percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && text.size() - i > 2 && hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0) {
      decoded += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

// A trace that can't be followed is dropped, as W3C Trace Context asks; it never makes an event invalid.
std::string traceparent_or_empty(std::string value) {
  const bool well_formed =
      value.size() == traceparent_chars && value[2] == '-' && value[35] == '-' && value[52] == '-' &&
      std::ranges::all_of(value, [](char c) { return c == '-' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
  return well_formed ? value : std::string();
}

struct Attributes {
  CloudEvent event;
  std::string spec_version;

  std::string* find(std::string_view name) {
    if (name == "specversion") return &spec_version;
    if (name == "id") return &event.id;
    if (name == "source") return &event.source;
    if (name == "type") return &event.type;
    if (name == "time") return &event.time;
    if (name == "subject") return &event.subject;
    if (name == "traceparent") return &event.traceparent;
    return nullptr;
  }
};

std::optional<Failure> objection(Attributes& attributes) {
  constexpr std::array<std::string_view, 7> names{"specversion", "id",      "source",     "type",
                                                  "time",        "subject", "traceparent"};
  for (const std::string_view name : names) {
    const std::string& value = *attributes.find(name);
    const bool required = name == "specversion" || name == "id" || name == "source" || name == "type";
    if (required && value.empty()) return refused(std::string(name) + ": missing");
    if (value.size() > attribute_bytes_max) return refused(std::string(name) + ": longer than 1024 bytes");
    if (has_control_characters(value) || !is_valid_utf8(value)) {
      return refused(std::string(name) + ": has a control character or is not valid UTF-8");
    }
  }
  if (attributes.spec_version != spec_version) return refused("specversion: must be 1.0");
  if (!attributes.event.time.empty() && !from_rfc3339(attributes.event.time)) {
    return refused("time: must be a time such as \"2026-01-31T23:59:59Z\"");
  }
  attributes.event.traceparent = traceparent_or_empty(std::move(attributes.event.traceparent));
  attributes.event.has_attributes = true;
  return std::nullopt;
}

bool begins_like_an_object(std::string_view value) {
  const std::size_t first = value.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && value[first] == '{';
}

Result<CloudEvent> read_structured(std::string_view value) {
  const json::JsonReader reader(value, json::depth_max + 1);  // the envelope is a level of its own
  if (!reader.ok()) return refused(reader.failure().detail);
  if (!reader.root().IsObject()) return refused("must be a JSON object");
  Attributes attributes;
  for (const auto& member : reader.root().GetObject()) {
    const std::string_view name = json::view(member.name);
    if (name == "data_base64") return refused("data_base64: not supported; send the JSON in data");
    if (name == "datacontenttype" && member.value.IsString() && !is_json_media_type(json::view(member.value))) {
      return refused("datacontenttype: must be application/json");
    }
    if (name == "data") {
      json::Fault fault;
      if (!attributes.event.data.empty()) return refused("data: appears twice");
      if (!member.value.IsObject()) return refused("data: must be a JSON object");
      if (!json::append_value(attributes.event.data, member.value, reader.has_escapes(), fault)) {
        fault.inside_member(name);
        return refused(fault.failure().detail);
      }
    }
    std::string* attribute = attributes.find(name);
    if (attribute == nullptr || member.value.IsNull()) continue;
    if (!member.value.IsString()) return refused(std::string(name) + ": must be text");
    if (!attribute->empty()) return refused(std::string(name) + ": appears twice");
    *attribute = json::view(member.value);
  }
  if (attributes.event.data.empty()) return refused("data: missing");
  if (std::optional<Failure> failure = objection(attributes)) return std::move(*failure);
  return std::move(attributes.event);
}

// The CloudEvents SDK for Python labels structured events with the media type of their data.
bool is_unlabelled_structured(std::string_view value) {
  const json::JsonReader reader(value, json::depth_max + 1);
  return reader.ok() && reader.root().IsObject() && reader.root().HasMember("specversion");
}

// The attribute a header carries: "ce_id" (Kafka), "ce-id" (HTTP), "traceparent"; empty for other headers.
std::string_view attribute_of(std::string_view header) {
  constexpr std::size_t prefix_chars = 3;
  if (equal_ignoring_case(header, "traceparent")) return header;
  const bool prefixed = starts_with_ignoring_case(header, "ce_") || starts_with_ignoring_case(header, "ce-");
  return prefixed ? header.substr(prefix_chars) : std::string_view();
}

}  // namespace

Headers binary_headers(std::string_view type, std::string_view source, std::string_view id, UtcTime now,
                       std::string_view traceparent) {
  Headers headers;
  headers.reserve_bytes(own_headers_bytes);
  headers.emplace_back("ce_specversion", spec_version);
  headers.emplace_back("ce_id", id);
  headers.emplace_back("ce_source", source);
  headers.emplace_back("ce_type", type);
  headers.emplace_back("ce_time", to_rfc3339(now));
  headers.emplace_back("content-type", "application/json");
  if (!traceparent.empty()) headers.emplace_back("traceparent", traceparent);
  return headers;
}

Result<CloudEvent> read_cloud_event(const Headers& headers, std::string_view value) {
  Attributes attributes;
  bool has_attributes = false;
  std::string_view content_type = "application/json";
  for (const auto& [header, text] : headers) {
    if (equal_ignoring_case(header, "content-type")) content_type = text;
    const std::string_view name = attribute_of(header);
    if (name.empty()) continue;
    has_attributes = has_attributes || name.size() != header.size();
    std::string* attribute = attributes.find(lower_case(name));
    if (attribute != nullptr && attribute->empty())
      *attribute = header[2] == '-' ? percent_decoded(text) : std::string(text);
  }
  if (starts_with_ignoring_case(content_type, "application/cloudevents-batch")) {
    return refused("content-type: batches are not supported; send one event at a time");
  }
  if (starts_with_ignoring_case(content_type, "application/cloudevents")) {
    if (!is_json_media_type(content_type)) return refused("content-type: must be application/cloudevents+json");
    return read_structured(value);
  }
  if (!is_json_media_type(content_type)) return refused("content-type: must be application/json");
  if (!begins_like_an_object(value)) return refused("data: must be a JSON object");
  if (has_attributes) {
    if (std::optional<Failure> failure = objection(attributes)) return std::move(*failure);
  } else if (is_unlabelled_structured(value)) {
    return read_structured(value);
  } else {
    attributes.event.traceparent = traceparent_or_empty(std::move(attributes.event.traceparent));
  }
  attributes.event.data = value;
  return std::move(attributes.event);
}

}  // namespace carillon::events
