#include "orchestrator/app/template_seeds.hpp"

#include <sstream>
#include <stdexcept>
#include <string_view>

#include "events/events.hpp"
#include "orchestrator/core/render.hpp"
#include "orchestrator_templates_web.hpp"
#include "security/digest.hpp"

namespace carillon::orchestrator {
namespace {

constexpr std::string_view layout_folder = "_layout/";
constexpr std::string_view layout_path = "_layout/html.mustache";
constexpr std::string_view layout_slot = "{{{content}}}";
// The foot of mail that recipients may unsubscribe from, below the words of each locale.
constexpr std::string_view unsubscribe_html_path = "_layout/unsubscribe.html.mustache";
constexpr std::string_view unsubscribe_text_path = "_layout/unsubscribe.text.mustache";

std::string without_last_line_breaks(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  return std::string(text);
}

// KEY → file below KEY/ → bytes
using Files = std::map<std::string, std::map<std::string, std::string>>;

Files embedded_files() {
  Files files;
  for (const auto& file : orchestrator_templates::files) {
    const auto slash = file.path.find('/');
    if (slash == std::string_view::npos || file.path.starts_with(layout_folder)) continue;
    files[std::string(file.path.substr(0, slash))][std::string(file.path.substr(slash + 1))] =
        without_last_line_breaks(file.bytes);
  }
  return files;
}

std::string layout_file(std::string_view path) {
  for (const auto& file : orchestrator_templates::files) {
    if (file.path == path) return without_last_line_breaks(file.bytes);
  }
  throw std::runtime_error("templates/" + std::string(path) + " is missing");
}

std::string in_layout(const std::string& content, const std::string& locale) {
  std::string layout = layout_file(layout_path);
  const auto put = [&layout](std::string_view slot, const std::string& value) {
    const auto at = layout.find(slot);
    if (at == std::string::npos) throw std::runtime_error("templates/_layout/html.mustache lacks " + std::string(slot));
    layout.replace(at, slot.size(), value);
  };
  put("{{{locale}}}", locale);
  put(layout_slot, content);
  return layout;
}

TemplateSeed read_seed(const std::string& key, const std::map<std::string, std::string>& files) {
  const auto meta_file = files.find("meta.json");
  if (meta_file == files.end()) throw std::runtime_error("templates/" + key + " lacks meta.json");
  auto meta = read_template_meta(key, meta_file->second);
  if (!meta) throw std::runtime_error("templates/" + meta.error().detail);
  TemplateSeed seed{std::move(*meta), meta_file->second, {}, {}};
  std::map<std::string, TemplateBody> bodies;
  for (const auto& [path, bytes] : files) {
    const auto slash = path.find('/');
    if (slash == std::string::npos) continue;
    const std::string locale = path.substr(0, slash);
    const std::string part = path.substr(slash + 1);
    TemplateBody& body = bodies[locale];
    body.locale = locale;
    if (part == "subject.mustache") body.subject = bytes;
    const auto with_foot = [&](std::string_view foot) {
      return seed.meta.unsubscribable ? bytes + '\n' + layout_file(foot) : bytes;
    };
    if (part == "text.mustache") body.text = with_foot(unsubscribe_text_path);
    if (part == "html.mustache") body.html = in_layout(with_foot(unsubscribe_html_path), locale);
  }
  std::string all = seed.meta_json;
  for (auto& [locale, body] : bodies) {
    const auto compiled = CompiledBody::compile(body);
    if (!compiled) throw std::runtime_error("templates/" + key + "/" + locale + ": " + compiled.error().detail);
    for (const std::string* part : {&body.locale, &body.subject, &body.text, &body.html}) all += '\0' + *part;
    seed.bodies.push_back(std::move(body));
  }
  seed.hash = security::sha256(all);
  return seed;
}

std::string gates_of(const TemplateMeta& meta) {
  std::string gates;
  const auto add = [&gates](const std::string& gate) { gates += (gates.empty() ? "" : ", ") + gate; };
  if (!meta.active) add("inactive");
  if (meta.client_required) add("client");
  if (meta.requires_provisioned) add("provisioned");
  if (meta.requires_active_subscription) add("subscription");
  if (!meta.plan_required_feature_key.empty()) add("plan:" + meta.plan_required_feature_key);
  return gates.empty() ? "–" : gates;
}

std::string window_of(const TemplateMeta& meta) {
  if (meta.rate_limit_window.count() == 0) return "–";
  return std::to_string(meta.rate_limit_window.count()) + " s" +
         (meta.rate_limit_key_variable.empty() ? "" : " by " + meta.rate_limit_key_variable);
}

}  // namespace

const std::vector<TemplateSeed>& template_seeds() {
  static const std::vector<TemplateSeed> seeds = [] {
    std::vector<TemplateSeed> read;
    for (const auto& [key, files] : embedded_files()) read.push_back(read_seed(key, files));
    return read;
  }();
  return seeds;
}

std::string template_matrix_markdown() {
  std::ostringstream out;
  out << "# Templates\n\nGenerated from `services/orchestrator/templates`; a test compares. Gates: what must be true "
         "of the client; "
         "window: one message per client and window; unsubscribe: the category that recipients may unsubscribe "
         "from.\n\n"
         "| key | channel | audience | gates | window | priority | UNCONFIRMED | sensitive | unsubscribe | recipient | "
         "locales | required variables |\n"
         "|---|---|---|---|---|---|---|---|---|---|---|---|\n";
  for (const TemplateSeed& seed : template_seeds()) {
    const TemplateMeta& m = seed.meta;
    std::string locales, variables;
    for (const auto& body : seed.bodies) locales += (locales.empty() ? "" : ", ") + body.locale;
    for (const auto& name : m.required_variables) variables += (variables.empty() ? "" : ", ") + name;
    const char* recipient = m.audience != events::Audience::CLIENT ? "staff"
                            : m.explicit_recipient                 ? "request or client"
                                                                   : "client";
    out << "| " << m.key << (m.alias.empty() ? "" : " (" + m.alias + ")") << " | " << events::enum_name(m.channel)
        << " | " << events::enum_name(m.audience) << " | " << gates_of(m) << " | " << window_of(m) << " | "
        << events::enum_name(m.priority) << " | " << events::enum_name(m.unconfirmed_policy) << " | "
        << (m.rests_sealed() ? "yes" : "no") << " | " << (m.unsubscribable ? m.category : "–") << " | " << recipient
        << " | " << locales << " | " << (variables.empty() ? "–" : variables) << " |\n";
  }
  return out.str();
}

std::string send_inventory_markdown() {
  std::ostringstream out;
  out << "# What is sent, and by whom\n\nGenerated from the members `flow` and `service` of each `meta.json`; a test "
         "compares.\n\n"
         "| flow | key | channel | service | file |\n|---|---|---|---|---|\n";
  std::map<std::pair<std::string, std::string>, const TemplateSeed*> by_flow;
  for (const TemplateSeed& seed : template_seeds()) by_flow[{seed.meta.flow, seed.meta.key}] = &seed;
  for (const auto& [place, seed] : by_flow) {
    out << "| " << place.first << " | " << place.second << " | " << events::enum_name(seed->meta.channel) << " | "
        << seed->meta.service << " | services/orchestrator/templates/" << place.second << "/meta.json |\n";
  }
  return out.str();
}

}  // namespace carillon::orchestrator
