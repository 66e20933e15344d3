#include "sandbox/adapters/inbox_view.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "sandbox/adapters/switches_view.hpp"
#include "sandbox/app/read_out.hpp"
#include "sandbox/core/form.hpp"
#include "sandbox/core/message_view.hpp"
#include "values/sms_segments.hpp"

namespace carillon::sandbox {
namespace {

using kainjow::mustache::data;
using List = kainjow::mustache::list;

constexpr std::size_t rows_max = 50;         // of the list on one page
constexpr std::size_t searched_max = 5'000;  // messages looked through for a search or a conversation
constexpr std::size_t bubbles_max = 20;
constexpr std::size_t preview_chars_max = 90;
constexpr std::size_t raw_shown_bytes_max = 64 * 1024;

std::uint64_t number_of(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() ? number : 0;
}

std::string encoded(std::string_view text) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '-' || c == '.' || c == '_') {
      out += c;
    } else {
      out.append({'%', digits[byte >> 4], digits[byte & 15]});
    }
  }
  return out;
}

std::string shortened(std::string text, std::size_t chars_max) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  if (text.size() <= chars_max) return text;
  std::size_t end = chars_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "…";
}

std::string clock_of(std::int64_t micros) {
  return to_rfc3339(from_unix_micros(micros)).substr(11, 8);
}

std::string segments_text(const std::string& text) {
  const SmsSegments segments = sms_segments(text);
  const char* encoding = segments.encoding == SmsEncoding::GSM_7 ? "GSM-7" : "UCS-2";
  return std::to_string(segments.segments) + (segments.segments == 1 ? " segment, " : " segments, ") +
         std::to_string(segments.units) + " units " + encoding;
}

bool is_sms(ProviderName provider) {
  return channel_of(provider) == "SMS";
}
bool is_email(ProviderName provider) {
  return channel_of(provider) == "EMAIL";
}

std::string channel_text(ProviderName provider) {
  if (is_sms(provider)) return "SMS";
  return is_email(provider) ? "E-mail" : "Slack";
}

std::string size_text(std::size_t bytes) {
  constexpr std::size_t kib = 1024;
  if (bytes < kib) return std::to_string(bytes) + (bytes == 1 ? " byte" : " bytes");
  if (bytes < kib * kib) return std::to_string((bytes + kib / 2) / kib) + " KiB";
  return std::to_string((bytes + kib * kib / 2) / (kib * kib)) + " MiB";
}

bool contains(std::string_view text, std::string_view part) {
  return std::search(text.begin(), text.end(), part.begin(), part.end(),
                     [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); }) != text.end();
}

struct Wanted {
  std::uint64_t id = 0, before = 0;
  std::string text, provider;
  std::string query() const {  // what links keep
    return (text.empty() ? "" : "&q=" + encoded(text)) + (provider.empty() ? "" : "&provider=" + provider);
  }
  bool fits(const MessageView& view) const {
    return text.empty() || contains(view.to, text) || contains(view.subject, text) || contains(view.text, text);
  }
};

data row_of(const MessageView& view, const Wanted& wanted) {
  data row;
  row.set("href", "/?id=" + std::to_string(view.id) +
                      (wanted.before == 0 ? "" : "&before=" + std::to_string(wanted.before)) + wanted.query() +
                      "#message");
  row.set("to", view.to);
  const std::string& title = is_email(view.provider) ? view.subject : view.text;
  row.set("title", title.empty() ? "(no subject)" : shortened(title, preview_chars_max));
  row.set("provider", std::string(to_string(view.provider)));
  row.set("kind", channel_text(view.provider));
  row.set("time", clock_of(view.received_at_us));
  row.set("exact", to_rfc3339(from_unix_micros(view.received_at_us)));
  row.set("selected", view.id == wanted.id);
  return row;
}

// Rows, newest first; sets `older` to the id to go on from, 0 when the list is at its end.
List rows_of(const Inbox& inbox, Wanted& wanted, std::uint64_t& older) {
  List rows;
  std::size_t searched = 0;
  for (auto message = inbox.messages().rbegin(); message != inbox.messages().rend(); ++message) {
    if (wanted.before != 0 && message->id >= wanted.before) continue;
    if (!wanted.provider.empty() && to_string(message->provider) != wanted.provider) continue;
    if (rows.size() == rows_max || ++searched > searched_max) {
      older = message->id + 1;
      break;
    }
    const MessageView view = view_of(*message);
    if (!wanted.fits(view)) continue;
    if (wanted.id == 0) wanted.id = view.id;
    rows.push_back(row_of(view, wanted));
  }
  return rows;
}

List bubbles_of(const Inbox& inbox, const MessageView& shown) {
  std::vector<MessageView> found{shown};
  std::size_t searched = 0;
  for (auto message = inbox.messages().rbegin();
       message != inbox.messages().rend() && found.size() < bubbles_max && searched < searched_max; ++message) {
    if (message->id >= shown.id || !is_sms(message->provider)) continue;
    ++searched;
    if (MessageView view = view_of(*message); view.to == shown.to) found.push_back(std::move(view));
  }
  List bubbles;
  for (auto view = found.rbegin(); view != found.rend(); ++view) {
    data bubble;
    bubble.set("text", view->text);
    bubble.set("time", clock_of(view->received_at_us));
    bubble.set("provider", std::string(to_string(view->provider)));
    bubble.set("segments", segments_text(view->text));
    bubble.set("shown", view->id == shown.id);
    bubbles.push_back(bubble);
  }
  return bubbles;
}

