#include "orchestrator/app/preview_template.hpp"

#include <algorithm>

#include "values/lower_case.hpp"

namespace carillon::orchestrator {
namespace {

events::ClientState sample_client() {
  events::ClientState client;
  client.owner_name = "Ann Example";
  client.business_name = "Example Ltd";
  return client;
}

Result<TemplateVersion> compiled(const std::vector<TemplateBody>& bodies, const std::string& default_locale) {
  TemplateVersion version;
  version.default_locale = lower_case(default_locale);
  for (const TemplateBody& body : bodies) {
    auto one = CompiledBody::compile(body);
    if (!one) return one.error();
    version.bodies[lower_case(body.locale)] = std::move(*one);
  }
  return version;
}

std::vector<std::string> missing(const TemplateMeta& meta, const CompiledBody& body, const RenderData& data) {
  std::vector<std::string> names;
  const auto look = [&](const std::string& name) {
    if (name.starts_with("client.") || name == "unsubscribe_url" || name.find('.') != std::string::npos) return;
    if (!data.has(name) && std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  for (const std::string& name : meta.required_variables) look(name);
  for (const std::string& name : body.variables()) look(name);
  return names;
}

}  // namespace

Result<Preview> PreviewTemplate::operator()(const std::string& key, const PreviewOrder& order) const {
  auto catalog = facts_.templates.catalog();
  const Template* entry = catalog ? catalog->find(key) : nullptr;
  if (entry && order.version != 0 && !entry->versions.contains(order.version)) {
    facts_.templates.refresh(*pool_.take());
    catalog = facts_.templates.catalog();
    entry = catalog->find(key);
  }
  if (!entry) return Failure{"TEMPLATE_NOT_FOUND", "there is no such template; GET /api/admin/templates lists them"};
  const TemplateMeta& meta = entry->meta;
  Preview preview;
  TemplateVersion draft;
  const TemplateVersion* words = &draft;
  if (order.bodies.empty()) {
    preview.version = order.version == 0 ? entry->active_version : order.version;
    const auto stored = entry->versions.find(preview.version);
    if (stored == entry->versions.end())
      return Failure{"TEMPLATE_VERSION_NOT_FOUND",
                     "version: the template has no version " + std::to_string(preview.version)};
    words = &stored->second;
  } else {
    auto written = compiled(order.bodies, meta.default_locale);
    if (!written) return written.error();
    draft = std::move(*written);
    if (choose_body(draft, order.locale) == nullptr) draft.default_locale = lower_case(order.bodies.front().locale);
  }
  const CompiledBody* body = choose_body(*words, order.locale);
  if (!body) return Failure{"TEMPLATE_BROKEN", "text: no locale of this version can be used"};
  preview.locale = choose_locale(*words, order.locale);
  const events::ClientState client = sample_client();
  const RenderData data(order.variables.value_or(events::JsonObject{meta.sample_variables}), &client);
  preview.missing_variables = missing(meta, *body, data);
  const std::string link = meta.unsubscribable ? facts_.settings.public_url + "/unsubscribe/sample" : std::string();
  auto rendered = body->render(data, meta.channel, link);
  if (rendered) {
    preview.rendered = std::move(*rendered);
  } else {
    preview.problem = rendered.error().detail;
  }
  if (meta.channel == events::Channel::SMS) preview.sms = sms_segments(preview.rendered.text);
  return preview;
}

}  // namespace carillon::orchestrator
