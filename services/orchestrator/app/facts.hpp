// Where decisions look things up. Everything is borrowed, outlives its users and is thread-safe.
#pragma once
#include "orchestrator/app/client_directory.hpp"
#include "orchestrator/app/outbound_limits.hpp"
#include "orchestrator/app/provider_directory.hpp"
#include "orchestrator/app/template_store.hpp"
#include "orchestrator/settings.hpp"
#include "security/seal.hpp"

namespace carillon::orchestrator {

struct Facts {
  const OrchestratorSettings& settings;
  TemplateStore& templates;
  const ClientDirectory& clients;
  const ProviderDirectory& providers;
  const OutboundLimits& limits;
  const security::Sealer& sealer;
};

// The template that `meta` is paired with (one mail per address), or nullptr.
inline const TemplateMeta* paired_with(const TemplateCatalog& catalog, const TemplateMeta& meta) {
  const Template* paired = meta.paired_with.empty() ? nullptr : catalog.find(meta.paired_with);
  return paired ? &paired->meta : nullptr;
}

}  // namespace carillon::orchestrator