List attachments_list(const StoredMessage& stored) {
  List out;
  for (const FileView& file : attachments_of(stored)) {
    data row;
    row.set("name", file.file_name.empty() ? "(no name)" : file.file_name);
    row.set("type", file.content_type);
    row.set("size", size_text(file.content.size()));
    row.set("href", "/messages/" + std::to_string(stored.id) + "/attachments/" + std::to_string(out.size()));
    out.push_back(row);
  }
  return out;
}

List receipts_list(const StoredMessage& stored) {
  List out;
  for (const ReceiptNote& note : stored.receipts) {
    data row;
    const bool taken = note.status >= 200 && note.status < 300;
    row.set("kind", std::string(note.kind));
    row.set("time", clock_of(note.sent_at_us));
    row.set("failed", !taken);
    row.set("answer", note.status == 0 ? "no answer" : "answered " + std::to_string(note.status));
    out.push_back(row);
  }
  return out;
}

data message_of(const Inbox& inbox, const StoredMessage& stored) {
  const MessageView view = view_of(stored);
  data message;
  message.set("id", std::to_string(view.id));
  message.set("is_sms", is_sms(view.provider));
  message.set("is_email", is_email(view.provider));
  message.set("is_slack", channel_of(view.provider) == "SLACK");
  message.set("channel", channel_text(view.provider));
  const List attachments = attachments_list(stored);
  message.set("has_attachments", !attachments.empty());
  message.set("attachments", data(attachments));
  const List receipts = receipts_list(stored);
  message.set("has_receipts", !receipts.empty());
  message.set("receipts", data(receipts));
  message.set("subject", view.subject.empty() ? "(no subject)" : view.subject);
  message.set("from", view.from);
  message.set("to", view.to);
  message.set("provider", std::string(to_string(view.provider)));
  message.set("received_at", to_rfc3339(from_unix_micros(view.received_at_us)));
  message.set("message_id", view.message_id.empty() ? "(none given)" : view.message_id);
  message.set("attempt", std::to_string(view.attempt));
  message.set("template_key", view.template_key);
  message.set("has_template", !view.template_key.empty());
  message.set("has_html", !view.html.empty());
  message.set("text", view.text);
  message.set("has_text", !view.text.empty());
  if (is_sms(view.provider)) message.set("bubbles", data(bubbles_of(inbox, view)));
  List headers;
  for (const auto& [name, value] : view.headers) {
    data header;
    header.set("name", name);
    header.set("value", value);
    headers.push_back(header);
  }
  message.set("headers", data(headers));
  message.set("raw", stored.raw.substr(0, raw_shown_bytes_max));
  message.set("raw_cut", stored.raw.size() > raw_shown_bytes_max);
  return message;
}

}  // namespace

data inbox_view(const SandboxState& state, const HttpRequest& request) {
  Wanted wanted;
  wanted.id = number_of(form_value(request.query, "id"));
  wanted.before = number_of(form_value(request.query, "before"));
  wanted.text = form_value(request.query, "q");
  if (const std::string name = form_value(request.query, "provider"); provider_from(name)) wanted.provider = name;

  data view;
  std::uint64_t older = 0;
  const bool chosen = wanted.id != 0;
  const List rows = rows_of(state.inbox, wanted, older);
  view.set("rows", data(rows));
  view.set("has_rows", !rows.empty());
  view.set("searching", !wanted.text.empty() || !wanted.provider.empty());
  view.set("q", wanted.text);
  view.set("older", older != 0);
  view.set("older_href", "/?before=" + std::to_string(older) + wanted.query());
  view.set("not_newest", wanted.before != 0);
  view.set("newest_href", wanted.query().empty() ? "/" : "/?" + wanted.query().substr(1));
  view.set("total", std::to_string(state.inbox.messages().size()));
  view.set("one", state.inbox.messages().size() == 1);
  List filters;
  for (const ProviderName provider : providers_by_channel) {
    const std::string_view name = to_string(provider);
    data filter;
    filter.set("name", std::string(name));
    filter.set("selected", wanted.provider == name);
    filters.push_back(filter);
  }
  view.set("filters", data(filters));
  const StoredMessage* message = state.inbox.find(wanted.id);
  view.set("nothing_shown", message == nullptr);
  if (message != nullptr) view.set("message", message_of(state.inbox, *message));
  view.set("gone", chosen && message == nullptr);
  const std::string back = chosen ? "/?id=" + std::to_string(wanted.id) + wanted.query() : "/";
  view.set("providers", switches_view(state, back));
  view.set("any_failing", !state.faults.empty());
  return view;
}

}  // namespace carillon::sandbox
